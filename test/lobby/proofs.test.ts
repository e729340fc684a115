/** Passwords of ids, as the lobby has them checked: which verdict becomes which event, and what becomes of one that comes late. */
import pino from 'pino';
import { describe, expect, it, vi } from 'vitest';
import type { LobbyEvent } from '../../machines/lobbyEvents.ts';
import { isProving } from '../../src/chat/movingSession.ts';
import { type Names, noNames, Proofs } from '../../src/chat/proofs.ts';
import { Secret } from '../../src/runtime/secret.ts';
import type { FakeConnection } from '../support/fakeConnection.ts';
import { endOfTurn, Gathering } from '../support/memory.ts';
import {
  fault,
  idPrompt,
  joinedServer,
  menu,
  passwordQueueFull,
  proofPrompt,
  wrongPassword,
} from '../support/wireTexts.ts';

type Asked = Parameters<Names['check']>[0];
type Verdict = Parameters<Names['check']>[1];

/** Golan has a password. Each check waits until the test gives its verdict. */
function startNames(certificate = '') {
  const checks: { asked: Asked; verdict: Verdict; cancel: ReturnType<typeof vi.fn> }[] = [];
  const names: Names = {
    needsProof: (id) => id.toLowerCase() === 'golan',
    isCertified: (_, shown) => shown === certificate,
    check: (asked, verdict) => {
      const cancel = vi.fn();
      checks.push({ asked, verdict, cancel });
      return cancel;
    },
  };
  return { names, checks };
}

const verdicts = ['right', 'wrong', 'refused'] as const;

describe('a password', () => {
  function startProofs(names: Names) {
    const heard: unknown[] = [];
    const logged: Record<string, unknown>[] = [];
    const proofs = new Proofs(names, {
      log: pino({}, { write: (text: string) => void logged.push(JSON.parse(text)) }),
      send: (event) => void heard.push(event),
      notify: (session, update) => void heard.push({ to: session, ...update }),
      failed: (session, error) => void heard.push({ session, error }),
    });
    return { proofs, heard, logged };
  }
  const prove: LobbyEvent = { type: 'id.prove', session: 's1', id: 'Golan', password: new Secret('sesame') };
  const claim: LobbyEvent = { type: 'id.claim', session: 's1', id: 'Golan' };

  it('is asked for, except of whoever shows the right certificate', () => {
    const { proofs, heard } = startProofs(startNames('right').names);
    expect([proofs.needsProof('GOLAN'), proofs.needsProof('lior')]).toEqual([true, false]);
    for (const certificate of [undefined, 'wrong', 'right']) proofs.require(claim, { certificate });
    const required = { to: 's1', type: 'proof.required', id: 'Golan' };
    expect(heard).toEqual([required, required, { type: 'proof.right', session: 's1', id: 'Golan' }]);
  });

  it('is checked with the id and the address that it came from', () => {
    const { names, checks } = startNames();
    startProofs(names).proofs.check(prove, '10.0.0.7');
    expect(checks.map(({ asked }) => asked)).toEqual([{ id: 'Golan', password: 'sesame', address: '10.0.0.7' }]);
  });

  it.each(verdicts)('that is %s is an event, and nothing is left to cancel', (verdict) => {
    const { names, checks } = startNames();
    const { proofs, heard } = startProofs(names);
    proofs.check(prove, '');
    checks[0]?.verdict[verdict]();
    const id = verdict === 'refused' ? {} : { id: 'Golan' };
    expect(heard).toEqual([{ type: `proof.${verdict}`, session: 's1', ...id }]);
    proofs.forget('s1');
    expect(checks[0]?.cancel).not.toHaveBeenCalled();
  });

  it('whose check fails is the session’s trouble', () => {
    const { names, checks } = startNames();
    const { proofs, heard } = startProofs(names);
    proofs.check(prove, '');
    checks[0]?.verdict.failed(new Error('no memory'));
    expect(heard).toEqual([{ session: 's1', error: new Error('no memory') }]);
    proofs.forget('s1');
    expect(checks[0]?.cancel).not.toHaveBeenCalled();
  });

  it('of a session that has ended is not checked any more, once', () => {
    const { names, checks } = startNames();
    const { proofs } = startProofs(names);
    proofs.check(prove, '');
    proofs.forget('s2');
    expect(checks[0]?.cancel).not.toHaveBeenCalled();
    for (const session of ['s1', 's1']) proofs.forget(session);
    expect(checks[0]?.cancel).toHaveBeenCalledTimes(1);
  });

  it('that is wrong is refused and in the log, with its address; a banned id is refused as one that is taken', () => {
    const { proofs, heard, logged } = startProofs(startNames().names);
    proofs.refuse({ type: 'proof.wrong', session: 's1', id: 'Golan' }, '10.0.0.7');
    proofs.refuseId(claim);
    proofs.refuseId({ type: 'proof.right', session: 's1', id: 'Golan' });
    const refused = { to: 's1', type: 'id.refused' };
    expect(heard).toEqual([{ ...refused, reason: 'unproved' }, refused, refused]);
    expect(logged).toMatchObject([
      { session: 's1', id: 'Golan', address: '10.0.0.7', msg: 'wrong password for an id' },
    ]);
  });

  it('is nobody’s without a file of names', () => {
    expect([noNames.needsProof('golan'), noNames.isCertified('golan', '')]).toEqual([false, false]);
    expect(() => startProofs(noNames).proofs.check(prove, '')).toThrow('A proof without names');
  });
});

describe('a user whose password is being checked', () => {
  function proving() {
    const { names, checks } = startNames();
    const all = new Gathering({ names });
    const [noa] = all.gather('noa') as [FakeConnection];
    const golan = all.connect();
    golan.type('golan');
    expect(golan.read().endsWith(proofPrompt('golan'))).toBe(true);
    golan.type('sesame');
    return { all, noa, golan, verdict: checks[0]?.verdict as Verdict, cancel: checks[0]?.cancel };
  }

  it('is in the menu if it is right, of which others read', () => {
    const { noa, golan, verdict } = proving();
    expect(golan.read()).toBe('');
    verdict.right();
    expect([golan.read(), noa.read()]).toEqual([menu, joinedServer('golan')]);
  });

  it('may say it again if it is wrong', () => {
    const { all, golan, verdict } = proving();
    verdict.wrong();
    expect(golan.read()).toBe(wrongPassword + idPrompt);
    expect(all.rows()).toEqual(['noa: menu']);
  });

  it('is told if too many wait to be checked', () => {
    const { golan, verdict } = proving();
    verdict.refused();
    expect([golan.read(), golan.isEndedByServer]).toEqual([passwordQueueFull, true]);
  });

  it('reads that the server has failed if the check does, and only that user', async () => {
    const { all, noa, golan, verdict } = proving();
    verdict.failed(new Error('no memory'));
    await endOfTurn();
    expect([golan.read(), golan.isEndedByServer, noa.isEnded]).toEqual([fault, true, false]);
    expect(JSON.stringify(all.errors)).toContain('no memory');
  });

  it('may go: then nothing is checked any more', () => {
    const { all, golan, cancel } = proving();
    golan.hangUp();
    expect(cancel).toHaveBeenCalledTimes(1);
    expect(all.rows()).toEqual(['noa: menu']);
  });

  it('hears of it only when the server goes on, if it stands still meanwhile', () => {
    const { all, golan, verdict } = proving();
    all.lobby.handOver.freeze();
    verdict.right();
    expect([golan.read(), all.rows()]).toEqual(['', ['noa: menu']]);
    all.lobby.handOver.thaw();
    expect([golan.read(), all.rows()]).toEqual([menu, ['noa: menu', 'golan: menu']]);
  });

  it('does not go to another process until the id is theirs', () => {
    const { all, verdict } = proving();
    const provingNow = () => [...all.lobby.sessions.values()].map(isProving);
    const newcomer = all.connect();
    expect(provingNow()).toEqual([false, true, false]);
    verdict.right();
    expect(provingNow()).toEqual([false, false, false]);
    newcomer.type('golan');
    expect(provingNow()).toEqual([false, false, true]);
    newcomer.hangUp();
    expect(all.rows()).toEqual(['noa: menu', 'golan: menu']);
  });

  it('is counted by their address if the id is taken with the password, too', () => {
    const { names, checks } = startNames();
    const all = new Gathering({ names, personAt: (address) => `person at ${address}` });
    const golan = all.connect((connection) => Object.assign(connection, { remoteAddress: '10.0.0.7' }));
    golan.type('golan', 'sesame');
    checks[0]?.verdict.right();
    expect(all.lobby.handOver.state?.directory.rows).toMatchObject([{ id: 'golan', network: 'person at 10.0.0.7' }]);
  });
});
