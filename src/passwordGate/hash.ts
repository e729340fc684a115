/**
 * A password as it is kept: hashed with scrypt, as one line of text in the usual form (PHC string format),
 * `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`, both in base64 without padding, with a name behind it if it has one.
 *
 * Owns: that form, what a hash costs, and the comparison. Knows nothing of files or of users.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

interface Cost {
  /** The power of two of scrypt's N. */
  ln: number;
  r: number;
  p: number;
}

export interface PasswordHash extends Cost {
  /** The operator's name of the password; empty if it has none. */
  name: string;
  salt: Buffer;
  hash: Buffer;
}

/** Resolves with the bytes that `scrypt` makes of a password, outside of the event loop. */
export type Hash = (password: string, how: PasswordHash) => Promise<Buffer>;

/** Takes 32 MB and about 0.3 s. Of the costs that OWASP recommends for scrypt, it is one with little memory. */
const usualCost: Cost = { ln: 15, r: 8, p: 3 };

/** The most memory a hash may take, in bytes. */
const maxMemory = 256 * 1024 * 1024;

const form = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)(?:\s+(.*))?$/;

/** Returns the hash that a line holds. Throws an error whose message says what is wrong with the line. */
export function parsePasswordHash(line: string): PasswordHash {
  const [, ln, r, p, salt = '', hash = '', name = ''] = form.exec(line.trim()) ?? [];
  if (ln === undefined) throw new Error('this is no line of `statechat password`');
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  if (cost.ln < 1 || cost.r < 1 || cost.p < 1) throw new Error('ln, r and p are at least 1');
  if (memoryOf(cost) > maxMemory) throw new Error('ln and r ask for more than 256 MB of memory for each try');
  const parsed = { ...cost, name, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
  if (parsed.hash.length < 16) throw new Error('the hash has less than 16 bytes');
  return parsed;
}

/** Resolves with the line for a password, which has a salt of its own. */
export async function hashPassword(password: string, name = ''): Promise<string> {
  const empty = { ...usualCost, name, salt: randomBytes(16), hash: Buffer.alloc(32) };
  const hash = await scryptHash(password, empty);
  const line = `$scrypt$ln=${empty.ln},r=${empty.r},p=${empty.p}$${base64(empty.salt)}$${base64(hash)}`;
  return name === '' ? line : `${line} ${name}`;
}

const scryptHash: Hash = (password, { ln, r, p, salt, hash }) =>
  new Promise((resolve, reject) => {
    const cost = { N: 2 ** ln, r, p, maxmem: 2 * maxMemory };
    // A keyboard may send the same letter as one character or as two.
    scrypt(password.normalize('NFC'), salt, hash.length, cost, (error, bytes) => {
      if (error) reject(error);
      else resolve(bytes);
    });
  });

/**
 * Resolves with the hash that the password has, or undefined. It takes the same time in every case, because it hashes
 * and compares with each one, one after the other.
 */
export async function findPassword(
  password: string,
  among: readonly PasswordHash[],
  hash: Hash = scryptHash,
): Promise<PasswordHash | undefined> {
  let found: PasswordHash | undefined;
  for (const each of among) {
    if (timingSafeEqual(await hash(password, each), each.hash)) found = each;
  }
  return found;
}

function memoryOf({ ln, r, p }: Cost): number {
  return 128 * r * (2 ** ln + p);
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
