/** The lobby chart, where users lose their connection in a chat: who may come back, and until when. */
import { describe, expect, it } from 'vitest';
import type { LobbyEvent } from '../../machines/lobby.machine.ts';
import { announceLimit, crowded, startLobby, told } from './lobbyScript.ts';

const resumeMs = 30_000;
const isProved = (): boolean => true;
const suspend = (session: string): LobbyEvent => ({ type: 'chat.suspend', session, pairingId: 7 });
const done: LobbyEvent = { type: 'xstate.done.actor.s1', output: undefined, actorId: 's1' };

describe('a user who has lost the connection in a chat', () => {
  it('may come back with a proved id, until the time is over', () => {
    const lobby = startLobby({ resumeMs, view: { isProved } });
    expect(lobby.did(suspend('s1'))).toEqual(['askDirectory s1']);
    expect(lobby.didWithin(resumeMs - 1)).toEqual([]);
    expect(lobby.didWithin(1)).toEqual(['endAway s1']);
    expect(lobby.didWithin(10 * resumeMs)).toEqual([]);
  });

  it('is gone at once without one, or if the operator wants it so', () => {
    expect(startLobby({ resumeMs }).did(suspend('s1'))).toEqual(['endAway s1']);
    expect(startLobby({ resumeMs: 0, view: { isProved } }).did(suspend('s1'))).toEqual(['endAway s1']);
  });

  it('has no clock any more when the session is gone', () => {
    const lobby = startLobby({ resumeMs, view: { isProved } });
    lobby.did(suspend('s1'), suspend('s2'), done);
    expect(lobby.didWithin(resumeMs)).toEqual(['endAway s2']);
  });

  it('is announced neither as gone nor as come, however many are online', () => {
    const chat = { partnerId: 'lior', partnerSession: 's2', pairingId: 7 };
    const back = told('s1', { type: 'id.granted', id: 'golan', isProved: true, chat });
    expect(startLobby().did(back)).toEqual(['logArrival s1', 'passOn s1']);
    expect(startLobby({ view: crowded }).did(back)).toEqual(['logArrival s1', 'passOn s1']);
    expect(crowded.onlineCount).toBeGreaterThan(announceLimit);
  });
});

describe('a user who takes an id that is in a chat', () => {
  const delayed = told('s1', { type: 'take.delayed', id: 'golan', holder: 's2' });
  const closing: LobbyEvent = { type: 'server.stop' };

  it('waits until whoever has it was asked, and then takes it', () => {
    const lobby = startLobby({ resumeMs });
    expect(lobby.did(delayed)).toEqual([]);
    expect(lobby.didWithin(2999)).toEqual([]);
    expect(lobby.didWithin(1)).toEqual(['takeId s1']);
    expect(lobby.didWithin(resumeMs)).toEqual([]);
  });

  it('does not wait where nobody can come back to a chat', () => {
    const lobby = startLobby({ resumeMs: 0 });
    expect(lobby.did(delayed)).toEqual(['takeId s1']);
    expect(lobby.didWithin(3000)).toEqual([]);
    expect(startLobby({ sessions: ['s2'], resumeMs: 0 }).did(delayed)).toEqual([]);
  });

  it('takes nothing if the session is gone, before or after it was told, or the server ends', () => {
    const gone = startLobby({ sessions: ['s2'], resumeMs });
    expect(gone.did(delayed)).toEqual([]);
    const going = startLobby({ resumeMs });
    going.did(delayed, done);
    const ending = startLobby({ resumeMs });
    ending.did(delayed, closing);
    expect([gone.didWithin(3000), going.didWithin(3000), ending.didWithin(3000)]).toEqual([[], [], []]);
  });

  it('leads to a question for whoever has it, which no session hears of', () => {
    const doubted = told('s1', { type: 'connection.doubted' });
    expect(startLobby().did(doubted)).toEqual(['probeConnection s1']);
    expect(startLobby({ sessions: ['s2'] }).did(doubted)).toEqual([]);
  });
});
