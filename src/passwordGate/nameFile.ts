/**
 * The file of names that stay: an id and its password's hash a line, `ID:HASH`, or the fingerprint of a certificate that can
 * stand for the password, `ID:cert:FINGERPRINT`. Empty lines and lines that begin with # have no meaning.
 *
 * Owns: what may be in the file, and the sentence for each mistake. Next: `hash.ts` (a hash), `nameProofs.ts` (its use).
 */
import { statSync } from 'node:fs';
import { isAcceptableId } from '../../machines/session.machine.ts';
import { readSetupFile, SetupError } from '../runtime/operatorError.ts';
import { type PasswordHash, parsePasswordHash } from './hash.ts';

/** The file is read while nothing else happens: so many lines take some 50 ms. */
const maxNames = 10_000;
/** Room for as many of the longest lines. */
const maxFileBytes = 4 * 1024 * 1024;

const linePattern = /^\s*(?<id>[^\s:]+):(?:cert:(?<fingerprint>(?:[\da-f]{2}:?){32})(?:\s.*)?|(?<hash>\$.*))$/i;

/** All lines of one id. */
export interface Name {
  /** The line of its password, and its hash; no password is right without it. */
  readonly line: string | undefined;
  readonly hash: PasswordHash | undefined;
  /** Normal fingerprints. */
  readonly certificates: ReadonlySet<string>;
}

/** By the id in lower case. */
export type NameTable = ReadonlyMap<string, Name>;

/** Why this can't be a name that stays, as a part of a sentence; undefined if it can. */
export function nameProblem(id: string): string | undefined {
  return isAcceptableId(id) ? undefined : `'${id}' can be no user ID`;
}

/** A SHA-256 fingerprint, which `openssl` writes with colons and in capitals. */
export function normalFingerprint(text: string): string {
  return text.replaceAll(':', '').toLowerCase();
}

/** Throws a `SetupError` that names the file, the line, and what is wrong with it. Never says a hash. */
export function readNameFile(file: string): NameTable {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxFileBytes) throw new SetupError(`${file}: ${size} bytes; a file of names has at most ${maxFileBytes}.`);
  const names = new Map<string, Name & { certificates: Set<string> }>();
  for (const [index, line] of readSetupFile(file).split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const refuse = (what: string): never => {
      throw new SetupError(`${file}, line ${index + 1}: ${what}.`);
    };
    const parts = linePattern.exec(line)?.groups ?? refuse('this is no line of `statechat name`');
    const { id = '', hash, fingerprint } = parts;
    const problem = nameProblem(id);
    if (problem !== undefined) refuse(problem);
    const name = names.get(id.toLowerCase()) ?? { line: undefined, hash: undefined, certificates: new Set<string>() };
    if (fingerprint !== undefined) name.certificates.add(normalFingerprint(fingerprint));
    else if (name.hash !== undefined) refuse(`there is a line for ${id} already`);
    names.set(id.toLowerCase(), hash === undefined ? name : { ...name, line: line.trim(), hash: hashIn(hash, refuse) });
    if (names.size > maxNames) refuse(`more than ${maxNames} names`);
  }
  return names;
}

function hashIn(text: string, refuse: (what: string) => never): PasswordHash {
  try {
    return parsePasswordHash(text);
  } catch (error) {
    return refuse((error as Error).message.replace('statechat password', 'statechat name'));
  }
}
