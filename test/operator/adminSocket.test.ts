/** The admin socket: its file, one request and one answer, and clients who say too much, too little or nothing. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ask } from '../../src/operator/adminClient.ts';
import { startAdminSocket } from '../../src/operator/adminSocket.ts';
import type { Answer } from '../../src/operator/requests.ts';
import { createLog } from '../../src/runtime/log.ts';
import { SetupError } from '../../src/runtime/operatorError.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const said: Answer = { ok: true, said: 'hello' };

async function start(answer: (request: unknown) => Promise<Answer> = async () => said, path = freePath()) {
  const socket = await startAdminSocket({ path, log: createLog('silent'), answer });
  onTestFinished(() => socket.stop());
  return { path, socket };
}

function freePath(): string {
  return join(temporaryFolder(), 'admin.sock');
}

async function open(path: string): Promise<Socket> {
  const socket = connect({ path, allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

describe('the file of the admin socket', () => {
  it('is a socket for its owner only, whatever rights new files have otherwise', async () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const { path } = await start();
    expect([statSync(path).isSocket(), statSync(path).mode & 0o777]).toEqual([true, 0o600]);
    expect(process.umask()).toBe(0);
  });

  it('is gone at the end', async () => {
    const { path, socket } = await start();
    await socket.stop();
    expect(existsSync(path)).toBe(false);
  });

  it('takes the place of one that a killed server has left', async () => {
    const path = freePath();
    const listenAndDie =
      "require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))";
    spawnSync(process.execPath, ['-e', listenAndDie, path]);
    expect(statSync(path).isSocket()).toBe(true);
    await start(async () => said, path);
    expect(await ask(path, { do: 'who' })).toEqual(said);
  });

  it('is refused where another server listens, which goes on', async () => {
    const { path } = await start();
    await expect(start(async () => said, path)).rejects.toThrow(
      new SetupError(`${path}: another server listens there.`),
    );
    expect(await ask(path, { do: 'who' })).toEqual(said);
  });

  it('is refused where there is a file that is no socket, which stays', async () => {
    const path = freePath();
    writeFileSync(path, 'mine');
    await expect(start(async () => said, path)).rejects.toThrow(`${path}: there is a file of that name`);
    expect(existsSync(path)).toBe(true);
  });

  it.each([
    [join('/nowhere', 'admin.sock'), 'there is no such folder'],
    [`/tmp/${'x'.repeat(110)}`, '103 bytes at most'],
  ])('is refused at %s', async (path, why) => {
    await expect(start(async () => said, path)).rejects.toThrow(SetupError);
    await expect(start(async () => said, path)).rejects.toThrow(why);
  });
});

describe('a client of the admin socket', () => {
  it.each([
    ['with a line feed', '{"do":"who"}\n'],
    ['with FIN only', '{"do":"who"}'],
    ['and more behind it, which nobody reads', '{"do":"who"}\n{"do":"kick"}\n'],
  ])('gets one answer to its request %s', async (_, bytes) => {
    const requests: unknown[] = [];
    const { path } = await start(async (request) => {
      requests.push(request);
      return said;
    });
    const socket = await open(path);
    socket.end(bytes);
    expect(await text(socket)).toBe(`${JSON.stringify(said)}\n`);
    expect(requests).toEqual([{ do: 'who' }]);
  });

  it.each([
    ['no JSON', 'who\n', 'A request is one line of JSON'],
    ['nothing at all', '', 'A request is one line of JSON'],
    ['too much in one line', `"${'x'.repeat(9000)}"\n`, '8192 bytes at most'],
    ['too much without a line feed', 'x'.repeat(100_000), '8192 bytes at most'],
  ])('reads why, if it says %s', async (_, bytes, why) => {
    const { path } = await start();
    const socket = await open(path);
    socket.end(bytes);
    const answer = JSON.parse(await text(socket));
    expect(answer).toEqual({ ok: false, error: expect.stringContaining(why) });
  });

  it('whose request has come may wait for the answer as long as it takes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const begun = promised<void>();
    const answered = promised<Answer>();
    const { path } = await start(() => {
      begun.resolve();
      return answered.promise;
    });
    const client = await open(path);
    client.write('{"do":"upgrade"}\n');
    const read = text(client);
    await begun.promise;
    vi.advanceTimersByTime(60_000);
    answered.resolve(said);
    expect(await read).toBe(`${JSON.stringify(said)}\n`);
  });

  it('that says nothing holds up nobody, and is told so in the end', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { path } = await start();
    const silent = await open(path);
    const read = text(silent);
    const asking = await open(path);
    asking.write('{"do":"who"}\n');
    expect(await text(asking)).toBe(`${JSON.stringify(said)}\n`);
    await vi.advanceTimersByTimeAsync(5000);
    expect(await read).toContain('No request came.');
  });

  it('that never hangs up is cut off, and the server can stop before that', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { path, socket } = await start();
    const hanging = await open(path);
    hanging.write('{"do":"who"}\n');
    await once(hanging.resume(), 'end');
    const stopped = socket.stop();
    await vi.advanceTimersByTimeAsync(1000);
    await stopped;
    expect(existsSync(path)).toBe(false);
  });

  it('makes room for others if there are many: the oldest has to go', async () => {
    const { path } = await start();
    const hanging: Socket[] = [];
    for (let index = 0; index < 16; index++) hanging.push(await open(path));
    let isGone = false;
    hanging[0]?.once('close', () => {
      isGone = true;
    });
    hanging[0]?.resume().end();
    expect(await ask(path, { do: 'who' })).toEqual(said);
    await eventually(() => isGone).toBe(true);
    expect(hanging.slice(1).some((socket) => socket.destroyed)).toBe(false);
  });

  it('gets its answer, though the server stops at that moment', async () => {
    const come = promised<void>();
    const answered = promised<Answer>();
    const { path, socket } = await start(() => {
      come.resolve();
      return answered.promise;
    });
    const asked = ask(path, { do: 'drain' });
    await come.promise;
    const stopped = socket.stop();
    answered.resolve(said);
    expect(await asked).toEqual(said);
    await stopped;
  });
});

describe('the operator', () => {
  it.each([
    ['there is no socket', () => freePath(), 'there is no such socket'],
    ['there is a file', () => fileURLToPath(import.meta.url), 'no server listens there any more'],
  ])('reads what is wrong if %s', async (_, path, why) => {
    expect(await ask(path(), { do: 'who' })).toMatchObject({ ok: false, error: expect.stringContaining(why) });
  });
});

function promised<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
