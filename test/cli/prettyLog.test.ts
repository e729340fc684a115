/** The log for people: where it appears, how it looks, and that nothing in it steers a terminal. */
import { describe, expect, it } from 'vitest';
import { prettyLine } from '../../src/runtime/prettyLog.ts';
import { ServerProcess } from '../support/serverProcess.ts';

/** Without the time of day, which depends on where the test runs. */
function pretty(fact: object): string {
  const line = prettyLine(`${JSON.stringify({ level: 30, time: 0, pid: 1, name: 'statechat', ...fact })}\n`);
  expect(line).toMatch(/^\d\d:\d\d:\d\d /);
  return line.slice('00:00:00 '.length);
}

describe('a line of the pretty log', () => {
  it('says the level, what happened, and the rest by name', () => {
    expect(pretty({ session: 's1', address: '::1', msg: 'connected' })).toBe(
      'info  connected session=s1 address=::1\n',
    );
    expect(pretty({ level: 50, msg: 'a session failed' })).toBe('error a session failed\n');
  });

  it('has in quotes what is no plain word', () => {
    expect(pretty({ id: 'a b=c', limits: { idle: 1 }, none: '', msg: 'm' })).toBe(
      'info  m id="a b=c" limits={"idle":1} none=""\n',
    );
  });

  it.each([
    ['\\u001b[2J', '\u001b[2J'],
    ['\\n00:00:00 info  forged', '\n00:00:00 info  forged'],
    ['\\u007f', '\u007f'],
    ['\\u009b2J', '\u009b2J'],
    ['\\u202ereversed', '\u202ereversed'],
    ['\\u2028', '\u2028'],
    ['\\udb40\\udc01', '\u{e0001}'],
  ])('shows %s in a value for what it stands for', (escaped, text) => {
    expect(pretty({ id: text, msg: 'm' })).toBe(`info  m id="${escaped}"\n`);
  });

  it('escapes them in what happened and in a stack, whose lines are indented', () => {
    expect(pretty({ msg: 'a\nb', err: { stack: 'Error: \u001bc\n    at x' } })).toBe(
      'info  a\\u000ab\n    Error: \\u001bc\n        at x\n',
    );
    expect(pretty({ msg: 'm', err: { code: 'EIO' } })).toBe('info  m\n    {"code":"EIO"}\n');
  });
});

async function logOf(...args: string[]): Promise<string> {
  const server = new ServerProcess(['--port', '0', ...args]);
  await server.listening();
  server.signal('SIGTERM');
  return (await server.ended()).stderr;
}

describe('the log into a pipe', () => {
  it('is pretty with --log-format pretty', async () => {
    const lines = (await logOf('--log-format', 'pretty')).split('\n');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d info {2}listening host=127\.0\.0\.1 port=\d+$/);
    expect(lines[1]).toMatch(/^\d\d:\d\d:\d\d info {2}stopping signal=SIGTERM$/);
    expect(lines).toHaveLength(4);
  });

  it('is JSON without it', async () => {
    expect(await logOf()).toMatch(/^\{"level":30,.*"msg":"listening"\}\n/);
  });
});
