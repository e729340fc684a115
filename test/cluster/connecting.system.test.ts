/**
 * What a server asks of its Redis before it takes part: rights, versions, names, time.
 *
 * Owns: that servers which can't share a directory say so in one line, and that the documented rights are enough.
 * Next: `starting.test.ts` (the same without a Redis).
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { defaultPrefix, directoryKeyOf, library, libraryName } from '../../src/cluster/luaLibrary.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasRedis, type RedisServer } from '../support/redisServer.ts';
import { ServerProcess } from '../support/serverProcess.ts';
import { connect } from '../support/user.ts';
import { idPrompt, idTaken, menu } from '../support/wireTexts.ts';
import { startRedis } from './cluster.ts';
import { NetworkProxy } from './networkProxy.ts';
import { chat, exchangeLines, meetInRoom } from './phases.ts';

const timeout = 60_000;

function serverAt(url: string, ...more: string[]): ServerProcess {
  return new ServerProcess(['--port', '0', '--redis', url, '--announce-limit', '0', ...more]);
}

/** The one line, beside the log, with which a server ends that can't take part. */
async function lastWords(server: ServerProcess): Promise<string> {
  const { exitCode, stderr } = await server.ended();
  expect(exitCode).not.toBe(0);
  return stderr.replace(/^\{.*\n/gm, '').trimEnd();
}

async function commandIn(redis: RedisServer, command: string[]): Promise<unknown> {
  const client = await redis.client();
  try {
    return await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}

describeNeeding('redis-server', hasRedis, 'a server and its Redis', () => {
  it('of another version than the servers there are: it says so, and takes over when they are gone', {
    timeout,
  }, async () => {
    const redis = await startRedis();
    const other = library.replaceAll(libraryName, 'statechat_other');
    await commandIn(redis, ['FUNCTION', 'LOAD', other]);
    const key = directoryKeyOf(defaultPrefix);
    const row = { id: 'old', session: 'old/1', state: 'menu', other: '', pairingId: 0, order: 1 };
    const join = [
      'FCALL',
      'statechat_other_join',
      '1',
      key,
      'old',
      '1',
      'run',
      '0',
      '',
      '1',
      JSON.stringify([row]),
      '[]',
    ];
    expect(await commandIn(redis, join)).toBe('ok');
    const renewals = setInterval(() => {
      commandIn(redis, ['FCALL', 'statechat_other_lease', '1', key, 'old', '1', '1', '1', '0-0']).catch(() => {});
    }, 300);
    try {
      expect(await lastWords(serverAt(redis.url))).toMatch(
        /no directory at redis:\S+: servers of another version take part there\. Stop them first, .*--redis-prefix\.$/,
      );
      await serverAt(redis.url, '--redis-prefix', 'another').listening();
    } finally {
      clearInterval(renewals);
    }
    // They are killed: their leases end without a word.
    const { port } = await serverAt(redis.url).listening();
    const user = await connect({ port });
    await user.identify('old');
    expect(await commandIn(redis, ['HGET', `${key}:ids`, 'old'])).not.toBe('old/1');
  });

  it('with a prefix of its own: shares no users with others', { timeout }, async () => {
    const redis = await startRedis();
    const [one, two, alike] = await Promise.all(
      ['red', 'blue', 'blue'].map((prefix) => serverAt(redis.url, '--redis-prefix', prefix).listening()),
    );
    for (const server of [one, two]) await (await connect(server as { port: number })).identify('ann');
    const imitator = await connect(alike as { port: number });
    await imitator.expect(idPrompt);
    imitator.say('ann');
    await imitator.expect(idTaken);
  });

  it('needs no other rights than those in docs/scale-out.md', { timeout }, async () => {
    const redis = await startRedis();
    const page = readFileSync(new URL('../../docs/scale-out.md', import.meta.url), 'utf8');
    const [line = ''] = /^ACL SETUSER .*$/m.exec(page) ?? [];
    await commandIn(redis, line.replace('PASSWORD', 'secret').split(' '));
    await commandIn(redis, ['ACL', 'SETUSER', 'default', 'off']).catch(() => {});
    const url = redis.url.replace('//', '//statechat:secret@');
    const servers = [serverAt(url), serverAt(url)];
    const [near, far] = [
      await (servers[0] as ServerProcess).listening(),
      await (servers[1] as ServerProcess).listening(),
    ];
    const users = [await connect(near), await connect(far), await connect(near), await connect(far)] as const;
    for (const [index, user] of users.entries()) await user.identify(`user${index}`);
    await chat(users[0], users[1]);
    await exchangeLines(users[0], users[1], 'hello');
    await meetInRoom(near, users[2], users[3]);
    servers[0]?.signal('SIGKILL');
    await users[1].readThrough(menu);
    servers[1]?.signal('SIGTERM');
    expect((await servers[1]?.ended())?.stderr).not.toMatch(/NOPERM|can't run this command/);
  });

  it('with a round trip of 400 ms: it starts, and its users chat', { timeout }, async () => {
    const redis = await startRedis();
    const network = await NetworkProxy.start(redis.port);
    network.delayMs = 200;
    const { port } = await serverAt(`redis://127.0.0.1:${network.port}`).listening();
    const near = await serverAt(redis.url).listening();
    const [one, other] = [await connect({ port }), await connect(near)];
    await one.identify('distant');
    await other.identify('near');
    await chat(one, other);
    await exchangeLines(one, other, 'hello');
    network.cut();
    await exchangeLines(one, other, 'the connection broke meanwhile');
  });
});
