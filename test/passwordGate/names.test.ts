/** The file of names that stay, and `statechat name`, which makes its lines. */
import { X509Certificate } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { findPassword } from '../../src/passwordGate/hash.ts';
import { readNameFile } from '../../src/passwordGate/nameFile.ts';
import { cheapLine, nameFile } from '../support/passwordGates.ts';
import { runProgram } from '../support/runProgram.ts';
import { makeCertificate } from '../support/secure.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { startTestServer } from '../support/testServer.ts';

function fileOf(text: string): string {
  const file = join(temporaryFolder(), 'names');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

const hash = cheapLine('sesame');

describe('the file of names', () => {
  it('has a line for each id, in any letter case; comments and empty lines mean nothing', () => {
    const names = readNameFile(fileOf(`# ours\n\n  golan:${hash}\r\nNoa.2:${hash} a note\n`));
    expect([...names.keys()]).toEqual(['golan', 'noa.2']);
  });

  it('has any number of certificates for an id, with or without a password, as openssl writes them or bare', () => {
    const [first, second] = ['AB', 'cd'].map((pair) => Array.from({ length: 32 }, () => pair));
    const bare = `golan:cert:${second?.join('')} at work`;
    const names = readNameFile(
      fileOf(`Golan:cert:${first?.join(':')}\ngolan:${hash}\n${bare}\nnoa:${bare.slice(6)}\n`),
    );
    expect([...names].map(([id, { hash, certificates }]) => [id, hash !== undefined, [...certificates]])).toEqual([
      ['golan', true, ['ab'.repeat(32), 'cd'.repeat(32)]],
      ['noa', false, ['cd'.repeat(32)]],
    ]);
  });

  it('may be empty', () => {
    expect(readNameFile(fileOf('')).size).toBe(0);
  });

  it.each([
    ['is no line', 'golan\n', 'line 1: this is no line of `statechat name`.'],
    ['has a fingerprint that is too short', `golan:cert:${'AB:'.repeat(31)}\n`, 'line 1: this is no line of'],
    ['has a fingerprint of other letters', `golan:cert:${'XY:'.repeat(32)}\n`, 'line 1: this is no line of'],
    ['is a password in plain text', 'golan:sesame\n', 'line 1: this is no line of `statechat name`.'],
    ['has a hash that is none', '# x\ngolan:$scrypt$nonsense\n', 'line 2: this is no line of `statechat name`.'],
    ['has a word that is reserved', `server:${hash}\n`, "line 1: 'server' can be no user ID."],
    ['has letters that no id has', `gölan:${hash}\n`, "line 1: 'gölan' can be no user ID."],
    ['stands there twice', `golan:${hash}\nGolan:${hash}\n`, 'line 2: there is a line for Golan already.'],
    [
      'asks for too much memory',
      `golan:${hash.replace('ln=1', 'ln=30')}\n`,
      'line 1: ln and r ask for more than 256 MB',
    ],
  ])('is refused if a line of it %s, and no part of a hash is said', (_, text, complaint) => {
    const file = fileOf(text);
    let message = '';
    try {
      readNameFile(file);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain(`${file}, ${complaint}`);
    expect(message).not.toMatch(/\$|sesame/);
  });

  it('has at most 10,000 names, and 4 MiB', () => {
    const lines = Array.from({ length: 10_001 }, (_, number) => `user${number}:${hash}\n`);
    expect(readNameFile(fileOf(lines.slice(1).join(''))).size).toBe(10_000);
    expect(() => readNameFile(fileOf(lines.join('')))).toThrow('line 10001: more than 10000 names.');
    expect(() => readNameFile(fileOf('#'.repeat(4 * 1024 * 1024 + 1)))).toThrow('has at most 4194304');
  });

  it.skipIf(process.platform === 'win32')('is used, with a warning, if others can read it', async () => {
    const warnings: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line) => void warnings.push(JSON.parse(line).problem) });
    const names = nameFile('golan');
    chmodSync(names, 0o644);
    await startTestServer({ names, log });
    expect(warnings).toEqual(['others can read it: chmod o-r']);
  });
});

describe('statechat name', () => {
  it('makes a line that the file takes, of a password from a pipe', async () => {
    const { exitCode, stdout, stderr } = await runProgram(['name', 'Golan'], { input: 'open sesame\n' });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^Golan:\$scrypt\$ln=15,r=8,p=3\$\S{22}\$\S{43}\n$/);
    const found = readNameFile(fileOf(stdout)).get('golan')?.hash;
    expect(found && (await findPassword('open sesame', [found]))).toBe(found);
  });

  it('makes a line of a certificate, and asks for nothing', async () => {
    const { tlsCert } = makeCertificate('golan');
    const { exitCode, stdout, stderr } = await runProgram(['name', 'Golan', '--certificate', tlsCert], { input: '' });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const { fingerprint256 } = new X509Certificate(readFileSync(tlsCert));
    expect(stdout).toBe(`Golan:cert:${fingerprint256}\n`);
    expect(readNameFile(fileOf(stdout)).get('golan')?.certificates.size).toBe(1);
  });

  it.each([
    ['is not there', () => '/nowhere.pem', '/nowhere.pem: there is no such file.'],
    ['is none', () => fileOf('x'), 'this is no certificate in PEM form.'],
    ['is a key', () => makeCertificate().tlsKey, 'this is no certificate in PEM form.'],
  ])('says in one line that a certificate %s', async (_, file, complaint) => {
    const { exitCode, stdout, stderr } = await runProgram(['name', 'golan', '--certificate', file()], { input: '' });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/^statechat name: [^\n]+\n$/);
    expect(stderr).toContain(complaint);
  });

  it.each([
    ['an id that can be none', ['a b'], 'x\n', "'a b' can be no user ID."],
    ['a reserved word', ['Server'], 'x\n', "'Server' can be no user ID."],
    ['no password', ['golan'], '', 'no password was given.'],
    ['two lines', ['golan'], 'one\ntwo\n', 'a password is one line, and there are several.'],
  ])('says in one line why there is none: %s', async (_, args, input, complaint) => {
    const { exitCode, stdout, stderr } = await runProgram(['name', ...args], { input });
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 1, stdout: '', stderr: `statechat name: ${complaint}\n` });
  });
});
