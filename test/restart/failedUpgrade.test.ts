/** An upgrade that fails, at each of its steps: the old process goes on as if nothing had been. */
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { ask } from '../../src/operator/adminClient.ts';
import type { ServerOptions } from '../../src/server/options.ts';
import { type FromSuccessor, type Successor, stateFormat } from '../../src/server/upgradeSteps.ts';
import type { Connection } from '../../src/transport/connection.ts';
import { get } from '../metrics/scrape.ts';
import { eventually } from '../support/eventually.ts';
import { gather, startChat } from '../support/gathering.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect } from '../support/user.ts';
import { idPrompt, idTimeout, menu, roomEmpty, roomJoined, serverClosing, targetPrompt } from '../support/wireTexts.ts';

const ready: FromSuccessor = { type: 'ready', format: stateFormat };
const prepared: FromSuccessor = { type: 'prepared' };
const opened: FromSuccessor = { type: 'opened' };

/** Says all this, and then nothing, until it ends. */
class Actor implements Successor {
  isKilled = false;
  /** It is waited for, and says nothing. */
  isSilent = false;
  readonly #lines: FromSuccessor[];
  #fail: ((error: Error) => void) | undefined;
  #hasEnded = false;
  readonly #endsAt: string | undefined;

  constructor(lines: readonly FromSuccessor[], endsAt?: string) {
    this.#lines = [...lines];
    this.#endsAt = endsAt;
  }

  readonly isOpen = () => !this.#hasEnded;

  async send({ type }: { type: string }): Promise<void> {
    if (type === this.#endsAt) this.#end();
  }

  receive(): Promise<{ message: FromSuccessor; handle: undefined }> {
    const message = this.#lines.shift();
    if (message !== undefined) return Promise.resolve({ message, handle: undefined });
    this.isSilent = true;
    return new Promise((_, reject) => {
      this.#fail = reject;
    });
  }

  async kill(): Promise<void> {
    this.isKilled = true;
    this.#end();
  }

  #end(): void {
    this.#hasEnded = true;
    this.#fail?.(new Error('it is killed'));
  }
}

async function start(successor: () => Successor, options: ServerOptions = {}) {
  const clock = new SimulatedClock();
  const adminSocket = join(temporaryFolder(), 'admin.sock');
  const upgrade = { start: successor, predecessor: undefined, whenServing: async () => {} };
  const server = await startTestServer({ adminSocket, metricsPort: 0, upgrade, clock, ...options });
  const order = (what: 'upgrade' | 'who' | 'lockdown') =>
    ask(adminSocket, what === 'lockdown' ? { do: what, on: true } : { do: what });
  return { server, clock, order };
}

const wentOn = (why: string) => ({ ok: false, error: `Everything goes on as before: ${why}` });

describe('an upgrade whose new process', () => {
  const tooLate = (seconds: number) => `the new process took longer than ${seconds} s.`;
  it.each<{ title: string; says: FromSuccessor[]; endsAt?: string; silentMs?: number; why: string }>([
    { title: 'does not start in time', says: [], silentMs: 30_000, why: tooLate(30) },
    {
      title: 'has another form of the state',
      says: [{ type: 'ready', format: stateFormat + 1 }],
      why: 'the new version keeps its users in another form: restart the server instead.',
    },
    {
      title: 'says something else',
      says: [opened],
      why: 'the new process said opened instead of ready.',
    },
    { title: 'takes too long over the users', says: [ready], silentMs: 10_000, why: tooLate(10) },
    { title: 'can’t go on with the users', says: [ready, { type: 'refused', reason: 'no.' }], why: 'no.' },
    { title: 'takes too long over its ports', says: [ready, prepared], silentMs: 10_000, why: tooLate(10) },
    { title: 'can’t open its ports', says: [ready, prepared, { type: 'refused', reason: 'taken.' }], why: 'taken.' },
    {
      title: 'ends at the last step',
      says: [ready, prepared, opened],
      endsAt: 'listener',
      why: 'the new process ended.',
    },
  ])('$title changes nothing', async ({ says, endsAt, silentMs, why }) => {
    const successor = new Actor(says, endsAt);
    const { server, clock, order } = await start(() => successor);
    const [lior, golan] = await gather(server, 'lior', 'golan');
    await startChat(lior, golan);
    lior.say('before');
    await golan.expect('lior: before\n');
    const port = server.metrics?.port;
    const upgraded = order('upgrade');
    lior.say('mean');
    await eventually(() => server.connections).toBe(2);
    const newcomer = await connect(server);
    newcomer.send('newcomer\n');
    if (silentMs !== undefined) {
      await eventually(() => successor.isSilent).toBe(true);
      clock.increment(silentMs - 1);
      expect(successor.isKilled).toBe(false);
      clock.increment(1);
    }
    expect(await upgraded).toEqual(wentOn(why));
    expect(successor.isKilled).toBe(true);
    lior.say('while');
    await golan.expect('lior: mean\nlior: while\n');
    golan.say('and back');
    await lior.expect('golan: and back\n');
    await newcomer.expect(`${idPrompt}${menu}`);
    newcomer.choose(1);
    await newcomer.expect(targetPrompt);
    expect(await order('who')).toMatchObject({ ok: true, who: [{}, {}, {}] });
    expect(server.metrics?.port).toBe(port);
    expect(await get(server, '/readyz')).toMatchObject({ status: 200 });
  });
});

describe('once the users are on their way', () => {
  it('nothing changes, until it fails, and then everything goes on, time limits too', async () => {
    const successor = new Actor([ready]);
    const { server, clock, order } = await start(() => successor, { idTimeoutMs: 60_000 });
    const [lior] = await gather(server, 'lior');
    const stranger = await connect(server);
    await stranger.expect(idPrompt);
    const [first] = [...server.lobby.sessions.values()].map(({ connection }) => connection as Connection);
    const wire = first?.endpoints as Socket;
    const { bytesRead } = wire;
    const upgraded = order('upgrade');
    await eventually(() => successor.isSilent).toBe(true);
    lior.choose(3);
    await eventually(() => wire.bytesRead).toBe(bytesRead + 2);
    expect([...server.lobby.directory.rows()]).toMatchObject([{ id: 'lior', state: 'menu' }]);
    clock.increment(10_000);
    await upgraded;
    await lior.expect(`${roomJoined}${roomEmpty}`);
    clock.increment(50_000);
    await stranger.expect(`\n${idTimeout}`);
  });
});

describe('while the new process starts', () => {
  it('users go on talking, and the operator can look, and do nothing', async () => {
    const successor = new Actor([]);
    const { server, clock, order } = await start(() => successor);
    const [lior, golan] = await gather(server, 'lior', 'golan');
    await startChat(lior, golan);
    const upgraded = order('upgrade');
    await eventually(() => successor.isSilent).toBe(true);
    lior.say('meanwhile');
    await golan.expect('lior: meanwhile\n');
    expect(await order('who')).toMatchObject({ ok: true });
    const underWay = { ok: false, error: 'An upgrade is under way.' };
    expect([await order('lockdown'), await order('upgrade')]).toEqual([underWay, underWay]);
    clock.increment(30_000);
    await upgraded;
    expect(await order('lockdown')).toMatchObject({ ok: true });
  });

  it('the server can be stopped', async () => {
    const successor = new Actor([ready, prepared, opened]);
    const { server, order } = await start(() => {
      void server.stop();
      return successor;
    });
    const [lior] = await gather(server, 'lior');
    expect(await order('upgrade')).toEqual(wentOn('the server is about to end.'));
    expect(successor.isKilled).toBe(true);
    await lior.expect(serverClosing);
  });
});
