/**
 * The client chart: the life of the bundled client, from the first connect to the exit code.
 *
 * Owns: when to connect, when to try again, when to stop waiting, and which ends are failures.
 * Knows nothing of sockets, terminals or wording, and nothing of the server's dialogue: text from the server doesn't
 * pass through here. `src/client/client.ts` carries the actions out.
 *
 * This file imports nothing but xstate and types, so it can be pasted into Stately's editor as it is.
 */
import { assertEvent, assign, cancel, raise, setup } from 'xstate';
import type { ClientContext, ClientEvent, ClientInput, LastWords, NoticeName } from './clientEvents.ts';

/** Five attempts take half a minute: a server's restart fits in, and nobody watches a dead one for longer. */
export const maxAttempts = 5;

/** 1, 2, 4, 8, then 15 s, a quarter less or more by the client's pace. Short failures pass quickly, and a restarted server isn't stormed. */
export function retryDelayMs(attempt: number, pace: number): number {
  return Math.min(1000 * 2 ** (attempt - 1), 15_000) * (0.75 + pace / 2);
}

/** How long a host may take to answer before we call it unreachable; also given in the notice. */
export const connectTimeoutMs = 10_000;

/** How long something that accepted the connection may stay silent. */
export const greetingTimeoutMs = 10_000;

/** How long we wait for the first text before we say that nothing comes: a port that speaks TLS waits for us. */
export const silenceHintMs = 3000;

/** How long the server may take to reply to a line before we say so: its connection may be dead. */
export const replyTimeoutMs = 10_000;

/** How long we wait for a refusal before we say that the other user has been asked. */
export const requestHintMs = 500;

/** Between two pasted lines: as many in a second as a server takes from one person in the long run. */
export const pasteIntervalMs = 100;

/** How long we wait to be asked for an id before we give it all the same: other servers ask in other words. */
export const idPromptTimeoutMs = 2000;

/** How long the server may take to answer everything and end, after we have ended. */
export const closeTimeoutMs = 10_000;

/** How long a client waits for a server that has said it is only being restarted. */
export const restartLimitMs = 60_000;

/** Between two tries meanwhile, a quarter less or more by the client's pace: whoever comes back does so within 2 s. */
export const restartPauseMs = 1500;

/** The event, whose type is known: no other event's transition asks. */
function only<T extends ClientEvent['type']>(type: T, event: ClientEvent): ClientEvent & { type: T } {
  assertEvent(event, type);
  return event as unknown as ClientEvent & { type: T };
}

function lastWordsIn(event: ClientEvent): LastWords {
  assertEvent(event, ['socket.closed', 'socket.failed']);
  return event.lastWords;
}

function argumentIn(event: ClientEvent): string {
  assertEvent(event, ['command.ignore', 'command.unignore', 'command.unknown']);
  return event.argument;
}

function idIn(event: ClientEvent): string {
  return argumentIn(event).toLowerCase();
}

/** A password is for the server, and so is all that a script says. */
function isForClient({ context, event }: { context: ClientContext; event: ClientEvent }): boolean {
  return context.interactive && 'isSecret' in event && !event.isSecret;
}

/** How many lines end in what was typed or piped in. */
function lineFeeds(data: string | Uint8Array): number {
  let count = 0;
  for (const each of data) if (each === '\n' || each === 10) count++;
  return count;
}

export const clientMachine = setup({
  types: {
    context: {} as ClientContext,
    input: {} as ClientInput,
    events: {} as ClientEvent,
    output: {} as { exitCode: number },
  },
  guards: {
    hasId: ({ context }) => context.id !== '',
    hasInputEnded: ({ context }) => context.inputEnded,
    /** Asking again would only get the same certificate. */
    isUntrusted: ({ event }) =>
      /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT)/.test(only('socket.failed', event).code),
    hasPendingLine: ({ context }) => context.pendingLines > 0,
    isFirstConnect: ({ context }) => context.attempt === 0,
    isReconnect: ({ context }) => context.attempt > 0,
    isInteractive: ({ context }) => context.interactive,
    isForClient,
    asksWhom: (asked) => isForClient(asked) && idIn(asked.event) === '',
    isIgnored: (asked) => isForClient(asked) && asked.context.ignoredIds.includes(idIn(asked.event)),
    hasLinesLeft: ({ context }) => context.sentLines < context.pastedLines.length,
    canRetry: ({ context }) => context.interactive && context.attempt < maxAttempts,
    canReturn: ({ context, event }) =>
      lastWordsIn(event) === 'restart' && context.interactive && context.attempt < maxAttempts,
    saidFarewell: ({ event }) => lastWordsIn(event) === 'farewell',
    saidGoodbye: ({ event }) => lastWordsIn(event) !== 'none',
  },
  actions: {
    openSocket: () => {},
    closeSocket: () => {},
    sendId: () => {},
    sendInput: () => {},
    addPendingInput: () => {},
    sendPendingLine: () => {},
    sendPendingInput: () => {},
    dropPendingInput: () => {},
    endSocket: () => {},
    startInput: () => {},
    closeConsole: () => {},
    sendPastedLine: () => {},
    askAboutPaste: () => {},
    endQuestion: () => {},
    say: (_, _params: { notice: NoticeName }) => {},
    /** Answers a request of an ignored user with no, so that nothing that is typed is taken for the answer. */
    declineIgnored: () => {},
    rememberArgument: assign({ argument: ({ event }) => argumentIn(event) }),
    ignoreId: assign({
      ignoredIds: ({ context, event }) => [...context.ignoredIds.filter((id) => id !== idIn(event)), idIn(event)],
    }),
    unignoreId: assign({
      ignoredIds: ({ context, event }) => context.ignoredIds.filter((id) => id !== idIn(event)),
    }),
    failByTimeout: raise({ type: 'socket.failed', code: 'ETIMEDOUT', lastWords: 'none' }),
    hearAgain: raise({ type: 'server.spoke' }),
    failByEnd: raise({ type: 'socket.failed', code: 'EOF', lastWords: 'none' }),
    countPendingLines: assign({
      pendingLines: ({ context, event }) => context.pendingLines + lineFeeds(only('input.received', event).data),
    }),
    countPendingLineSent: assign({ pendingLines: ({ context }) => context.pendingLines - 1 }),
    forgetPendingLines: assign({ pendingLines: 0 }),
    rememberFailure: assign({ failure: ({ event }) => only('socket.failed', event).code }),
    countAttempt: assign({ attempt: ({ context }) => context.attempt + 1 }),
    forgetAttempts: assign({ attempt: 0 }),
    markFailed: assign({ exitCode: 1 }),
    rememberId: assign({ id: ({ event }) => only('id.accepted', event).id }),
    rememberEnd: assign({ inputEnded: true }),
    rememberPartner: assign({ partner: ({ event }) => only('request.sent', event).partner }),
    rememberPaste: assign({ pastedLines: ({ event }) => only('paste.received', event).lines, sentLines: 0 }),
    countSentLine: assign({ sentLines: ({ context }) => context.sentLines + 1 }),
    forgetPaste: assign({ pastedLines: [], sentLines: 0 }),
    expectNextLine: raise({ type: 'paste.lineDue' }, { id: 'line', delay: 'pasteInterval' }),
    expectNoLine: cancel('line'),
    expectReply: raise({ type: 'reply.overdue' }, { id: 'reply', delay: 'replyTimeout' }),
    expectNoReply: cancel('reply'),
    expectRefusal: raise({ type: 'request.waiting' }, { id: 'request', delay: 'requestHint' }),
    expectNoRefusal: cancel('request'),
  },
  delays: {
    connectTimeout: connectTimeoutMs,
    greetingTimeout: greetingTimeoutMs,
    closeTimeout: closeTimeoutMs,
    idPromptTimeout: idPromptTimeoutMs,
    silenceHint: silenceHintMs,
    replyTimeout: replyTimeoutMs,
    requestHint: requestHintMs,
    pasteInterval: pasteIntervalMs,
    retryDelay: ({ context }) => retryDelayMs(context.attempt, context.pace),
    restartPause: ({ context }) => restartPauseMs * (0.75 + context.pace / 2),
    restartLimit: restartLimitMs,
    // Shorter, and a server that drops us right after each connect would be tried for ever.
    settleTime: 30_000,
  },
}).createMachine({
  id: 'client',
  description: 'The bundled client: connects, passes text both ways, leaves with an exit code.',
  context: ({ input }) => ({
    ...input,
    inputEnded: false,
    attempt: 0,
    failure: '',
    exitCode: 0,
    partner: '',
    pendingLines: 0,
    pastedLines: [],
    sentLines: 0,
    ignoredIds: [],
    argument: '',
  }),
  output: ({ context }) => ({ exitCode: context.exitCode }),
  initial: 'connecting',
  on: {
    'user.interrupted': { target: '.closed', description: 'Ctrl-C leaves at once, from everywhere.' },
    'input.ended': { target: '.closed', description: 'Ctrl-D with nothing said that could still be answered.' },
    'input.received': {
      actions: { type: 'say', params: { notice: 'notSent' } },
      description: 'Not kept for later: after a reconnect the line would answer another question.',
    },
    'paste.received': {
      actions: { type: 'say', params: { notice: 'pasteNotSent' } },
      description: 'Not connected, not asked for an id yet, or another paste is being sent.',
    },
    'paste.tooLong': { actions: { type: 'say', params: { notice: 'pasteTooLong' } } },
    'command.help': { guard: 'isForClient', actions: { type: 'say', params: { notice: 'help' } } },
    'command.ignore': [
      { guard: 'asksWhom', actions: { type: 'say', params: { notice: 'ignoreList' } } },
      {
        guard: 'isForClient',
        actions: ['rememberArgument', 'ignoreId', { type: 'say', params: { notice: 'ignored' } }],
        description: 'From now on nothing of this user is shown, on this screen only.',
      },
    ],
    'command.unignore': [
      {
        guard: 'isIgnored',
        actions: ['rememberArgument', 'unignoreId', { type: 'say', params: { notice: 'unignored' } }],
      },
      { guard: 'isForClient', actions: ['rememberArgument', { type: 'say', params: { notice: 'notIgnored' } }] },
    ],
    'command.unknown': {
      guard: 'isForClient',
      actions: ['rememberArgument', { type: 'say', params: { notice: 'unknownCommand' } }],
      description: 'Never sent: a mistyped command is no message.',
    },
    'output.closed': { target: '.closed', actions: 'markFailed', description: 'Nobody reads what the server says.' },
  },
  states: {
    connecting: {
      description: 'The socket is being opened, for the first time or again.',
      entry: 'openSocket',
      on: {
        'socket.connected': [
          {
            guard: 'isReconnect',
            target: 'connected',
            actions: { type: 'say', params: { notice: 'reconnected' } },
            description: 'The server asks from the beginning; who was chatting must know why.',
          },
          { target: 'connected' },
        ],
        'socket.closed': { actions: 'failByEnd', description: 'In the middle of the TLS handshake.' },
        'socket.failed': [
          {
            guard: 'isFirstConnect',
            target: 'closed',
            actions: ['rememberFailure', { type: 'say', params: { notice: 'unreachable' } }, 'markFailed'],
            description: 'Wrong address or no server: trying again would only hide it.',
          },
          {
            guard: 'isUntrusted',
            target: 'closed',
            actions: ['rememberFailure', { type: 'say', params: { notice: 'unreachable' } }, 'markFailed'],
            description: 'The server that answers now is not the one that was meant.',
          },
          { guard: 'canRetry', target: 'retrying', actions: 'rememberFailure' },
          {
            target: 'closed',
            actions: ['rememberFailure', { type: 'say', params: { notice: 'gaveUp' } }, 'markFailed'],
            description: 'The last attempt failed too.',
          },
        ],
      },
      after: {
        connectTimeout: { actions: ['closeSocket', 'failByTimeout'], description: 'No answer counts as a failure.' },
      },
    },
    connected: {
      description: 'Text flows.',
      initial: 'awaitingGreeting',
      on: {
        'socket.unconfirmed': { guard: 'isInteractive', actions: { type: 'say', params: { notice: 'unconfirmed' } } },
        'socket.closed': [
          { guard: 'saidFarewell', target: 'closed', description: 'The person chose to quit.' },
          {
            guard: 'canReturn',
            target: 'returning',
            description: 'The server is stopped, perhaps to be started again.',
          },
          {
            guard: 'saidGoodbye',
            target: 'closed',
            actions: [{ type: 'say', params: { notice: 'closedByServer' } }, 'markFailed'],
            description: 'The server dropped us or ends for good, or nobody is there who could wait for it.',
          },
          {
            actions: 'failByEnd',
            description: 'The system ends the connections of a server that was killed, and says nothing for it.',
          },
        ],
        'socket.failed': [
          {
            guard: 'saidFarewell',
            target: 'closed',
            description: 'Lines piped in behind the one that quits met a closed socket. The server had said goodbye.',
          },
          {
            guard: 'canReturn',
            target: 'returning',
            description: 'A line met a socket that the stopped server had closed.',
          },
          {
            guard: 'canRetry',
            target: 'retrying',
            actions: ['dropPendingInput', 'rememberFailure', { type: 'say', params: { notice: 'lost' } }],
            description: 'The network or the server broke while a user was talking.',
          },
          {
            target: 'closed',
            actions: ['rememberFailure', { type: 'say', params: { notice: 'lost' } }, 'markFailed'],
            description: 'A script must know that its lines may not have arrived.',
          },
        ],
      },
      states: {
        awaitingGreeting: {
          description: 'The server speaks first; what is sent only then stands behind its prompt on the screen.',
          on: {
            'server.spoke': [
              {
                guard: 'hasId',
                target: 'arriving',
                actions: 'startInput',
                description: 'The id is the first thing said after a password, before anything else typed.',
              },
              { target: 'talking', actions: 'startInput' },
            ],
            'socket.failed': [
              {
                guard: 'canRetry',
                target: '#client.retrying',
                actions: ['rememberFailure', { type: 'say', params: { notice: 'closedUnheard' } }],
                description: 'Something else listens there, it speaks TLS, or the server was just being stopped.',
              },
              {
                target: '#client.closed',
                actions: ['rememberFailure', { type: 'say', params: { notice: 'closedUnheard' } }, 'markFailed'],
                description: 'As above, with nobody who could wait for another attempt.',
              },
            ],
          },
          after: {
            silenceHint: {
              actions: { type: 'say', params: { notice: 'stillSilent' } },
              description: 'A port that speaks TLS waits for our first word and would stay silent.',
            },
            greetingTimeout: {
              target: '#client.closed',
              actions: [{ type: 'say', params: { notice: 'noGreeting' } }, 'markFailed'],
              description: 'Something listens there, but no chat server.',
            },
          },
        },
        arriving: {
          description: 'The id is known; what is typed meanwhile waits, except a password that is asked for first.',
          initial: 'awaitingPrompt',
          exit: 'forgetPendingLines',
          on: {
            'server.askedForId': { target: 'talking', actions: ['sendId', 'sendPendingInput'] },
            'server.askedForPassword': '.enteringPassword',
            'input.received': {
              actions: ['addPendingInput', 'countPendingLines'],
              description: 'Its turn comes after the id.',
            },
            'input.ended': { actions: 'rememberEnd', description: 'There may be lines to send yet.' },
          },
          states: {
            awaitingPrompt: {
              description: 'Waits for the server to ask.',
              after: {
                idPromptTimeout: {
                  target: '#client.connected.talking',
                  actions: ['sendId', 'sendPendingInput'],
                  description: 'A server that asks in other words, or not at all.',
                },
              },
            },
            enteringPassword: {
              description: 'The next line is a password.',
              always: {
                guard: 'hasPendingLine',
                target: 'passwordGiven',
                actions: ['sendPendingLine', 'countPendingLineSent'],
              },
              on: {
                'input.received': {
                  actions: ['addPendingInput', 'countPendingLines'],
                  description: 'A line of it is the password.',
                },
              },
            },
            passwordGiven: { description: 'The server compares; it asks for the id, or for the password again.' },
          },
        },
        talking: {
          description: 'The person and the server take turns; whose turn it is, only the server knows.',
          initial: 'typing',
          exit: ['expectNoReply', 'expectNoRefusal', 'forgetPaste'],
          always: { guard: 'hasInputEnded', target: 'finishing', description: 'It ended before the id was sent.' },
          on: {
            'input.received': { actions: 'sendInput' },
            'request.ignored': { actions: 'declineIgnored', description: 'Neither question nor answer is shown.' },
            'id.accepted': { actions: 'rememberId' },
            'input.ended': { target: 'finishing', description: 'Ctrl-D, or the end of the pipe.' },
            'reply.awaited': { actions: 'expectReply', description: 'The dialogue says that the server has to reply.' },
            'reply.received': { actions: 'expectNoReply' },
            'reply.overdue': {
              guard: 'isInteractive',
              actions: { type: 'say', params: { notice: 'noReply' } },
              description: 'The system may take minutes to find out that the network is gone.',
            },
            'request.sent': {
              actions: ['rememberPartner', 'expectRefusal'],
              description: 'The server says nothing while the other user thinks; a refusal comes at once.',
            },
            'request.answered': { actions: 'expectNoRefusal' },
            'request.waiting': {
              guard: 'isInteractive',
              actions: { type: 'say', params: { notice: 'asked' } },
              description: 'Now the person knows what they wait for, and how to take it back.',
            },
          },
          after: {
            settleTime: { actions: 'forgetAttempts', description: 'A connection that lasts earns new attempts.' },
          },
          states: {
            typing: {
              description: 'Each line is sent as it is entered.',
              entry: 'forgetPaste',
              on: { 'paste.received': { target: 'confirmingPaste', actions: 'rememberPaste' } },
            },
            confirmingPaste: {
              description: 'Several lines were pasted, perhaps by mistake: the next key says whether they are sent.',
              entry: 'askAboutPaste',
              exit: 'endQuestion',
              on: {
                'paste.confirmed': {
                  target: 'sendingPaste',
                  actions: { type: 'say', params: { notice: 'pasteBegun' } },
                },
                'paste.declined': 'typing',
                'user.interrupted': {
                  target: 'typing',
                  description: 'Ctrl-C says no to the question; a second one leaves.',
                },
              },
            },
            sendingPaste: {
              description: 'One pasted line is sent after the other, with time in between to stop it.',
              entry: ['sendPastedLine', 'countSentLine', 'expectNextLine'],
              exit: 'expectNoLine',
              on: {
                'paste.lineDue': [
                  { guard: 'hasLinesLeft', actions: ['sendPastedLine', 'countSentLine', 'expectNextLine'] },
                  { target: 'typing', description: 'All lines were sent.' },
                ],
                'user.interrupted': {
                  target: 'typing',
                  actions: { type: 'say', params: { notice: 'pasteStopped' } },
                  description: 'Ctrl-C stops the paste; a second one leaves.',
                },
                'turn.changed': {
                  target: 'typing',
                  actions: { type: 'say', params: { notice: 'pasteStopped' } },
                  description: 'The other lines were not meant as answers to what has come in between.',
                },
                'input.received': {
                  target: 'typing',
                  actions: [{ type: 'say', params: { notice: 'pasteStopped' } }, 'sendInput'],
                  description: 'A typed line, as exit(), says what the person wants now.',
                },
              },
            },
          },
        },
        finishing: {
          description: 'Our half is closed; the server still answers what it had been told.',
          entry: 'endSocket',
          on: {
            'socket.closed': { target: '#client.closed', description: 'Everything was said and answered.' },
            'socket.failed': [
              {
                guard: 'saidFarewell',
                target: '#client.closed',
                description: 'The server had said goodbye, and everything else is answered.',
              },
              {
                target: '#client.closed',
                actions: ['rememberFailure', { type: 'say', params: { notice: 'lost' } }, 'markFailed'],
                description: 'Answers may be missing; there is nothing left to say after a reconnect.',
              },
            ],
          },
          after: {
            closeTimeout: {
              target: '#client.closed',
              actions: [{ type: 'say', params: { notice: 'noAnswerToEnd' } }, 'markFailed'],
              description: 'A server that never ends must not hold the script that started us.',
            },
          },
        },
      },
    },
    retrying: {
      description: 'Waiting before the next attempt, each time for longer.',
      entry: ['countAttempt', { type: 'say', params: { notice: 'retrying' } }],
      after: { retryDelay: 'connecting' },
    },
    returning: {
      description: 'The server was stopped, and did not say that this is the end. It is asked again and again.',
      initial: 'waiting',
      entry: ['dropPendingInput', 'countAttempt', { type: 'say', params: { notice: 'restarting' } }],
      after: {
        restartLimit: {
          target: 'closed',
          actions: [{ type: 'say', params: { notice: 'notBack' } }, 'markFailed'],
          description: 'Nobody watches a server for longer that does not come back.',
        },
      },
      states: {
        waiting: {
          description: 'Before the next try; always about as long, as the server may be back at any moment.',
          after: { restartPause: 'trying' },
        },
        trying: {
          description: 'Whether the server is back. The system may hold the connection until it is.',
          entry: 'openSocket',
          on: {
            'socket.connected': {
              actions: { type: 'say', params: { notice: 'reconnected' } },
              description: 'The server asks from the beginning; who was chatting must know why.',
            },
            'server.spoke': {
              target: '#client.connected',
              actions: 'hearAgain',
              description: 'There it is the greeting, as on any connection.',
            },
            'socket.closed': { target: 'waiting' },
            'socket.failed': [
              {
                guard: 'isUntrusted',
                target: '#client.closed',
                actions: ['rememberFailure', { type: 'say', params: { notice: 'unreachable' } }, 'markFailed'],
                description: 'The server that answers now is not the one that was meant.',
              },
              { target: 'waiting' },
            ],
          },
          after: { connectTimeout: { target: 'waiting', actions: 'closeSocket' } },
        },
      },
    },
    closed: {
      description: 'The terminal is as it was, and the exit code is known.',
      type: 'final',
      entry: ['closeSocket', 'closeConsole'],
    },
  },
});
