/** The log where nobody takes its lines: a full disk, a pipe that is not read or is closed, a terminal that is stopped. The chat goes on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, statSync } from 'node:fs';
import { connect as openSocket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { enterRoom, gather } from '../support/gathering.ts';
import { program } from '../support/program.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { describeInTerminal, Terminal } from '../support/terminal.ts';
import type { User } from '../support/user.ts';
import { serverClosing } from '../support/wireTexts.ts';

const serve = [...program, 'serve', '--port', '0'];

/** An error that nobody catches, at SIGALRM: the server itself has none that could be called up. */
const bug = encodeURIComponent('process.on("SIGALRM", () => { throw new Error("a bug"); });');
const withBug = { NODE_OPTIONS: `--import=data:text/javascript,${bug}` };

/** A server whose standard error is given: an open file, or `pipe`. Killed when the test ends. */
async function startServer(stderr: number | 'pipe', { env = {}, shell = '' } = {}) {
  const command = [...serve, '--metrics', '0'];
  const [file = '', ...rest] = shell === '' ? command : ['sh', '-c', shell, 'sh', ...command];
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', stderr], env: { ...process.env, ...withBug, ...env } });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await eventually(() => said).toMatch(/metrics\n/);
  const [port = 0, metricsPort = 0] = [...said.matchAll(/:(\d+)/g)].map(([, digits]) => Number(digits));
  return { child, port, metricsPort };
}

/** Every connection is two lines of the log, of some 130 bytes each. */
async function comeAndGo(port: number, times: number): Promise<void> {
  for (let done = 0; done < times; done += 50) {
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const socket = openSocket(port, '127.0.0.1').resume();
        await once(socket, 'data');
        socket.destroy();
      }),
    );
  }
}

async function expectChat([lior, golan]: readonly User[]): Promise<void> {
  lior?.say('still here?');
  await golan?.expect('lior: still here?\n');
}

async function lostLines(metricsPort: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
  return Number(/^statechat_log_lines_lost_total (\d+)$/m.exec(await answer.text())?.[1]);
}

async function exitOf(child: ChildProcess): Promise<unknown> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

/** Windows has neither /dev/full nor limits of a shell. */
describe.skipIf(process.platform === 'win32')('where standard error takes no lines', { timeout: 60_000 }, () => {
  it('as the disk is full, people chat on, and an error that nobody has caught is still told to them', async () => {
    const { child, port } = await startServer(openSync('/dev/full', 'w'), {
      // Said before there is a log.
      env: { STATECHAT_PROT: '1' },
    });
    const users = await gather({ port }, 'lior', 'golan');
    await enterRoom(...(users as [User, User]));
    await comeAndGo(port, 100);
    await expectChat(users);
    child.kill('SIGALRM');
    for (const user of users) {
      await user.expect(serverClosing);
      await user.expectEnd();
    }
    expect(await exitOf(child)).toBe(1);
  });

  it('as a file may not grow any more, people chat on', async () => {
    const file = join(temporaryFolder(), 'log');
    const { port } = await startServer(openSync(file, 'a'), { shell: 'ulimit -f 8; exec "$@"' });
    const users = await gather({ port }, 'lior', 'golan');
    await enterRoom(...(users as [User, User]));
    await comeAndGo(port, 200);
    await expectChat(users);
    expect(statSync(file).size).toBeLessThanOrEqual(8192);
    expect(readFileSync(file, 'utf8')).toContain('"msg":"listening"');
  });

  it('as a pipe is not read, people chat on; what is lost is counted, and said when it is read again', async () => {
    const { child, port, metricsPort } = await startServer('pipe');
    const users = await gather({ port }, 'lior', 'golan');
    await enterRoom(...(users as [User, User]));
    await comeAndGo(port, 6000);
    await expectChat(users);
    const lost = await lostLines(metricsPort);
    expect(lost).toBeGreaterThan(1000);
    let log = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    const messages = () =>
      log
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line));
    await eventually(() => messages().at(-1)).toMatchObject({
      ...{ msg: 'lines of the log were lost', level: 50, lines: lost, reason: 'EAGAIN' },
    });
    expect(messages()[0]).toMatchObject({ msg: 'metrics listening' });
    // Every line is whole, and none is missing that wasn't counted: the start, two users, and two for each connection.
    expect(messages().length - 1 + lost).toBe(2 + 4 + 2 * 6000);
  });

  it('as a pipe is not read, the server stops in order, and an error that nobody has caught ends it', async () => {
    for (const [signal, exitCode] of [['SIGTERM', 0] as const, ['SIGALRM', 1] as const]) {
      const { child, port } = await startServer('pipe');
      const users = await gather({ port }, 'lior', 'golan');
      await comeAndGo(port, 600);
      child.kill(signal);
      for (const user of users) await user.readThrough(serverClosing);
      for (const user of users) await user.expectEnd();
      expect(await exitOf(child)).toBe(exitCode);
    }
  });

  it('as the reader of the pipe is gone, people chat on', async () => {
    const { child, port } = await startServer('pipe');
    child.stderr?.destroy();
    const users = await gather({ port }, 'lior', 'golan');
    await enterRoom(...(users as [User, User]));
    await comeAndGo(port, 50);
    await expectChat(users);
  });

  it('as it is closed, people chat on', async () => {
    const { port } = await startServer('pipe', { shell: 'exec "$@" 2>&-' });
    const users = await gather({ port }, 'lior', 'golan');
    await enterRoom(...(users as [User, User]));
    await expectChat(users);
  });
});

describe.skipIf(process.platform === 'win32')('the last lines', () => {
  it('are written before the process ends, also those about an error that nobody has caught', async () => {
    const file = join(temporaryFolder(), 'log');
    const { child } = await startServer(openSync(file, 'a'));
    child.kill('SIGALRM');
    expect(await exitOf(child)).toBe(1);
    const messages = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).msg);
    expect(messages).toEqual([...['metrics listening', 'listening', 'an error that nobody has caught', 'stopped']]);
  });
});

describeInTerminal('in a terminal that is stopped with Ctrl-S', () => {
  it('people chat on, the server stops in order, and Ctrl-Q shows what was held', async () => {
    const terminal = await Terminal.start(serve, { columns: 160 });
    const port = Number(/listening on \S+:(\d+)/.exec(await terminal.expectScreen(/listening on \S+:\d+/))?.[1]);
    const users = await gather({ port }, 'lior', 'golan');
    await enterRoom(...(users as [User, User]));
    await terminal.expectScreen('id=golan');
    await terminal.press('C-s');
    await comeAndGo(port, 200);
    await expectChat(users);
    expect(await terminal.screen()).not.toContain('disconnected');
    await terminal.press('C-q');
    await terminal.expectScreen('disconnected');
    await terminal.press('C-s');
    await terminal.press('C-c');
    for (const user of users) {
      await user.expect(serverClosing);
      await user.expectEnd();
    }
    await terminal.press('C-q');
    await terminal.expectScreen('[exit 0]');
  });
});
