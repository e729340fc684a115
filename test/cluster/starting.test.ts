/** A server that should share its users and can't says in one line what is missing. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { SetupError } from '../../src/runtime/operatorError.ts';
import { startServer } from '../../src/server/server.ts';

/** Answers every command with OK, and INFO with a version and a policy; `seen` gets what it was sent. */
async function startFake(version: string, seen: string[] = [], policy = 'noeviction'): Promise<number> {
  const info = `redis_version:${version}\r\nrun_id:fake\r\nmaxmemory_policy:${policy}\r\n`;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (text: string) => {
      seen.push(text);
      for (const [, name] of text.matchAll(/^\*\d+\r\n\$\d+\r\n(\w+)/gm)) {
        socket.write(name === 'INFO' ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n');
      }
    });
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const noAddress =
  'The address of Redis is wrong. It must be redis://HOST:PORT, or rediss://HOST:PORT for TLS. ' +
  'docs/scale-out.md has the forms for a Unix socket, Sentinels and a Cluster.';

async function mistake(redis: string): Promise<string> {
  const error = await startServer({ port: 0, redis }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SetupError);
  return (error as SetupError).message;
}

it('names a Redis that is too old', async () => {
  expect(await mistake(`redis://127.0.0.1:${await startFake('6.2.7')}`)).toMatch(
    /^no directory at redis:\/\/127\.0\.0\.1:\d+: Redis 6\.2\.7 is too old: its functions are needed/,
  );
});

it('names a Redis that may evict what it holds', async () => {
  expect(await mistake(`redis://127.0.0.1:${await startFake('7.0.15', [], 'allkeys-lru')}`)).toMatch(
    /: Redis may evict what it holds: set its maxmemory-policy to noeviction, not allkeys-lru\.$/,
  );
});

it.each([
  [
    'nobody who listens',
    'redis://127.0.0.1:1',
    'no directory at redis://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1.',
  ],
  ['what is no address', 'localhost', noAddress],
  ['another protocol', 'http://localhost', noAddress],
  [
    'nobody who listens at any of several',
    'redis+sentinel://127.0.0.1:1,127.0.0.1:2/chat',
    'no directory at redis+sentinel://127.0.0.1:1,127.0.0.1:2/chat: connect ECONNREFUSED 127.0.0.1:1.',
  ],
  [
    'a socket that is not there',
    'unix:///nowhere/redis.sock',
    'no directory at unix:///nowhere/redis.sock: connect ENOENT /nowhere/redis.sock.',
  ],
])('names %s, and no password', async (_, url, message) => {
  expect(await mistake(url)).toBe(message);
  expect(await mistake(url.replace('//127', '//user:secret@127'))).not.toContain('secret');
});

it('needs a directory for lines of their own, and right addresses', async () => {
  const mistakeOf = (options: { redis?: string; redisLines: string }): Promise<unknown> =>
    startServer({ port: 0, ...options }).catch((error: unknown) => error);
  expect(await mistakeOf({ redisLines: 'redis://localhost' })).toEqual(new SetupError('--redis-lines needs --redis.'));
  const wrong = await mistakeOf({ redis: 'redis://127.0.0.1:1', redisLines: 'redis://localhost localhost' });
  expect(wrong).toEqual(new SetupError(noAddress));
});

it('says that a password has to be encoded, and shows no part of it', async () => {
  expect(await mistake('redis://lior:hun/ter2@localhost')).toMatch(
    /^The address of Redis is wrong\. It has a user name or a password [^\n]+ write @ as %40, \/ as %2F/,
  );
});

it('takes user, password and database from the address', { timeout: 20_000 }, async () => {
  const seen: string[] = [];
  const port = await startFake('6.2.7', seen);
  await mistake(`redis://lior:p%40ss%3Aw%2Fo%23rd%25%3F@127.0.0.1:${port}/3`);
  const commands = seen.join('');
  expect(commands).toContain('AUTH\r\n$4\r\nlior\r\n$13\r\np@ss:w/o#rd%?\r\n');
  expect(commands).toContain('SELECT\r\n$1\r\n3\r\n');
});
