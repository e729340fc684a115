/**
 * The session chart: what one connection may say, when, and what happens then.
 *
 * Owns: every decision about what a state accepts. One actor of this machine runs for each connection.
 * Knows nothing of sockets, sentences, timers or other people's states: it takes events in and names actions;
 * `src/chat/session.ts` carries the actions out, `lobby.machine.ts` decides between people who want the same thing.
 *
 * This file imports nothing but xstate and types, so it can be pasted into Stately's editor as it is.
 */
import { assertEvent, assign, setup } from 'xstate';
import type { Destination, ReplyName, SessionUpdate } from './events.ts';

/** All a session can hear: a line from its person, the end of its connection, and updates. */
export type SessionEvent = { type: 'line.received'; text: string } | { type: 'connection.closed' } | SessionUpdate;

export interface SessionContext {
  /** The id this connection was granted; empty before that. */
  userId: string;
  /** Whom this person asks, is asked by or chats with; empty for nobody. */
  partner: string;
  /** The number of that pairing, from the lobby; 0 for none. */
  pairingId: number;
}

/** Ids nobody may take: the server's own voice, and what people type at the other prompts. Lower case. */
export const reservedIds: readonly string[] = [
  ...['server', 'system', 'menu', 'lobby', 'room', 'admin', 'administrator', 'root', 'operator', 'moderator'],
  ...['host', 'everyone', 'all', 'you', 'me', 'help', 'null', 'undefined', 'constructor'],
  ...['1', '2', '3', '4', 'y', 'n', 'yes', 'no'],
];

/** True for the line that leaves a chat or the room, in any letter case. */
export function isExitLine(text: string): boolean {
  return /^exit\s*\(\s*\)$/i.test(text.trim());
}

/** What leaves, or helps, in other chats; people try it here. */
const foreignCommand = /^\s*\/(?:help|h|\?|commands|quit|q|exit|leave|part|bye|logout|disconnect)(?:\s|$)/i;

/** True for a line that the channel takes to others; all others are for this chart. A blank line is nobody's message. */
export function isRelayedLine(text: string): boolean {
  return !/^[\s\u2800]*$/.test(text) && !isExitLine(text) && !foreignCommand.test(text);
}

/** The typed line without surrounding blanks. */
function typed(event: SessionEvent): string {
  assertEvent(event, 'line.received');
  return event.text.trim();
}

export const sessionMachine = setup({
  types: {
    context: {} as SessionContext,
    events: {} as SessionEvent,
    tags: {} as 'waiting',
  },
  guards: {
    isAcceptableId: ({ event }) =>
      /^[a-z0-9][a-z0-9._-]{0,31}$/i.test(typed(event)) && !reservedIds.includes(typed(event).toLowerCase()),
    choosesConnect: ({ event }) => typed(event) === '1',
    choosesQuit: ({ event }) => typed(event) === '2',
    choosesRoom: ({ event }) => typed(event) === '3',
    choosesList: ({ event }) => typed(event) === '4',
    isYes: ({ event }) => /^y(es)?$/i.test(typed(event)),
    isNo: ({ event }) => /^no?$/i.test(typed(event)),
    isExit: ({ event }) => isExitLine(typed(event)),
    isForeignCommand: ({ event }) => foreignCommand.test(typed(event)),
    isToRoom: ({ event }) => event.type === 'move.granted' && event.to === 'commonRoom',
  },
  actions: {
    // What the person reads.
    say: (_, _params: { reply: ReplyName }) => {},
    // Requests to the lobby; its answers are events.
    claimId: () => {},
    leaveMenu: (_, _params: { to: Destination }) => {},
    returnToMenu: () => {},
    makeRequest: () => {},
    withdrawRequest: () => {},
    acceptRequest: () => {},
    declineRequest: () => {},
    leaveChat: () => {},
    // Direct ways for text, open while a state is active.
    hearPresence: () => {},
    mutePresence: () => {},
    openChatChannel: () => {},
    closeChannel: () => {},
    openRoomChannel: () => {},
    // The end.
    hangUp: () => {},
    // What the session remembers.
    rememberId: assign(({ event }) => {
      assertEvent(event, 'id.granted');
      return { userId: event.id };
    }),
    rememberAsker: assign(({ event }) => {
      assertEvent(event, 'request.received');
      return { partner: event.askerId, pairingId: event.pairingId };
    }),
    rememberPartner: assign(({ event }) => {
      assertEvent(event, 'chat.started');
      return { partner: event.partnerId, pairingId: event.pairingId };
    }),
    forgetPartner: assign({ partner: '', pairingId: 0 }),
  },
}).createMachine({
  id: 'session',
  description: 'One connection: give an id, choose from the menu, ask or be asked, chat, leave.',
  context: { userId: '', partner: '', pairingId: 0 },
  initial: 'identifying',
  on: {
    'connection.closed': {
      target: '.closed',
      description: 'The person hung up, in whatever state; the lobby hears of it because this actor ends.',
    },
    'session.evicted': {
      target: '.closed',
      actions: { type: 'say', params: { reply: 'evicted' } },
      description: 'The directory gave the id to somebody else, so this session must not go on under it.',
    },
    'server.closing': { target: '.closed', actions: { type: 'say', params: { reply: 'serverClosing' } } },
    'limit.reached': {
      target: '.closed',
      actions: { type: 'say', params: { reply: 'limitReached' } },
      description: 'This connection takes more of the server than one may; the person reads of what.',
    },
  },
  states: {
    identifying: {
      description: 'Nobody yet: the connection has to give an id before anything else.',
      entry: { type: 'say', params: { reply: 'idPrompt' } },
      initial: 'prompting',
      states: {
        prompting: {
          description: 'Waits for the person to type an id.',
          on: {
            'line.received': [
              { guard: 'isAcceptableId', target: 'claiming', actions: 'claimId' },
              {
                actions: { type: 'say', params: { reply: 'idNotAcceptable' } },
                description: 'Not a possible id: says which ids are, and asks again.',
              },
            ],
          },
        },
        claiming: {
          description: 'Two people may want the same id at the same moment: the lobby decides.',
          tags: 'waiting',
          on: {
            'id.granted': { target: '#session.online', actions: 'rememberId' },
            'id.refused': { target: 'prompting', actions: { type: 'say', params: { reply: 'idTaken' } } },
          },
        },
      },
    },
    online: {
      description: 'Has an id that is its own; others can see it.',
      initial: 'menu',
      states: {
        menu: {
          description: 'Free: may choose, and may be asked. Hears who comes and goes.',
          entry: 'hearPresence',
          exit: 'mutePresence',
          initial: 'choosing',
          states: {
            choosing: {
              description: 'Reads the menu and chooses; every way in shows the menu.',
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
                    description: 'Anything else is no option.',
                  },
                ],
                'request.received': { target: '#session.online.confirming', actions: 'rememberAsker' },
              },
            },
            moving: {
              description: 'Asked to leave the menu; somebody may have asked for this person first: the lobby decides.',
              tags: 'waiting',
              on: {
                'request.received': {
                  actions: 'rememberAsker',
                  description: 'Somebody was faster; the refusal of the move is on its way.',
                },
                'request.withdrawn': {
                  actions: 'forgetPartner',
                  description: 'The asker gave up before this person was even asked.',
                },
                'request.expired': {
                  actions: 'forgetPartner',
                  description: 'The time ran out before this person was even asked.',
                },
                'move.granted': [
                  { guard: 'isToRoom', target: '#session.online.commonRoom' },
                  { target: '#session.online.requesting' },
                ],
                'move.refused': {
                  target: '#session.online.confirming',
                  description: 'Somebody has asked; the lobby says so before it refuses the move.',
                },
              },
            },
          },
        },
        requesting: {
          description: 'Wants to chat with somebody; nobody can ask this person meanwhile.',
          initial: 'naming',
          states: {
            naming: {
              description: 'Waits for the id of the person to ask.',
              entry: { type: 'say', params: { reply: 'targetPrompt' } },
              on: {
                'line.received': [
                  { guard: 'isExit', target: '#session.online.menu', actions: 'returnToMenu' },
                  { target: 'looking', actions: 'makeRequest' },
                ],
              },
            },
            looking: {
              description: 'Has named somebody; whether they can be asked at this moment, the lobby decides.',
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
              description: 'The other one is being asked; the answer may come at any moment, also across a withdrawal.',
              initial: 'ringing',
              on: {
                'request.refused': {
                  target: '#session.online.menu',
                  actions: { type: 'say', params: { reply: 'requestRefused' } },
                  description: 'The other one was asked, and is gone.',
                },
                'request.declined': {
                  target: '#session.online.menu',
                  actions: { type: 'say', params: { reply: 'requestDenied' } },
                },
                'request.expired': {
                  target: '#session.online.menu',
                  actions: { type: 'say', params: { reply: 'requestExpired' } },
                },
                'chat.started': { target: '#session.online.chatting', actions: 'rememberPartner' },
              },
              states: {
                ringing: {
                  description: 'Waits for the answer, and may take the request back.',
                  on: {
                    'line.received': [
                      { guard: 'isExit', target: 'withdrawing', actions: 'withdrawRequest' },
                      {
                        actions: { type: 'say', params: { reply: 'stillWaiting' } },
                        description: 'Only exit() means something here.',
                      },
                    ],
                  },
                },
                withdrawing: {
                  description: 'Wants the request back; the answer may be on its way already: the lobby decides.',
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
          description: 'Somebody wants to chat with this person.',
          initial: 'answering',
          states: {
            answering: {
              description: 'Waits for yes or no.',
              entry: { type: 'say', params: { reply: 'question' } },
              on: {
                'line.received': [
                  { guard: 'isYes', target: 'deciding', actions: 'acceptRequest' },
                  { guard: 'isNo', target: 'deciding', actions: 'declineRequest' },
                  { target: 'answering', reenter: true, description: 'Neither yes nor no: asks again.' },
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
              description: 'Has answered; the asker may have given up at the same moment: the lobby decides.',
              tags: 'waiting',
              on: {
                'chat.started': { target: '#session.online.chatting', actions: 'rememberPartner' },
                'request.declined': {
                  target: '#session.online.menu',
                  actions: { type: 'say', params: { reply: 'requestDenied' } },
                },
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
          description: 'In a private chat. Messages go to the partner through the channel; this chart sees the rest.',
          entry: [{ type: 'say', params: { reply: 'chatStarted' } }, 'openChatChannel'],
          exit: 'closeChannel',
          initial: 'talking',
          states: {
            talking: {
              description: 'Both can talk.',
              on: {
                'line.received': [
                  { guard: 'isExit', target: 'leaving', actions: 'leaveChat' },
                  { guard: 'isForeignCommand', actions: { type: 'say', params: { reply: 'howToLeave' } } },
                ],
                'chat.ended': {
                  target: '#session.online.menu',
                  actions: { type: 'say', params: { reply: 'partnerLeft' } },
                },
              },
            },
            leaving: {
              description: 'Wants to leave; the partner may be leaving too: the lobby decides.',
              tags: 'waiting',
              on: {
                'chat.ended': {
                  target: '#session.online.menu',
                  actions: { type: 'say', params: { reply: 'youLeftChat' } },
                },
              },
            },
          },
        },
        commonRoom: {
          description: 'In the room with everybody there. Messages go through the channel; this chart sees the rest.',
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
      description: 'Over: what was said is still delivered, then the connection ends.',
      entry: 'hangUp',
      type: 'final',
    },
  },
});
