/** `statechat password`: a password in, the line for the server's file out. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { findPassword, parsePasswordHash } from '../../src/passwordGate/hash.ts';
import { describeInTerminal, Terminal } from '../support/terminal.ts';

const command = [process.execPath, '--import', 'tsx', 'src/cli/main.ts', 'password'];

async function pipe(input: string, ...args: string[]): Promise<{ exitCode: unknown; stdout: string; stderr: string }> {
  const [file = '', ...rest] = command;
  const child = spawn(file, [...rest, ...args]);
  const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
  child.stdin.end(input);
  const [exitCode] = await once(child, 'close');
  const [stdout, stderr] = await outputs;
  return { exitCode, stdout, stderr };
}

describe('from a pipe', () => {
  it.each([
    ['a line', 'open sesame\n', 'open sesame'],
    ['a line with a carriage return', 'open sesame\r\n', 'open sesame'],
    ['no line feed', ' blanks count ', ' blanks count '],
    ['what is no ASCII', 'סיסמה\n', 'סיסמה'],
  ])('%s becomes a line that the password fits', async (_, input, password) => {
    const { exitCode, stdout, stderr } = await pipe(input, '--name', 'for friends');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$\S{22}\$\S{43} for friends\n$/);
    const parsed = parsePasswordHash(stdout);
    expect(await findPassword(password, [parsed])).toBe(parsed);
  });

  it.each([
    ['nothing', '', [], 'no password was given.'],
    ['an empty line', '\n', [], 'no password was given.'],
    ['two lines', 'one\ntwo\n', [], 'a password is one line, and there are several.'],
    ['a character that can’t be seen', 'zero\u200bwidth\n', [], 'it holds characters that'],
    ['a name of two lines', 'one\n', ['--name', 'a\nb'], 'a name is one line'],
  ])('%s is refused', async (_, input, args, complaint) => {
    const { exitCode, stdout, stderr } = await pipe(input, ...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/^statechat password: [^\n]+\n$/);
    expect(stderr).toContain(complaint);
  });
});

describeInTerminal('in a terminal', () => {
  it('it is asked for twice, and not shown', async () => {
    const terminal = await Terminal.start(command, { columns: 120 });
    await terminal.expectScreen(/^Password:$/m);
    await terminal.say('xyzzy');
    await terminal.expectScreen(/^The same again:$/m);
    await terminal.say('xyzzy');
    const screen = await terminal.expectScreen('[exit 0]');
    expect(screen).toMatch(/^Password:\nThe same again:\n\$scrypt\$ln=15,r=8,p=3\$\S+\n\[exit 0\]/);
    expect(screen).not.toContain('xyzzy');
  });

  it('two that differ are refused', async () => {
    const terminal = await Terminal.start(command);
    await terminal.expectScreen(/^Password:$/m);
    await terminal.say('xyzzy');
    await terminal.expectScreen(/^The same again:$/m);
    await terminal.say('plugh');
    await terminal.expectScreen(/the two are not the same\.\n\[exit 1\]/);
  });

  it.each(['C-c', 'C-d'])('%s gives up', async (key) => {
    const terminal = await Terminal.start(command);
    await terminal.expectScreen(/^Password:$/m);
    await terminal.press(key);
    await terminal.expectScreen(/no password was given\.\n\[exit 1\]/);
    // What is typed is shown again.
    await terminal.say('echo visible');
    await terminal.expectScreen('shell$ echo visible');
  });
});
