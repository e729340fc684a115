/**
 * The protocol as a person at a terminal sees it: what they may type, what they may read next, and when the server owes
 * them an answer.
 *
 * Owns: the judgement of transcripts. Written from docs/protocol.md and not from the session chart, so that a fault in
 * that chart can't excuse itself. Knows nothing of commands, verdicts or directories; any server's transcript will do.
 * A sentence that the present state has no transition for is forbidden there; in a state tagged `owed` the server still
 * has something to say before it may fall silent. Next: `src/conform/sentences.ts` turns text into these events.
 */
import { assign, setup } from 'xstate';

/** What a person does and reads; `read.*` are the sentences of docs/protocol.md. */
export type DialogueEvent =
  | { type: 'line.typed'; text: string }
  | { type: 'read.idPrompt' | 'read.idRules' | 'read.idTaken' | 'read.menu' | 'read.invalidOption' }
  | { type: 'read.targetPrompt' | 'read.stillWaiting' | 'read.denied' | 'read.expired' | 'read.youWithdrew' }
  | { type: 'read.youLeftChat' | 'read.roomJoined' | 'read.youLeftRoom' | 'read.farewell' | 'read.lineRefused' }
  | { type: 'read.evicted' | 'read.closing' | 'read.fault' }
  | { type: 'read.refused'; reason: 'unknown' | 'busy' | 'self' | 'gone' }
  | { type: 'read.userRow'; id: string; state: string; isSelf: boolean }
  | { type: 'read.roomCount'; count: number }
  | { type: 'read.question' | 'read.askerWithdrew' | 'read.chatStarted' | 'read.partnerLeft'; id: string }
  | { type: 'read.joinedServer' | 'read.disconnected' | 'read.joinedRoom' | 'read.leftRoom'; id: string }
  | { type: 'read.line'; id: string; text: string };

export interface DialogueContext {
  /** The id the person gave last; theirs once they read the menu. */
  id: string;
  /** Whom they ask, are asked by or chat with; empty for nobody. */
  partner: string;
}

function typed(event: DialogueEvent): string {
  return event.type === 'line.typed' ? event.text.trim() : '';
}

export const dialogueMachine = setup({
  types: { context: {} as DialogueContext, events: {} as DialogueEvent, tags: {} as 'owed' | 'free' | 'busy' },
  guards: {
    isId: ({ event }) => /^[a-z0-9][a-z0-9._-]{0,31}$/i.test(typed(event)) && !/^(\d|y|n|server)$/i.test(typed(event)),
    is1: ({ event }) => typed(event) === '1',
    is2: ({ event }) => typed(event) === '2',
    is3: ({ event }) => typed(event) === '3',
    is4: ({ event }) => typed(event) === '4',
    isYes: ({ event }) => ['y', 'yes'].includes(typed(event).toLowerCase()),
    isNo: ({ event }) => ['n', 'no'].includes(typed(event).toLowerCase()),
    isExit: ({ event }) => typed(event) === 'exit()',
    isPartner: ({ context, event }) => 'id' in event && event.id.toLowerCase() === context.partner.toLowerCase(),
    isOther: ({ context, event }) => 'id' in event && event.id !== context.id,
    isMyRow: ({ context, event }) => event.type === 'read.userRow' && event.isSelf === (event.id === context.id),
  },
  actions: {
    keepId: assign({ id: ({ event }) => typed(event) }),
    keepTarget: assign({ partner: ({ event }) => typed(event) }),
    keepAsker: assign({ partner: ({ event }) => ('id' in event ? event.id : '') }),
    dropPartner: assign({ partner: '' }),
  },
}).createMachine({
  id: 'dialogue',
  description: 'What a person may read, and what the server owes them.',
  context: { id: '', partner: '' },
  initial: 'connected',
  on: {
    'read.closing': '.over',
    'read.evicted': '.over',
    'read.fault': '.over',
    'read.lineRefused': { description: 'A line that was too long or no text; the prompt comes again.' },
  },
  states: {
    connected: { tags: 'owed', on: { 'read.idPrompt': 'identifying' } },
    identifying: {
      on: { 'line.typed': [{ guard: 'isId', target: 'claiming', actions: 'keepId' }, { target: 'notAnId' }] },
    },
    notAnId: { tags: 'owed', on: { 'read.idRules': 'connected' } },
    claiming: { tags: 'owed', on: { 'read.menu': 'menu', 'read.idTaken': 'identifying' } },
    menu: {
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
      description: 'Somebody may have asked at the same moment, and may even have given up since.',
      tags: 'owed',
      on: {
        'read.targetPrompt': 'naming',
        'read.question': { guard: 'isOther', target: 'asked', actions: 'keepAsker' },
        'read.joinedServer': { guard: 'isOther' },
        'read.disconnected': { guard: 'isOther' },
      },
    },
    choseRoom: {
      tags: 'owed',
      on: {
        'read.roomJoined': 'countingRoom',
        'read.question': { guard: 'isOther', target: 'asked', actions: 'keepAsker' },
        'read.joinedServer': { guard: 'isOther' },
        'read.disconnected': { guard: 'isOther' },
      },
    },
    choseQuit: { tags: 'owed', on: { 'read.farewell': 'over' } },
    choseList: { tags: 'owed', on: { 'read.userRow': { guard: 'isMyRow', target: 'listing' } } },
    listing: { tags: 'owed', on: { 'read.userRow': { guard: 'isMyRow' }, 'read.menu': 'menu' } },
    choseNothing: { tags: 'owed', on: { 'read.invalidOption': 'backToMenu' } },
    backToMenu: { tags: 'owed', entry: 'dropPartner', on: { 'read.menu': 'menu' } },
    naming: {
      tags: 'busy',
      on: {
        'line.typed': [
          { guard: 'isExit', target: 'backToMenu' },
          { target: 'asking', actions: 'keepTarget' },
        ],
      },
    },
    asking: {
      tags: 'busy',
      on: {
        'line.typed': [{ guard: 'isExit', target: 'withdrawing' }, { target: 'impatient' }],
        'read.refused': 'backToMenu',
        'read.denied': 'backToMenu',
        'read.expired': 'backToMenu',
        'read.chatStarted': { guard: 'isPartner', target: 'chatting' },
      },
    },
    impatient: { tags: ['owed', 'busy'], on: { 'read.stillWaiting': 'asking' } },
    withdrawing: {
      tags: ['owed', 'busy'],
      on: {
        'read.youWithdrew': 'backToMenu',
        'read.refused': 'backToMenu',
        'read.denied': 'backToMenu',
        'read.expired': 'backToMenu',
        'read.chatStarted': { guard: 'isPartner', target: 'chatting' },
      },
    },
    asked: {
      tags: 'busy',
      on: {
        'line.typed': [
          { guard: 'isYes', target: 'accepting' },
          { guard: 'isNo', target: 'declining' },
          { target: 'unclear' },
        ],
        'read.askerWithdrew': { guard: 'isPartner', target: 'backToMenu' },
        'read.expired': 'backToMenu',
      },
    },
    unclear: { tags: ['owed', 'busy'], on: { 'read.question': { guard: 'isPartner', target: 'asked' } } },
    accepting: {
      tags: ['owed', 'busy'],
      on: {
        'read.chatStarted': { guard: 'isPartner', target: 'chatting' },
        'read.askerWithdrew': { guard: 'isPartner', target: 'backToMenu' },
        'read.expired': 'backToMenu',
      },
    },
    declining: {
      tags: ['owed', 'busy'],
      on: {
        'read.denied': 'backToMenu',
        'read.askerWithdrew': { guard: 'isPartner', target: 'backToMenu' },
        'read.expired': 'backToMenu',
      },
    },
    chatting: {
      tags: 'busy',
      on: {
        'line.typed': { guard: 'isExit', target: 'leavingChat' },
        'read.line': { guard: 'isPartner' },
        'read.partnerLeft': { guard: 'isPartner', target: 'backToMenu' },
      },
    },
    leavingChat: {
      tags: ['owed', 'busy'],
      on: { 'read.line': { guard: 'isPartner' }, 'read.youLeftChat': 'backToMenu' },
    },
    countingRoom: { tags: ['owed', 'busy'], on: { 'read.roomCount': 'commonRoom' } },
    commonRoom: {
      tags: 'busy',
      on: {
        'line.typed': { guard: 'isExit', target: 'leavingRoom' },
        'read.line': { guard: 'isOther' },
        'read.joinedRoom': { guard: 'isOther' },
        'read.leftRoom': { guard: 'isOther' },
      },
    },
    leavingRoom: {
      tags: ['owed', 'busy'],
      on: { 'read.line': { guard: 'isOther' }, 'read.youLeftRoom': 'backToMenu' },
    },
    over: { description: 'The server has said its last word; FIN follows.' },
  },
});
