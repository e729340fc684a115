/** `statechat conform` at our own server, with the limits of a real one, and at what is no server of the protocol. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { allChecks, checksFor } from '../../src/conform/checks/all.ts';
import { dialoguesFor, usualSuites } from '../../src/conform/dialogues.ts';
import { failuresOf, faultsOf, isGood } from '../../src/conform/judgement.ts';
import { readDialect } from '../../src/protocol/dialect.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { judge, startOurServer } from './servers.ts';

const slow = { timeout: 180_000 };

describe('our own server', () => {
  it('passes every check and every usual suite', slow, async () => {
    const server = await startOurServer({
      ...{ rateLimit: 10, requestsPerMinute: 10, roomHistory: 20 },
    });
    const judgement = await judge(server.port, { suites: usualSuites, timeoutMs: 2000 });
    expect(failuresOf(judgement).slice(0, 1)).toEqual([]);
    expect(judgement.checks.filter(({ outcome }) => outcome !== 'passed').map(({ check }) => check.id)).toEqual([]);
    expect(judgement.otherWords).toEqual([]);
    expect(isGood(judgement)).toBe(true);
    expect(judgement.suites.map(({ name }) => name)).toEqual(usualSuites);
    for (const { dialogues } of judgement.suites)
      expect(dialogues.every(({ outcome }) => outcome === 'passed')).toBe(true);
    const { transitions } = await dialoguesFor(readDialect('statechat').features);
    expect([...judgement.passed].sort()).toEqual([...transitions].sort());
  });
});

describe('a server that lets anybody ask again and again', () => {
  const open = { askedPerMinute: 0, declineWaitMs: 0 };

  it('is told so, and nothing else', slow, async () => {
    const server = await startOurServer(open);
    const judgement = await judge(server.port, { timeoutMs: 2000 });
    expect(faultsOf(judgement).map(({ name }) => name)).toEqual([
      'who was declined can ask again at once',
      'one user can be asked again and again',
    ]);
  });

  it('passes where the dialect doesn’t ask for more, and tells of never', slow, async () => {
    const server = await startOurServer(open);
    const { name, about, features, replies } = readDialect('statechat');
    const file = join(temporaryFolder(), 'open.json');
    const without = { ...features, declineWait: false, askedPerMinute: null };
    writeFileSync(file, JSON.stringify({ name, about, features: without, replies }));
    const judgement = await judge(server.port, { dialect: file, suites: ['pairs'], timeoutMs: 2000 });
    expect(failuresOf(judgement).slice(0, 1)).toEqual([]);
    expect(judgement.checks.find(({ check }) => check.id === 'never-hint')?.outcome).toBe('passed');
    expect(isGood(judgement)).toBe(true);
  });

  it('has no never to be judged by where the dialect has none', () => {
    const { features } = readDialect('original');
    const ids = checksFor(features).map(({ id }) => id);
    expect(ids.filter((id) => /never|decline-wait|asked-per-minute/.test(id))).toEqual([]);
  });
});

describe('the checks', () => {
  it('have ids of their own, and each is in a stage that is not before what it needs', () => {
    expect(new Set(allChecks.map(({ id }) => id)).size).toBe(allChecks.length);
    const stages = new Map(allChecks.map(({ id, stage }) => [id, stage]));
    for (const { needs, stage } of allChecks)
      for (const each of needs) expect(stages.get(each)).toBeLessThanOrEqual(stage);
  });

  it('leave out what a dialect says is not there', () => {
    const { features } = readDialect('statechat');
    const ids = (without: object): string[] => checksFor({ ...features, ...without }).map(({ id }) => id);
    expect(ids({ chat: false }).filter((id) => id === 'ask' || id === 'chat-line')).toEqual([]);
    expect(ids({ room: false }).filter((id) => id.startsWith('room'))).toEqual([]);
    expect(ids({})).toContain('list');
  });
});

describe('what is no server of the protocol gets a verdict', () => {
  const behaviours: [what: string, on: (socket: Socket) => void, verdict: RegExp][] = [
    ['hangs', () => {}, /accepts the connection and says nothing for 0\.2 s/],
    ['ends every connection', (socket) => socket.end(), /ends every connection at once/],
    ['floods', (socket) => socket.write('x'.repeat(3_000_000)), /a flood/],
    ['greets in other words', (socket) => socket.write('220 mail ready\r\n'), /greets with "220 mail ready\\r\\n"/],
  ];

  it.each(behaviours)('one that %s', async (_, on, verdict) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => {}));
      on(socket);
    }).listen(0, '127.0.0.1');
    onTestFinished(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    await once(server, 'listening');
    const judgement = await judge((server.address() as AddressInfo).port, { timeoutMs: 200 });
    expect(judgement.refusal).toMatch(verdict);
    expect(isGood(judgement)).toBe(false);
  });

  it('one that speaks HTTP, and none at all', async () => {
    const server = createHttpServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect((await judge(port, { timeoutMs: 200 })).refusal).toMatch(/speaks HTTP/);
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    expect((await judge(port, { timeoutMs: 200 })).refusal).toMatch(/Nothing listens/);
  });
});
