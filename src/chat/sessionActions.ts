/**
 * The session chart's actions: each is a command for the lobby, or something done at the lobby's desk.
 *
 * Owns: which is which. Decides nothing. Next: `machines/session.machine.ts` (who names the actions), `lobby.ts` (the desk).
 */
import { sendTo } from 'xstate';
import type { Destination, ReplyName, SessionId } from '../../machines/events.ts';
import type { Command, LobbyEvent } from '../../machines/lobby.machine.ts';
import { type SessionContext, type SessionEvent, sessionMachine } from '../../machines/session.machine.ts';

/** What the chart's actions need from the lobby, by session. */
export interface SessionDesk {
  say(session: SessionId, reply: ReplyName, context: SessionContext, event: SessionEvent): void;
  hearPresence(session: SessionId): void;
  mutePresence(session: SessionId): void;
  /** The event is the update that the chat has started. */
  openChatChannel(session: SessionId, context: SessionContext, event: SessionEvent): void;
  openRoomChannel(session: SessionId, context: SessionContext): void;
  /** Closes the channel; in the common room the others hear of it. */
  closeChannel(session: SessionId, context: SessionContext): void;
  hangUp(session: SessionId): void;
}

/** What each of the chart's requests is as a command for the lobby. */
const commandOf = {
  claimId: (_, event) => ({ type: 'id.claim', id: event.type === 'line.received' ? event.text.trim() : '' }),
  leaveMenu: (_, __, { to }) => ({ type: 'menu.leave', to }),
  returnToMenu: () => ({ type: 'menu.return' }),
  makeRequest: (_, event) => ({
    type: 'request.make',
    target: event.type === 'line.received' ? event.text.trim() : '',
  }),
  withdrawRequest: () => ({ type: 'request.withdraw' }),
  acceptRequest: ({ pairingId }) => ({ type: 'request.accept', pairingId }),
  declineRequest: ({ pairingId }) => ({ type: 'request.decline', pairingId }),
  leaveChat: ({ pairingId }) => ({ type: 'chat.leave', pairingId }),
} satisfies Record<string, (context: SessionContext, event: SessionEvent, params: { to: Destination }) => Command>;

/** The session chart with its actions connected to a lobby and a desk. Built once, shared by all sessions. */
export function connectSessionMachine(
  lobby: () => { send(event: LobbyEvent): void },
  desk: SessionDesk,
  machine: typeof sessionMachine = sessionMachine,
): typeof sessionMachine {
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
      say: ({ context, event, self }, { reply }) => desk.say(self.id, reply, context, event),
      claimId: request('claimId'),
      leaveMenu: request('leaveMenu'),
      returnToMenu: request('returnToMenu'),
      makeRequest: request('makeRequest'),
      withdrawRequest: request('withdrawRequest'),
      acceptRequest: request('acceptRequest'),
      declineRequest: request('declineRequest'),
      leaveChat: request('leaveChat'),
      hearPresence: ({ self }) => desk.hearPresence(self.id),
      mutePresence: ({ self }) => desk.mutePresence(self.id),
      openChatChannel: ({ self, context, event }) => desk.openChatChannel(self.id, context, event),
      closeChannel: ({ self, context }) => desk.closeChannel(self.id, context),
      openRoomChannel: ({ self, context }) => desk.openRoomChannel(self.id, context),
      hangUp: ({ self }) => desk.hangUp(self.id),
    },
  }) as typeof sessionMachine;
}
