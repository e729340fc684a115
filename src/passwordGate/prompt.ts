/**
 * Reads a new password from the operator: twice from a terminal, without showing it, or once from a pipe.
 *
 * Owns: how it is read, and which texts can't be a password, because no user could type them at the password gate.
 */

import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { ignoreError } from '../runtime/ignoreError.ts';
import { sanitize } from '../transport/sanitize.ts';

/** Says in one line why there is no password. */
export class NoPassword extends Error {}

export async function readPassword(input: ReadStream, ask: (prompt: string) => void): Promise<string> {
  const [password = '', again] = input.isTTY ? await typed(input, ask) : await piped(input);
  if (password === '') throw new NoPassword('no password was given.');
  if (again !== undefined && again !== password) throw new NoPassword('the two are not the same.');
  if (sanitize(password) !== password) {
    throw new NoPassword(
      'it holds characters that steer a terminal or can’t be seen; these are changed on the way in.',
    );
  }
  return password;
}

async function typed(input: ReadStream, ask: (prompt: string) => void): Promise<string[]> {
  // The line editor needs an output, and what is typed must not be shown.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const editor = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  const givenUp = new Promise<never>((_, reject) => {
    editor.once('close', () => reject(new NoPassword('no password was given.')));
  });
  givenUp.catch(ignoreError);
  try {
    const lines: string[] = [];
    for (const prompt of ['Password: ', 'The same again: ']) {
      ask(prompt);
      lines.push(await Promise.race([editor.question(''), givenUp]));
      ask('\n');
    }
    return lines;
  } finally {
    editor.close();
  }
}

async function piped(input: ReadStream): Promise<string[]> {
  let text = '';
  input.setEncoding('utf8');
  for await (const chunk of input) text += chunk;
  const [password = '', ...rest] = text.replace(/\r?\n$/, '').split(/\r?\n/);
  if (rest.length > 0) throw new NoPassword('a password is one line, and there are several.');
  return [password];
}
