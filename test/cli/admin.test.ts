/** `statechat admin` as an operator at a terminal uses it: what it prints, where, and its exit codes. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shownAnswer } from '../../src/operator/answers.ts';
import type { Answer } from '../../src/operator/requests.ts';
import { runProgram } from '../support/runProgram.ts';
import { ServerProcess } from '../support/serverProcess.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { connect } from '../support/user.ts';
import { operatorSays, removed } from '../support/wireTexts.ts';

const nobody = '0 users.\n';

describe('statechat admin', () => {
  it('looks at a server and acts there, and ends it with code 0', async () => {
    const socket = join(temporaryFolder(), 'admin.sock');
    const server = new ServerProcess(['--port', '0', '--admin-socket', socket]);
    const { port } = await server.listening();
    await server.stdout.expect(`The operator's socket is ${socket}\n`);
    const lior = await connect({ port });
    await lior.identify('lior');
    const order = (...args: string[]) => runProgram(['admin', '--socket', socket, ...args]);
    expect(await order('who')).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: expect.stringMatching(
        /^ID +STATE +WITH +ADDRESS +HERE FOR +IDLE FOR\nlior +menu +- +127\.0\.0\.1 .*\n1 user\.\n$/,
      ),
    });
    expect(await order('say', 'hello', 'all')).toMatchObject({ stdout: 'Everybody reads: [operator] hello all\n' });
    await lior.expect(operatorSays('hello all'));
    expect(await order('kick', 'liro')).toEqual({
      ...{ exitCode: 1, stdout: '' },
      stderr: 'statechat admin: Nobody here has that id. Did you mean lior?\n',
    });
    expect(await order('--json', 'kick', 'lior', '--reason', 'spam')).toMatchObject({
      stdout: '{"ok":true,"kicked":"lior"}\n',
    });
    await lior.expect(removed('spam'));
    expect((await runProgram(['admin', 'who'], { env: { STATECHAT_ADMIN_SOCKET: socket } })).stdout).toBe(nobody);
    expect(await order('drain')).toMatchObject({ exitCode: 0, stdout: 'Nobody is here: the server stops at once.\n' });
    expect(await server.ended()).toMatchObject({ exitCode: 0 });
    expect(existsSync(socket)).toBe(false);
    expect(await order('who', '--json')).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('there is no such socket'),
    });
  });

  it.each([
    [['who'], 'which server?'],
    [['--socket', '/nowhere', 'lockdown', 'maybe'], "a lockdown is on or off, and not 'maybe'."],
    [['--socket', '/nowhere', 'bann', 'x'], "unknown command 'bann' (Did you mean one of ban, bans?)"],
    [['--socket', '/nowhere', 'kick'], "missing required argument 'id'"],
    [['--socket', '/nowhere', 'who'], '/nowhere: there is no such socket. Is the server running, with --admin-socket?'],
  ])('%j is one line on standard error and exit code 1', async (args, why) => {
    const { exitCode, stdout, stderr } = await runProgram(['admin', ...args], { env: { STATECHAT_ADMIN_SOCKET: '' } });
    expect([exitCode, stdout, stderr.split('\n').length]).toEqual([1, '', 2]);
    expect(stderr).toMatch(/^statechat admin: /);
    expect(stderr).toContain(why);
  });

  it('explains its commands', async () => {
    const { stdout } = await runProgram(['admin', '--help']);
    for (const word of ['who', 'kick', 'ban', 'bans', 'unban', 'say', 'lockdown', 'drain', 'limits', '--json']) {
      expect(stdout).toContain(word);
    }
  });

  it('has a script of npm', () => {
    const { stdout } = spawnSync('npm', ['run', '-s', 'admin', '--', '--version'], { encoding: 'utf8' });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('an answer', () => {
  const ban = {
    kind: 'address',
    target: '198.51.100.7/32',
    reason: '',
    by: 'root (uid 0)',
    sinceMs: 0,
    untilMs: 3_600_000,
  };
  const one = { ...ban, isLifted: false } as const;

  it.each<[answer: Answer, shown: string]>([
    [{ ok: false, error: 'No.' }, 'No.'],
    [
      { ok: true, banned: { ...one, kind: 'address' }, removed: 2, addresses: [], warning: null },
      '198.51.100.7 is banned for 1 hour. 2 connections had to go.',
    ],
    [
      {
        ok: true,
        banned: { ...one, kind: 'id', target: 'golan', untilMs: null },
        removed: 1,
        addresses: ['192.0.2.1'],
        warning: 'W.',
      },
      'golan is banned until it is taken back. 1 connection had to go.\n' +
        'The address is free to come back under another id. To ban it too: ban 192.0.2.1\nW.',
    ],
    [{ ok: true, bans: [] }, 'Nobody is banned.'],
    [
      { ok: true, bans: [{ ...one, kind: 'address' }] },
      'BANNED        ENDS           BY            SINCE                 REASON\n' +
        '198.51.100.7  in 30 minutes  root (uid 0)  1970-01-01T00:00:00Z  -',
    ],
    [{ ok: true, unbanned: { ...one, kind: 'address' }, warning: null }, '198.51.100.7 is not banned any more.'],
    [
      { ok: true, door: 'lockdown', forSeconds: null },
      'The server is locked down: nobody new comes in, and those inside go on.',
    ],
    [
      { ok: true, door: 'emptying', forSeconds: 600 },
      'The server empties: nobody new comes in, and it ends when the last has left. At the latest it ends in 10 minutes.',
    ],
    [{ ok: true, limits: [] }, 'No limit was reached.'],
    [
      {
        ok: true,
        limits: [
          {
            ...{ limit: 'addressFull', option: '--max-per-address', times: 3 },
            by: [{ address: '192.0.2.1', id: null, times: 3, secondsAgo: 5 }],
          },
        ],
      },
      'addressFull (--max-per-address): 3 times\n  192.0.2.1  -  3 times  5 seconds ago',
    ],
    [
      {
        ok: true,
        door: 'lockdown',
        who: [
          {
            ...{
              id: 'lior',
              state: 'chatting',
              partner: 'golan',
              partnerState: 'chatting',
              address: null,
              server: 'east',
            },
            ...{ sinceSeconds: null, idleSeconds: null },
          },
          {
            ...{
              id: null,
              state: 'identifying',
              partner: null,
              partnerState: null,
              address: '192.0.2.1',
              server: null,
            },
            ...{ sinceSeconds: 90, idleSeconds: 1 },
          },
        ],
      },
      'ID    STATE        WITH              ADDRESS    HERE FOR     IDLE FOR\n' +
        'lior  chatting     golan (chatting)  at east    -            -\n' +
        '-     identifying  -                 192.0.2.1  1.5 minutes  1 second\n' +
        '1 user, and 1 connection without an id.\n' +
        'The server is locked down: nobody new comes in, and those inside go on.',
    ],
  ])('%j is shown to people', (answer, shown) => {
    expect(shownAnswer(answer, 1_800_000)).toBe(shown);
  });
});
