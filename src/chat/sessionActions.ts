/**
 * The session chart's actions: each sends a command to the lobby, or calls a method of the session.
 *
 * Owns: which action does what. Decides nothing.
 * Next: `machines/session.machine.ts` (the actions' names), `session.ts`.
 */
import { assertEvent, createMachine, sendTo } from 'xstate';
import type { Destination, LimitName, ReplyName, SessionId, UserId } from '../../machines/events.ts';
import type { Command, LobbyEvent, Proof } from '../../machines/lobby.machine.ts';
import { type SessionContext, type SessionEvent, sessionMachine } from '../../machines/session.machine.ts';

/** The methods of a session that the chart's actions call. */
export interface SessionSide {
  say(reply: ReplyName, context: SessionContext, event: SessionEvent): void;
  /** Says it in between: a prompt that stands is shown again. */
  interject(reply: ReplyName, context: SessionContext, event: SessionEvent): void;
  noteLimit(limit: LimitName): void;
  hearPresence(): void;
  mutePresence(): void;
  /** `event` is the update that the chat has started, or goes on. */
  openChatChannel(context: SessionContext, event: SessionEvent): void;
  /** Keeps what is said to a partner who is away. */
  readonly channel: { hold(): void };
  openRoomChannel(context: SessionContext, event: SessionEvent): void;
  /** Closes the channel. In the common room the other users read of it. */
  closeChannel(userId: UserId): void;
  hangUp(): void;
}

/** The command for the lobby that each of these actions sends. */
const commandOf = {
  claimId: (_, event) => ({ type: 'id.claim', id: typedText(event) }),
  proveId: ({ claimedId }, event) => ({ type: 'id.prove', id: claimedId, password: secretIn(event) }),
  leaveMenu: (_, __, { to }) => ({ type: 'menu.leave', to }),
  returnToMenu: () => ({ type: 'menu.return' }),
  makeRequest: (_, event) => ({ type: 'request.make', target: typedText(event) }),
  withdrawRequest: () => ({ type: 'request.withdraw' }),
  acceptRequest: ({ pairingId }) => ({ type: 'request.accept', pairingId }),
  declineRequest: ({ pairingId }) => ({ type: 'request.decline', pairingId }),
  refuseAsker: ({ pairingId }) => ({ type: 'asker.refuse', pairingId }),
  leaveChat: ({ pairingId }) => ({ type: 'chat.leave', pairingId }),
  suspendChat: ({ pairingId }) => ({ type: 'chat.suspend', pairingId }),
} satisfies Record<
  string,
  (context: SessionContext, event: SessionEvent, params: { to: Destination }) => Command | Proof
>;

function typedText(event: SessionEvent): string {
  assertEvent(event, 'line.received');
  return event.text.trim();
}

function secretIn(event: SessionEvent): unknown {
  assertEvent(event, 'line.received');
  return event.secret;
}

/**
 * Returns the session chart with another limit. It is in the context that all sessions begin with, and no input of each
 * one: a context that XState has to make for each session costs more at each connection.
 */
export function withIdTries(idTries: number, machine: typeof sessionMachine = sessionMachine): typeof sessionMachine {
  const { config, implementations } = machine;
  const context = { ...(config.context as SessionContext), idTries };
  return createMachine({ ...config, context } as never, implementations as never) as never;
}

/** Returns the session chart with actions that reach a lobby and its sessions. It is built once for all sessions. */
export function connectSessionMachine(
  lobby: () => { send(event: LobbyEvent): void },
  sessionOf: (id: SessionId) => SessionSide,
  machine: typeof sessionMachine = sessionMachine,
): typeof sessionMachine {
  // With `sendTo`, so that an observer of the actors learns where the event comes from.
  const request = (name: keyof typeof commandOf) =>
    sendTo(
      // biome-ignore lint/suspicious/noExplicitAny: XState can't type an actor reference that is only known later.
      lobby as any,
      // biome-ignore lint/suspicious/noExplicitAny: as above, for the arguments of every action at once.
      ({ context, event, self }: any, params: any) => ({
        ...commandOf[name](context, event, params),
        session: self.id,
      }),
      // biome-ignore lint/suspicious/noExplicitAny: as above.
    ) as any;
  return machine.provide({
    actions: {
      say: ({ context, event, self }, { reply }) => sessionOf(self.id).say(reply, context, event),
      interject: ({ context, event, self }, { reply }) => sessionOf(self.id).interject(reply, context, event),
      noteLimit: ({ self }, { limit }) => sessionOf(self.id).noteLimit(limit),
      claimId: request('claimId'),
      proveId: request('proveId'),
      leaveMenu: request('leaveMenu'),
      returnToMenu: request('returnToMenu'),
      makeRequest: request('makeRequest'),
      withdrawRequest: request('withdrawRequest'),
      acceptRequest: request('acceptRequest'),
      declineRequest: request('declineRequest'),
      refuseAsker: request('refuseAsker'),
      leaveChat: request('leaveChat'),
      suspendChat: request('suspendChat'),
      hearPresence: ({ self }) => sessionOf(self.id).hearPresence(),
      mutePresence: ({ self }) => sessionOf(self.id).mutePresence(),
      openChatChannel: ({ self, context, event }) => sessionOf(self.id).openChatChannel(context, event),
      holdLines: ({ self }) => sessionOf(self.id).channel.hold(),
      openRoomChannel: ({ self, context, event }) => sessionOf(self.id).openRoomChannel(context, event),
      closeChannel: ({ self, context }) => sessionOf(self.id).closeChannel(context.userId),
      hangUp: ({ self }) => sessionOf(self.id).hangUp(),
    },
  }) as typeof sessionMachine;
}
