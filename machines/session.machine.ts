/**
 * The session chart: what one connection may say, when, and what happens then.
 *
 * Owns: every decision about what a state accepts. One actor of this machine runs for each connection.
 * Knows nothing of sockets, sentences, timers or other users' states: it takes events in and names actions.
 * `src/chat/session.ts` carries the actions out. Next: `lobby.machine.ts`, which brings its commands to the directory.
 *
 * This file imports nothing but xstate and types, so it can be pasted into Stately's editor as it is.
 */
import { assertEvent, assign, setup } from 'xstate';
import type { Destination, LimitName, ReplyName, ResumedChat, SessionContext, SessionEvent } from './events.ts';

export type { SessionContext, SessionEvent };

/** Ids that no user may take: names of the server, and words that users type at other prompts. Lower case. */
export const reservedIds: readonly string[] = [
  ...['server', 'system', 'menu', 'lobby', 'room', 'admin', 'administrator', 'root', 'operator', 'moderator'],
  ...['host', 'everyone', 'all', 'you', 'me', 'help', 'null', 'undefined', 'constructor'],
  ...['1', '2', '3', '4', 'y', 'n', 'yes', 'no'],
];

/** True for what an id may look like. */
export function isAcceptableId(text: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,31}$/i.test(text) && !reservedIds.includes(text.toLowerCase());
}

/** True for a line that leaves a chat or the room, in any letter case. */
export function isExitLine(text: string): boolean {
  return /^exit\s*\(\s*\)$/i.test(text.trim());
}

/** Commands of other chat programs that leave or help. Users try them here. */
const foreignCommand = /^\s*\/(?:help|h|\?|commands|quit|q|exit|leave|part|bye|logout|disconnect)(?:\s|$)/i;

/**
 * True for a line that the channel takes to other users; all others come to this chart. A blank line is no message. The
 * channel asks this function and decides nothing itself; a test gives both the same lines, and they agree.
 */
export function isRelayedLine(text: string): boolean {
  return !/^[\s\u2800]*$/.test(text) && !isExitLine(text) && !foreignCommand.test(text);
}

/** Returns the typed line without the blanks around it. */
function typed(event: SessionEvent): string {
  assertEvent(event, 'line.received');
  return event.text.trim();
}

/** The chat to which a user with a new id comes back; undefined if there is none. */
function chatOf(event: SessionEvent): ResumedChat | undefined {
  assertEvent(event, 'id.granted');
  return event.chat;
}

export const sessionMachine = setup({
  types: {
    context: {} as SessionContext,
    events: {} as SessionEvent,
    tags: {} as 'waiting' | 'secret',
  },
  guards: {
    isLast: ({ context }) => context.refusedIds + 1 >= context.idTries,
    isUnavailable: ({ event }) => {
      assertEvent(event, 'id.refused');
      return event.reason === 'unavailable';
    },
    isAcceptableId: ({ event }) => isAcceptableId(typed(event)),
    isBack: ({ event }) => chatOf(event) !== undefined,
    isBackAlone: ({ event }) => chatOf(event)?.isPartnerAway === true,
    choosesConnect: ({ event }) => typed(event) === '1',
    choosesQuit: ({ event }) => typed(event) === '2',
    choosesRoom: ({ event }) => typed(event) === '3',
    choosesList: ({ event }) => typed(event) === '4',
    isYes: ({ event }) => /^y(es)?$/i.test(typed(event)),
    isNo: ({ event }) => /^no?$/i.test(typed(event)),
    isNever: ({ event }) => /^never$/i.test(typed(event)),
    isExit: ({ event }) => isExitLine(typed(event)),
    isForeignCommand: ({ event }) => foreignCommand.test(typed(event)),
    isRepeated: ({ event }) => {
      assertEvent(event, 'request.declined');
      return event.isRepeated ?? false;
    },
    isUnreachable: ({ event }) => {
      assertEvent(event, 'limit.reached');
      return event.limit === 'unreachable';
    },
    isToRoom: ({ event }) => {
      assertEvent(event, 'move.granted');
      return event.to === 'commonRoom';
    },
  },
  actions: {
    // What the user reads.
    say: (_, _params: { reply: ReplyName }) => {},
    // The same, in between: a prompt that stands is shown again after it.
    interject: (_, _params: { reply: ReplyName }) => {},
    // A limit that this chart itself finds reached is logged and counted.
    noteLimit: (_, _params: { limit: LimitName }) => {},
    // Commands for the lobby; its verdicts come back as events.
    claimId: () => {},
    proveId: () => {},
    leaveMenu: (_, _params: { to: Destination }) => {},
    returnToMenu: () => {},
    makeRequest: () => {},
    withdrawRequest: () => {},
    acceptRequest: () => {},
    declineRequest: () => {},
    refuseAsker: () => {},
    leaveChat: () => {},
    suspendChat: () => {},
    // Ways for lines past this chart, open while a state is active.
    hearPresence: () => {},
    mutePresence: () => {},
    openChatChannel: () => {},
    holdLines: () => {},
    closeChannel: () => {},
    openRoomChannel: () => {},
    // The end.
    hangUp: () => {},
    // What the session remembers.
    rememberId: assign(({ event }) => {
      assertEvent(event, 'id.granted');
      return { userId: event.id, refusedIds: 0 };
    }),
    rememberClaim: assign(({ event }) => {
      assertEvent(event, 'proof.required');
      return { claimedId: event.id };
    }),
    forgetClaim: assign({ claimedId: '' }),
    countRefusal: assign({ refusedIds: ({ context }) => context.refusedIds + 1 }),
    rememberAsker: assign(({ event }) => {
      assertEvent(event, 'request.received');
      return { partner: event.askerId, pairingId: event.pairingId };
    }),
    rememberPartner: assign(({ event }) => {
      assertEvent(event, ['chat.started', 'id.granted']);
      const { partnerId, pairingId } = event.type === 'chat.started' ? event : (event.chat as ResumedChat);
      return { partner: partnerId, pairingId };
    }),
    forgetPartner: assign({ partner: '', pairingId: 0 }),
  },
}).createMachine({
  id: 'session',
  description: 'One connection: its user gives an id, chooses from the menu, asks or is asked, chats, and leaves.',
  context: { userId: '', claimedId: '', partner: '', pairingId: 0, refusedIds: 0, idTries: 5 },
  initial: 'identifying',
  on: {
    'connection.closed': {
      target: '.closed',
      description: 'The user hung up, in any state. The lobby is notified because this actor ends.',
    },
    'session.evicted': {
      target: '.closed',
      actions: { type: 'say', params: { reply: 'evicted' } },
      description: 'The directory gave the id to another user, so this session must not go on under it.',
    },
    'session.removed': {
      target: '.closed',
      actions: { type: 'say', params: { reply: 'removed' } },
      description: 'The operator has removed this user, in whatever state.',
    },
    'server.closing': { target: '.closed', actions: { type: 'say', params: { reply: 'serverClosing' } } },
    'limit.reached': {
      target: '.closed',
      actions: { type: 'say', params: { reply: 'limitReached' } },
      description: 'This connection has reached one of the server’s limits. The user reads which one.',
    },
    'session.failed': {
      target: '.closed',
      actions: { type: 'say', params: { reply: 'fault' } },
      description: 'A bug of ours costs this user the connection, and no other user anything.',
    },
    'line.refused': {
      actions: { type: 'interject', params: { reply: 'lineRefused' } },
      description: 'A line that is too long or no text: the user reads so, and nothing else changes.',
    },
  },
  states: {
    identifying: {
      description: 'The user has no id yet, and has to give one before anything else.',
      entry: { type: 'say', params: { reply: 'idPrompt' } },
      initial: 'prompting',
      states: {
        prompting: {
          description: 'Waits for the user to type an id.',
          on: {
            'line.received': [
              { guard: 'isAcceptableId', target: 'claiming', actions: 'claimId' },
              {
                guard: 'isLast',
                target: '#session.closed',
                actions: [
                  { type: 'say', params: { reply: 'idNotAcceptable' } },
                  { type: 'noteLimit', params: { limit: 'idTries' } },
                  { type: 'say', params: { reply: 'tooManyIds' } },
                ],
                description: 'A program that speaks another protocol, or a user who has to read the rules first.',
              },
              {
                actions: ['countRefusal', { type: 'say', params: { reply: 'idNotAcceptable' } }],
                description: 'This can be no id: says what an id looks like, and asks again.',
              },
            ],
          },
        },
        claiming: {
          description: 'Two users may want the same id at the same moment: the lobby decides.',
          tags: 'waiting',
          on: {
            'id.granted': [
              {
                guard: 'isBackAlone',
                target: '#session.online.chatting.alone',
                actions: ['rememberId', 'rememberPartner', { type: 'say', params: { reply: 'chatResumed' } }],
                description: 'Back in the chat, from which the partner is away now.',
              },
              {
                guard: 'isBack',
                target: '#session.online.chatting',
                actions: ['rememberId', 'rememberPartner', { type: 'say', params: { reply: 'chatResumed' } }],
                description: 'The user was away, and is back in the chat.',
              },
              { target: '#session.online', actions: 'rememberId' },
            ],
            'proof.required': { target: 'proving', actions: 'rememberClaim' },
            'id.refused': [
              {
                guard: 'isUnavailable',
                target: 'prompting',
                actions: { type: 'say', params: { reply: 'idTaken' } },
                description: 'Nobody can say if the id is free. That is no try of the user.',
              },
              {
                guard: 'isLast',
                target: '#session.closed',
                actions: [
                  { type: 'say', params: { reply: 'idTaken' } },
                  { type: 'noteLimit', params: { limit: 'idTries' } },
                  { type: 'say', params: { reply: 'tooManyIds' } },
                ],
                description: 'Who tries out a list of names, or of passwords, has to connect again.',
              },
              { target: 'prompting', actions: ['countRefusal', { type: 'say', params: { reply: 'idTaken' } }] },
            ],
          },
        },
        proving: {
          description: 'This id belongs to somebody: waits for its password. A wrong one counts like a refused id.',
          tags: 'secret',
          entry: { type: 'say', params: { reply: 'proofPrompt' } },
          on: { 'line.received': { target: 'claiming', actions: ['proveId', 'forgetClaim'] } },
        },
      },
    },
    online: {
      description: 'The user has an id of their own, and other users can see it.',
      initial: 'menu',
      states: {
        menu: {
          description: 'The user is free: may choose, may be asked, and reads which users come and go.',
          entry: 'hearPresence',
          exit: 'mutePresence',
          initial: 'choosing',
          states: {
            choosing: {
              description: 'The user reads the menu and chooses. Every way in shows the menu.',
              entry: ['forgetPartner', { type: 'say', params: { reply: 'menu' } }],
              on: {
                'line.received': [
                  {
                    guard: 'choosesConnect',
                    target: 'moving',
                    actions: { type: 'leaveMenu', params: { to: 'requesting' } },
                  },
                  {
                    guard: 'choosesRoom',
                    target: 'moving',
                    actions: { type: 'leaveMenu', params: { to: 'commonRoom' } },
                  },
                  {
                    guard: 'choosesQuit',
                    target: '#session.closed',
                    actions: { type: 'say', params: { reply: 'farewell' } },
                  },
                  {
                    guard: 'choosesList',
                    target: 'choosing',
                    reenter: true,
                    actions: { type: 'say', params: { reply: 'userList' } },
                  },
                  {
                    target: 'choosing',
                    reenter: true,
                    actions: { type: 'say', params: { reply: 'invalidOption' } },
                    description: 'Anything else is not an option.',
                  },
                ],
                'request.received': { target: '#session.online.confirming', actions: 'rememberAsker' },
              },
            },
            moving: {
              description: 'The user wants to leave the menu. Another user may have asked them: the lobby decides.',
              tags: 'waiting',
              on: {
                'request.received': {
                  actions: 'rememberAsker',
                  description: 'Another user was faster. The refusal of the move is on its way.',
                },
                'request.withdrawn': {
                  actions: 'forgetPartner',
                  description: 'The asker gave up before this user has read the question.',
                },
                'request.expired': {
                  actions: 'forgetPartner',
                  description: 'The time ran out before this user has read the question.',
                },
                'move.granted': [
                  { guard: 'isToRoom', target: '#session.online.commonRoom' },
                  { target: '#session.online.requesting' },
                ],
                'move.refused': {
                  target: '#session.online.confirming',
                  description: 'Another user has asked. The lobby says so before it refuses the move.',
                },
              },
            },
          },
        },
        requesting: {
          description: 'The user wants to chat with another user. Nobody can ask this user meanwhile.',
          initial: 'naming',
          states: {
            naming: {
              description: 'Waits for the id of the target.',
              entry: { type: 'say', params: { reply: 'targetPrompt' } },
              on: {
                'line.received': [
                  { guard: 'isExit', target: '#session.online.menu', actions: 'returnToMenu' },
                  { target: 'looking', actions: 'makeRequest' },
                ],
              },
            },
            looking: {
              description: 'The user has named a target. The lobby decides if the target can be asked at this moment.',
              tags: 'waiting',
              on: {
                'request.delivered': { target: 'awaiting' },
                'request.refused': {
                  target: '#session.online.menu',
                  actions: { type: 'say', params: { reply: 'requestRefused' } },
                },
              },
            },
            awaiting: {
              description: 'The target is asked. The answer may come at any moment, also while the asker withdraws.',
              initial: 'ringing',
              on: {
                'request.refused': {
                  target: '#session.online.menu',
                  actions: { type: 'say', params: { reply: 'requestRefused' } },
                  description: 'The target was asked, and has left the server.',
                },
                'request.declined': {
                  target: '#session.online.menu',
                  actions: { type: 'say', params: { reply: 'requestDenied' } },
                },
                'request.expired': {
                  target: '#session.online.menu',
                  actions: { type: 'say', params: { reply: 'requestExpired' } },
                },
                'chat.started': {
                  target: '#session.online.chatting',
                  actions: ['rememberPartner', { type: 'say', params: { reply: 'chatStarted' } }],
                },
              },
              states: {
                ringing: {
                  description: 'Waits for the answer. The user may withdraw the request.',
                  on: {
                    'line.received': [
                      { guard: 'isExit', target: 'withdrawing', actions: 'withdrawRequest' },
                      {
                        actions: { type: 'say', params: { reply: 'stillWaiting' } },
                        description: 'Only exit() has a meaning here.',
                      },
                    ],
                  },
                },
                withdrawing: {
                  description: 'The user wants to withdraw. The answer may be on its way already: the lobby decides.',
                  tags: 'waiting',
                  on: {
                    'request.withdrawn': {
                      target: '#session.online.menu',
                      actions: { type: 'say', params: { reply: 'youWithdrew' } },
                    },
                  },
                },
              },
            },
          },
        },
        confirming: {
          description: 'Another user wants to chat with this user.',
          initial: 'answering',
          states: {
            answering: {
              description: 'Waits for yes, no or never from the user.',
              entry: { type: 'say', params: { reply: 'question' } },
              on: {
                'line.received': [
                  { guard: 'isYes', target: 'deciding', actions: 'acceptRequest' },
                  { guard: 'isNo', target: 'deciding', actions: 'declineRequest' },
                  {
                    guard: 'isNever',
                    target: 'deciding',
                    actions: 'refuseAsker',
                    description: 'No, and no to all that this asker wants later.',
                  },
                  {
                    guard: 'isForeignCommand',
                    target: 'answering',
                    reenter: true,
                    actions: { type: 'say', params: { reply: 'howToAnswer' } },
                  },
                  { target: 'answering', reenter: true, description: 'This is no answer: asks again.' },
                ],
                'request.withdrawn': {
                  target: '#session.online.menu',
                  actions: { type: 'say', params: { reply: 'askerWithdrew' } },
                },
                'request.expired': {
                  target: '#session.online.menu',
                  actions: { type: 'say', params: { reply: 'requestExpired' } },
                },
              },
            },
            deciding: {
              description: 'The user has answered. The asker may have given up at the same moment: the lobby decides.',
              tags: 'waiting',
              on: {
                'chat.started': {
                  target: '#session.online.chatting',
                  actions: ['rememberPartner', { type: 'say', params: { reply: 'chatStarted' } }],
                },
                'request.declined': [
                  {
                    guard: 'isRepeated',
                    target: '#session.online.menu',
                    actions: [
                      { type: 'say', params: { reply: 'requestDenied' } },
                      { type: 'say', params: { reply: 'neverHint' } },
                    ],
                    description: 'Not for the first time: the user reads how to refuse all that this asker wants.',
                  },
                  {
                    target: '#session.online.menu',
                    actions: { type: 'say', params: { reply: 'requestDenied' } },
                  },
                ],
                'request.withdrawn': {
                  target: '#session.online.menu',
                  actions: { type: 'say', params: { reply: 'askerWithdrew' } },
                  description: 'The asker gave up before the answer arrived.',
                },
                'request.expired': {
                  target: '#session.online.menu',
                  actions: { type: 'say', params: { reply: 'requestExpired' } },
                  description: 'The time ran out before the answer arrived.',
                },
              },
            },
          },
        },
        chatting: {
          description: 'In a private chat. The channel takes what isRelayedLine finds a message; the rest comes here.',
          entry: 'openChatChannel',
          exit: 'closeChannel',
          initial: 'talking',
          on: {
            'line.received': [
              { guard: 'isExit', target: '.leaving', actions: 'leaveChat' },
              { guard: 'isForeignCommand', actions: { type: 'say', params: { reply: 'howToLeave' } } },
            ],
            'chat.ended': { target: 'menu', actions: { type: 'say', params: { reply: 'partnerLeft' } } },
            'connection.closed': { target: 'away', description: 'The user may have lost the connection.' },
            'limit.reached': {
              guard: 'isUnreachable',
              target: 'away',
              description: 'The network has lost the user. Nobody can be told anything.',
            },
          },
          states: {
            talking: {
              description: 'Both users can talk.',
              on: { 'partner.away': { target: 'alone' } },
            },
            alone: {
              description: 'The partner has lost the connection. What is said to them is kept until they are back.',
              entry: ['holdLines', { type: 'say', params: { reply: 'partnerAway' } }],
              on: {
                'partner.back': {
                  target: 'talking',
                  actions: [{ type: 'say', params: { reply: 'partnerBack' } }, 'openChatChannel'],
                  description: 'What was kept goes to them.',
                },
              },
            },
            leaving: {
              description: 'The user wants to leave. The partner may want the same: the lobby decides.',
              tags: 'waiting',
              on: {
                'chat.ended': {
                  target: '#session.online.menu',
                  actions: { type: 'say', params: { reply: 'youLeftChat' } },
                },
                'partner.away': { description: 'The chat is about to end.' },
                'partner.back': { description: 'What was kept for the partner is forgotten.' },
              },
            },
          },
        },
        away: {
          description: 'The connection is lost. With the password of their name, the user may come back to the chat.',
          entry: ['hangUp', 'suspendChat'],
          on: {
            'away.ended': { target: '#session.closed', description: 'Not in time, or a user without such a name.' },
            'chat.ended': { target: '#session.closed', description: 'The partner has left: there is no way back.' },
            'partner.away': { description: 'Whoever comes back hears of it then.' },
            'partner.back': { description: 'The partner was away, too.' },
          },
        },
        commonRoom: {
          description: 'In the common room. As in a chat, the channel takes messages, and this chart the rest.',
          entry: ['openRoomChannel', { type: 'say', params: { reply: 'roomJoined' } }],
          exit: 'closeChannel',
          on: {
            'line.received': [
              {
                guard: 'isExit',
                target: 'menu',
                actions: ['returnToMenu', { type: 'say', params: { reply: 'youLeftRoom' } }],
              },
              { guard: 'isForeignCommand', actions: { type: 'say', params: { reply: 'howToLeave' } } },
            ],
          },
        },
      },
    },
    closed: {
      description: 'The session is over. What the server said is still delivered, then the connection ends.',
      entry: 'hangUp',
      type: 'final',
    },
  },
});
