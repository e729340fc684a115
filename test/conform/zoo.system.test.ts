/** Every server of the zoo is told what is wrong with it, and the correct one passes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { knownFaults } from '../../src/conform/faultProbes.ts';
import { inferDialect } from '../../src/conform/inferDialect.ts';
import { isGood, type Judgement, runSuites } from '../../src/conform/runSuites.ts';
import { parseDialect } from '../../src/protocol/dialect.ts';
import { describeNeeding, isInstalled } from '../support/describeNeeding.ts';
import { judge } from './judge.ts';

async function startZoo(name: string): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  const child = spawn('python3', [join('test/zoo', `${name}.py`), String(port)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return port;
}

const zooDialect = 'test/zoo/dialect.json';
const zoo: Record<string, string> = {
  segments: 'two lines in one segment are taken for one',
  abandoned: 'a request whose asker vanished leaves the other waiting',
  twice: 'the same id twice',
  imitation: 'user text can imitate a server line',
  onlyyes: 'anything but y counts as no',
  slow: 'one slow reader stops the server',
};

describeNeeding('python3', isInstalled('python3'), 'the zoo', () => {
  it('has a server for every fault that is known', () => {
    const servers = readdirSync('test/zoo').flatMap((file) => (file.endsWith('.py') ? [file.slice(0, -3)] : []));
    expect(servers.sort()).toEqual(['correct', ...Object.keys(zoo)].sort());
    expect(Object.values(zoo).sort()).toEqual(knownFaults.map(({ name }) => name).sort());
  });

  it('the one without a fault passes in its dialect', async () => {
    const port = await startZoo('correct');
    const judgement = await judge(port, zooDialect, ['branches', 'segments', 'pairs'], 2000);
    expect(judgement.suites.flatMap(({ failures }) => failures).slice(0, 1)).toEqual([]);
    expect(isGood(judgement)).toBe(true);
  });

  it('each of the others is told what its fault is, and no other', async () => {
    const judged = Object.keys(zoo).map(async (name) => [
      name,
      await judge(await startZoo(name), zooDialect, ['states'], 1000),
    ]);
    const found = Object.fromEntries(await Promise.all(judged)) as Record<string, Judgement>;
    const told = Object.entries(found).map(([name, { faults }]) => [name, faults.map((each) => each.name).join()]);
    expect(Object.fromEntries(told)).toEqual(zoo);
    expect(Object.values(found).filter(isGood)).toEqual([]);
  });

  it('its fault fails the dialogues that need what is missing', async () => {
    const { suites } = await judge(await startZoo('abandoned'), zooDialect, ['branches'], 1000);
    const [failure] = suites.flatMap(({ failures }) => failures);
    expect(failure?.story.at(-1)).toBe('ann hangs up');
    expect(failure?.transitions).toContain('session.online.confirming.answering request.withdrawn 0');
  });

  it('a dialect is learned from a short dialogue, and fits', async () => {
    const port = await startZoo('correct');
    const { text: learned } = await inferDialect({ host: '127.0.0.1', port, timeoutMs: 150 });
    const dialect = parseDialect(learned, 'learned.json');
    expect(dialect.features).toMatchObject({ list: false, withdraw: false, presence: false });
    const target = { host: '127.0.0.1', port, timeoutMs: 2000 };
    const options = { target, dialect, suites: ['branches'] as const, connections: 16, onProgress: () => {} };
    expect(isGood(await runSuites(options))).toBe(true);
  });
});
