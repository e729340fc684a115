/**
 * The protocol as a person at a terminal sees it: what they may type, what they may read next, and when the server owes
 * them an answer.
 *
 * Owns: the judgement of transcripts. Written from docs/protocol.md and not from the session chart, so that a fault in
 * that chart can't excuse itself. Knows nothing of commands, verdicts or directories; any server's transcript will do.
 * A sentence that the present state has no transition for is forbidden there; in a state tagged `replyPending` the server still
 * has something to say before it may fall silent. Next: `src/protocol/sentences.ts` turns text into these events.
 */
import { assertEvent, assign, setup } from 'xstate';

/** What a person does and reads; `read.*` are the sentences of docs/protocol.md. */
export type DialogueEvent =
  | { type: 'line.typed'; text: string }
  | { type: 'read.idPrompt' | 'read.idRules' | 'read.idTaken' | 'read.menu' | 'read.invalidOption' }
  | { type: 'read.targetPrompt' | 'read.stillWaiting' | 'read.denied' | 'read.expired' | 'read.youWithdrew' }
  | { type: 'read.youLeftChat' | 'read.roomJoined' | 'read.youLeftRoom' | 'read.farewell' | 'read.lineRefused' }
  | { type: 'read.evicted' | 'read.removed' | 'read.closing' | 'read.fault' | 'read.limit' | 'read.operator' }
  | { type: 'read.idUnchecked' | 'read.linesMissing' | 'read.howToLeave' | 'read.wrongPassword' }
  | { type: 'read.refused'; reason: 'unknown' | 'busy' | 'self' | 'gone' | 'tooOften' | 'unavailable' }
  | { type: 'read.userRow'; id: string; state: string; isSelf: boolean }
  | { type: 'read.roomCount'; count: number }
  | { type: 'read.proofPrompt'; id: string }
  | { type: 'read.question' | 'read.askerWithdrew' | 'read.chatStarted' | 'read.partnerLeft'; id: string }
  | { type: 'read.howToAnswer' | 'read.neverHint'; id: string }
  | { type: 'read.chatResumed' | 'read.partnerAway' | 'read.partnerBack'; id: string }
  | {
      type: 'read.joinedServer' | 'read.disconnected' | 'read.joinedRoom' | 'read.leftRoom' | 'read.recalled';
      id: string;
    }
  | { type: 'read.line'; id: string; text: string };

export interface DialogueContext {
  /** The id the person gave last; theirs once they read the menu. */
  id: string;
  /** Whom they ask, are asked by or chat with; empty for nobody. */
  partner: string;
}

/** What was typed. Only transitions of `line.typed` ask. */
function typed(event: DialogueEvent): string {
  assertEvent(event, 'line.typed');
  return event.text.trim();
}

type AboutUser = Extract<DialogueEvent, { id: string }>['type'];

/** The sentences that name a user. */
const aboutUser: readonly AboutUser[] = [
  ...(['read.userRow', 'read.question', 'read.askerWithdrew', 'read.chatStarted', 'read.partnerLeft'] as const),
  ...(['read.joinedServer', 'read.disconnected', 'read.joinedRoom', 'read.leftRoom', 'read.recalled'] as const),
  ...(['read.howToAnswer', 'read.neverHint', 'read.line', 'read.proofPrompt'] as const),
  ...(['read.chatResumed', 'read.partnerAway', 'read.partnerBack'] as const),
];

/** The user whom a sentence names. Only transitions of sentences that name one ask. */
function named(event: DialogueEvent): string {
  assertEvent(event, aboutUser);
  return event.id;
}

/** The words that docs/protocol.md reserves. */
const reserved = [
  'server|system|menu|lobby|room|admin|administrator|root|operator|moderator|host|everyone|all|you|me|help',
  'null|undefined|constructor|[1-4]|y|n|yes|no',
].join('|');

/** What a typed line looks like without the blanks around it, by the guard that asks: data, so that a browser can have it. */
export const linePatterns = {
  isId: new RegExp(`^(?!(?:${reserved})$)[a-z0-9][a-z0-9._-]{0,31}$`, 'i'),
  is1: /^1$/,
  is2: /^2$/,
  is3: /^3$/,
  is4: /^4$/,
  isYes: /^y(?:es)?$/i,
  isNo: /^no?$/i,
  isNever: /^never$/i,
  isExit: /^exit\s*\(\s*\)$/i,
} as const;

export const protocolMachine = setup({
  types: {
    context: {} as DialogueContext,
    events: {} as DialogueEvent,
    tags: {} as 'replyPending' | 'free' | 'busy' | 'secret',
  },
  guards: {
    isId: ({ event }) => linePatterns.isId.test(typed(event)),
    is1: ({ event }) => linePatterns.is1.test(typed(event)),
    is2: ({ event }) => linePatterns.is2.test(typed(event)),
    is3: ({ event }) => linePatterns.is3.test(typed(event)),
    is4: ({ event }) => linePatterns.is4.test(typed(event)),
    isYes: ({ event }) => linePatterns.isYes.test(typed(event)),
    isNo: ({ event }) => linePatterns.isNo.test(typed(event)),
    isNever: ({ event }) => linePatterns.isNever.test(typed(event)),
    isExit: ({ event }) => linePatterns.isExit.test(typed(event)),
    isPartner: ({ context, event }) => named(event).toLowerCase() === context.partner.toLowerCase(),
    isMine: ({ context, event }) => named(event).toLowerCase() === context.id.toLowerCase(),
    isOther: ({ context, event }) => named(event) !== context.id,
    isMyRow: ({ context, event }) => {
      assertEvent(event, 'read.userRow');
      return event.isSelf === (event.id === context.id);
    },
  },
  actions: {
    keepId: assign({ id: ({ event }) => typed(event) }),
    keepTarget: assign({ partner: ({ event }) => typed(event) }),
    keepAsker: assign({ partner: ({ event }) => named(event) }),
    dropPartner: assign({ partner: '' }),
  },
}).createMachine({
  id: 'protocol',
  description: 'What a person may read, and what the server owes them.',
  context: { id: '', partner: '' },
  initial: 'connected',
  on: {
    'read.closing': '.over',
    'read.evicted': '.over',
    'read.removed': '.over',
    'read.fault': '.over',
    'read.limit': '.over',
    'read.operator': { description: 'The operator says something to everybody; the prompt comes again.' },
    'read.lineRefused': { description: 'A line that was too long or no text; the prompt comes again.' },
  },
  states: {
    connected: {
      description: 'Has just connected, or gave an id that is none: the prompt is due.',
      tags: 'replyPending',
      on: { 'read.idPrompt': 'identifying' },
    },
    identifying: {
      description: 'Reads the prompt for an id.',
      on: { 'line.typed': [{ guard: 'isId', target: 'claiming', actions: 'keepId' }, { target: 'notAnId' }] },
    },
    notAnId: {
      description: 'Gave an id that is not acceptable: the rules are due, then the prompt.',
      tags: 'replyPending',
      on: { 'read.idRules': 'connected' },
    },
    claiming: {
      description: 'Gave an id: the menu is due, or that another user has it.',
      tags: 'replyPending',
      on: {
        'read.menu': 'menu',
        'read.idTaken': 'identifying',
        'read.idUnchecked': { target: 'connected', description: 'Nobody can say whether it is free: asked again.' },
        'read.proofPrompt': { guard: 'isMine', target: 'proving', description: 'Only its password gets this id.' },
        'read.chatResumed': { target: 'chatting', actions: 'keepAsker', description: 'By a certificate, from away.' },
      },
    },
    proved: {
      description: 'Typed a password: the menu is due, or that it was wrong.',
      tags: 'replyPending',
      on: {
        'read.menu': 'menu',
        'read.chatResumed': { target: 'chatting', actions: 'keepAsker', description: 'Was away from this chat.' },
        'read.wrongPassword': 'connected',
        'read.idTaken': { target: 'identifying', description: 'The operator has banned the id meanwhile.' },
        'read.idUnchecked': { target: 'connected', description: 'As above.' },
      },
    },
    proving: {
      description: 'Is asked for the password of the id.',
      tags: 'secret',
      on: { 'line.typed': 'proved' },
    },
    menu: {
      description: 'Has read the menu, is free, and reads who comes and goes.',
      tags: 'free',
      on: {
        'line.typed': [
          { guard: 'is1', target: 'choseConnect' },
          { guard: 'is2', target: 'choseQuit' },
          { guard: 'is3', target: 'choseRoom' },
          { guard: 'is4', target: 'choseList' },
          { target: 'choseNothing' },
        ],
        'read.question': { guard: 'isOther', target: 'asked', actions: 'keepAsker' },
        'read.joinedServer': { guard: 'isOther' },
        'read.disconnected': { guard: 'isOther' },
      },
    },
    choseConnect: {
      description: 'Another user may have asked at the same moment, and may even have given up since.',
      tags: 'replyPending',
      on: {
        'read.targetPrompt': 'naming',
        'read.question': { guard: 'isOther', target: 'asked', actions: 'keepAsker' },
        'read.joinedServer': { guard: 'isOther' },
        'read.disconnected': { guard: 'isOther' },
      },
    },
    choseRoom: {
      description: 'As above, on the way to the common room.',
      tags: 'replyPending',
      on: {
        'read.roomJoined': 'countingRoom',
        'read.question': { guard: 'isOther', target: 'asked', actions: 'keepAsker' },
        'read.joinedServer': { guard: 'isOther' },
        'read.disconnected': { guard: 'isOther' },
      },
    },
    choseQuit: {
      description: 'The farewell is due.',
      tags: 'replyPending',
      on: { 'read.farewell': 'over' },
    },
    choseList: {
      description: 'At least the line about oneself is due.',
      tags: 'replyPending',
      on: { 'read.userRow': { guard: 'isMyRow', target: 'listing' } },
    },
    listing: {
      description: 'Reads who is online; the menu is due.',
      tags: 'replyPending',
      on: { 'read.userRow': { guard: 'isMyRow' }, 'read.menu': 'menu' },
    },
    choseNothing: {
      description: 'Typed what is no option.',
      tags: 'replyPending',
      on: { 'read.invalidOption': 'backToMenu' },
    },
    backToMenu: {
      description: 'Whatever it was is over: the menu is due.',
      tags: 'replyPending',
      entry: 'dropPartner',
      on: {
        'read.neverHint': { description: 'Has said no to the same user before.' },
        'read.menu': 'menu',
      },
    },
    naming: {
      description: 'Is asked whom to chat with.',
      tags: 'busy',
      on: {
        'line.typed': [
          { guard: 'isExit', target: 'backToMenu' },
          { target: 'asking', actions: 'keepTarget' },
        ],
      },
    },
    asking: {
      description: 'Has named a user and may read at any time what became of it.',
      tags: 'busy',
      on: {
        'line.typed': [{ guard: 'isExit', target: 'withdrawing' }, { target: 'impatient' }],
        'read.refused': 'backToMenu',
        'read.denied': 'backToMenu',
        'read.expired': 'backToMenu',
        'read.chatStarted': { guard: 'isPartner', target: 'chatting' },
      },
    },
    impatient: {
      description: 'Typed something else meanwhile.',
      tags: ['replyPending', 'busy'],
      on: { 'read.stillWaiting': 'asking' },
    },
    withdrawing: {
      description: 'Takes the request back; the answer may have been faster.',
      tags: ['replyPending', 'busy'],
      on: {
        'read.youWithdrew': 'backToMenu',
        'read.refused': 'backToMenu',
        'read.denied': 'backToMenu',
        'read.expired': 'backToMenu',
        'read.chatStarted': { guard: 'isPartner', target: 'chatting' },
      },
    },
    asked: {
      description: 'Is asked by another user.',
      tags: 'busy',
      on: {
        'line.typed': [
          { guard: 'isYes', target: 'accepting' },
          { guard: 'isNo', target: 'declining' },
          { guard: 'isNever', target: 'declining' },
          { target: 'unclear' },
        ],
        'read.askerWithdrew': { guard: 'isPartner', target: 'backToMenu' },
        'read.expired': 'backToMenu',
      },
    },
    unclear: {
      description: 'Typed what is no answer: the question is due again.',
      tags: ['replyPending', 'busy'],
      on: {
        'read.howToAnswer': { guard: 'isPartner', description: 'Has typed a command of other chats.' },
        'read.question': { guard: 'isPartner', target: 'asked' },
      },
    },
    accepting: {
      description: 'Said yes; the asker may have given up first.',
      tags: ['replyPending', 'busy'],
      on: {
        'read.chatStarted': { guard: 'isPartner', target: 'chatting' },
        'read.askerWithdrew': { guard: 'isPartner', target: 'backToMenu' },
        'read.expired': 'backToMenu',
      },
    },
    declining: {
      description: 'Said no or never; the asker may have given up first.',
      tags: ['replyPending', 'busy'],
      on: {
        'read.denied': 'backToMenu',
        'read.askerWithdrew': { guard: 'isPartner', target: 'backToMenu' },
        'read.expired': 'backToMenu',
      },
    },
    chatting: {
      description: 'In a chat: reads the partner and nobody else.',
      tags: 'busy',
      on: {
        'line.typed': { guard: 'isExit', target: 'leavingChat' },
        'read.line': { guard: 'isPartner' },
        'read.linesMissing': { description: 'Several servers were cut off from each other for a moment.' },
        'read.howToLeave': { description: 'Has typed a command of other chats.' },
        'read.partnerAway': { guard: 'isPartner', description: 'The partner has lost the connection.' },
        'read.partnerBack': { guard: 'isPartner' },
        'read.partnerLeft': { guard: 'isPartner', target: 'backToMenu' },
      },
    },
    leavingChat: {
      description: 'Said exit(); what the partner wrote before may still come.',
      tags: ['replyPending', 'busy'],
      on: {
        'read.line': { guard: 'isPartner' },
        'read.linesMissing': {},
        'read.howToLeave': {},
        'read.partnerAway': { guard: 'isPartner' },
        'read.partnerBack': { guard: 'isPartner' },
        'read.youLeftChat': 'backToMenu',
      },
    },
    countingRoom: {
      description: 'Has joined the room: what was said there before, and how many are there, is due.',
      tags: ['replyPending', 'busy'],
      on: {
        'read.recalled': { description: 'A line from before, with its time; perhaps an own one.' },
        'read.roomCount': 'commonRoom',
      },
    },
    commonRoom: {
      description: 'In the room: reads everybody else in it.',
      tags: 'busy',
      on: {
        'line.typed': { guard: 'isExit', target: 'leavingRoom' },
        'read.line': { guard: 'isOther' },
        'read.linesMissing': { description: 'As in a chat.' },
        'read.howToLeave': { description: 'As in a chat.' },
        'read.joinedRoom': { guard: 'isOther' },
        'read.leftRoom': { guard: 'isOther' },
      },
    },
    leavingRoom: {
      description: 'Said exit(); what others wrote before may still come.',
      tags: ['replyPending', 'busy'],
      on: {
        'read.line': { guard: 'isOther' },
        'read.linesMissing': {},
        'read.howToLeave': {},
        'read.youLeftRoom': 'backToMenu',
      },
    },
    over: { description: 'The server has said its last word; FIN follows.' },
  },
});
