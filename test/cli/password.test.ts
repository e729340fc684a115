/** `statechat password`: a password in, the line for the server's file out. */
import { describe, expect, it } from 'vitest';
import { findPassword, parsePasswordHash } from '../../src/passwordGate/hash.ts';
import { type ProgramRun, runProgram } from '../support/runProgram.ts';

function pipe(input: string, ...args: string[]): Promise<ProgramRun> {
  return runProgram(['password', ...args], { input });
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
