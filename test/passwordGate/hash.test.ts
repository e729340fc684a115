/** Hashes of passwords: known ones, the form they are kept in, and that every one is compared. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPasswordFile } from '../../src/passwordGate/file.ts';
import { findPassword, hashPassword, type PasswordHash, parsePasswordHash } from '../../src/passwordGate/hash.ts';
import { cheapLine } from '../support/passwordGates.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

/** The vectors of RFC 7914, section 12: scrypt("password", "NaCl", N = 1024, r = 8, p = 16), and the one with N = 16384. */
const vectors = [
  {
    ...{ password: 'password', salt: 'NaCl', ln: 10, p: 16 },
    hash: 'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
  },
  {
    ...{ password: 'pleaseletmein', salt: 'SodiumChloride', ln: 14, p: 1 },
    hash: '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
  },
];

function base64(text: string, encoding: BufferEncoding): string {
  return Buffer.from(text, encoding).toString('base64').replace(/=+$/, '');
}

describe('a password', () => {
  it.each(vectors)('is found by its hash: $password', async ({ password, salt, ln, p, hash }) => {
    const line = `$scrypt$ln=${ln},r=8,p=${p}$${base64(salt, 'utf8')}$${base64(hash, 'hex')}`;
    const parsed = parsePasswordHash(line);
    expect(await findPassword(password, [parsed])).toBe(parsed);
    expect(await findPassword(`${password} `, [parsed])).toBeUndefined();
  });

  it('is found by the line that was made of it, with its name', async () => {
    const line = await hashPassword('correct horse', 'for friends');
    const parsed = parsePasswordHash(line);
    expect(parsed).toMatchObject({ ln: 15, r: 8, p: 3, name: 'for friends' });
    expect([parsed.salt.length, parsed.hash.length]).toEqual([16, 32]);
    expect(await findPassword('correct horse', [parsed])).toBe(parsed);
    expect(await findPassword('correct horse ', [parsed])).toBeUndefined();
  });

  it('has another salt each time', async () => {
    const [one, other] = await Promise.all([hashPassword('the same'), hashPassword('the same')]);
    expect(one).not.toBe(other);
  });

  it('is the same composed and decomposed', async () => {
    const parsed = parsePasswordHash(cheapLine('caf\u00e9'));
    expect(await findPassword('cafe\u0301', [parsed])).toBe(parsed);
  });

  it('is compared with all, whichever it is, and if it is none', async () => {
    const all = ['one', 'two', 'three'].map((password) => parsePasswordHash(cheapLine(password, password)));
    for (const [password, name] of [
      ['one', 'one'],
      ['three', 'three'],
      ['none', undefined],
    ]) {
      const compared: PasswordHash[] = [];
      const found = await findPassword(password as string, all, async (_, how) => {
        compared.push(how);
        return how.name === password ? how.hash : Buffer.alloc(how.hash.length);
      });
      expect(found?.name).toBe(name);
      expect(compared).toEqual(all);
    }
  });
});

describe('a file of passwords', () => {
  function fileOf(text: string): string {
    const file = join(temporaryFolder(), 'passwords');
    writeFileSync(file, text);
    return file;
  }

  it('has a password a line, and remarks', () => {
    const file = fileOf(`# ours\n\n${cheapLine('one')}\r\n  ${cheapLine('two', 'the second')}  \n\n`);
    expect(readPasswordFile(file).map(({ name }) => name)).toEqual(['', 'the second']);
  });

  const good = cheapLine('one');
  it.each([
    ['', 'there is no password in it'],
    ['# nothing yet\n', 'there is no password in it'],
    ['# plain text is no hash\nsecret\n', 'line 2: this is no line of `statechat password`'],
    [`${good}\n${good.replace('ln=1', 'ln=30')}\n`, 'line 2: ln and r ask for more than 256 MB'],
    [good.replace('ln=1', 'ln=0'), 'line 1: ln, r and p are at least 1'],
    [good.slice(0, -8), 'line 1: the hash has less than 16 bytes'],
    [`${good}\n`.repeat(17), '17 passwords; at most 16'],
  ])('is not taken as %j', (text, complaint) => {
    const file = fileOf(text);
    expect(() => readPasswordFile(file)).toThrow(`${file}${complaint.startsWith('line') ? ', ' : ': '}${complaint}`);
  });
});
