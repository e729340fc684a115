/** The lobby chart, where ids have passwords: who is asked for one, and who gets the id. */
import { describe, expect, it } from 'vitest';
import type { SessionUpdate } from '../../machines/events.ts';
import type { LobbyEvent, LobbyView } from '../../machines/lobby.machine.ts';
import { arrival, crowded, idTimeoutMs, startLobby, told } from './lobbyScript.ts';

describe('an id with a password', () => {
  const view: Partial<LobbyView> = { needsProof: (id) => id === 'golan' };
  const claimed: LobbyEvent = { type: 'id.claim', session: 's1', id: 'golan' };
  const proof: LobbyEvent = { type: 'id.prove', session: 's1', id: 'golan', password: 'hidden' };
  const right: LobbyEvent = { type: 'proof.right', session: 's1', id: 'golan' };
  const wrong: LobbyEvent = { type: 'proof.wrong', session: 's1', id: 'golan' };
  const unproved: SessionUpdate = { type: 'id.granted', id: 'golan' };
  const proved: SessionUpdate = { ...unproved, isProved: true };

  it('is not even asked of the directory without it', () => {
    expect(startLobby({ view }).did(claimed)).toEqual(['requireProof s1']);
    expect(startLobby({ view }).did({ ...claimed, id: 'lior' })).toEqual(['askDirectory s1']);
  });

  it('is taken once the password was right, and else refused', () => {
    expect(startLobby({ view }).did(proof, right)).toEqual(['checkProof s1', 'takeId s1']);
    expect(startLobby({ view }).did(proof, wrong)).toEqual(['checkProof s1', 'refuseProof s1']);
    const refused: LobbyEvent = { type: 'proof.refused', session: 's1' };
    expect(startLobby({ view }).did(proof, refused)).toEqual(['checkProof s1', 'closeUnchecked s1']);
  });

  it('is taken by nobody who has gone, and by nobody who is banned', () => {
    expect(startLobby({ sessions: ['s2'], view }).did(right, wrong)).toEqual([]);
    expect(startLobby({ view: { ...view, isBanned: () => true } }).did(right)).toEqual(['refuseId s1']);
  });

  it('is nobody’s who was granted it without the password, because the file has changed meanwhile', () => {
    expect(startLobby({ view }).did(told('s1', unproved))).toEqual(['concealUser s1', 'evictUser s1']);
    expect(startLobby({ view }).did(told('s1', proved))).toEqual(['logArrival s1', 'announceArrival s1', 'passOn s1']);
  });

  it('is announced as gone and come if it was taken over, unless too many are online', () => {
    const taken = told('s1', { ...proved, takesOver: true });
    const announced = ['announceTakeover s1', 'announceArrival s1'];
    expect(startLobby({ view }).did(taken)).toEqual(['logArrival s1', ...announced, 'passOn s1']);
    expect(startLobby({ view: { ...view, ...crowded } }).did(taken)).toEqual(['logArrival s1', 'passOn s1']);
  });

  it('gives its user the time to give an id anew with each password', () => {
    const lobby = startLobby({ view });
    lobby.did(arrival);
    lobby.didWithin(idTimeoutMs - 1);
    expect(lobby.did({ ...proof, session: 's9' })).toEqual(['checkProof s9']);
    expect(lobby.didWithin(idTimeoutMs - 1)).toEqual([]);
    expect(lobby.didWithin(1)).toEqual(['closeUnidentified s9']);
  });
});
