/**
 * Faults in the Lua that runs inside Redis, one at a time.
 *
 * Owns: which faults are tried. Each line is left out once, each condition is once true and once false, and each comparison,
 * literal and name of a row is changed once. Those that Redis doesn't load are none. Next: `hunt.ts`.
 */
import { readFileSync } from 'node:fs';
import type { Mutant } from './instrument.ts';

const changes: readonly (readonly [RegExp, ...string[]])[] = [
  [/(?<=\b(?:else)?if ).+(?= then\b)/, 'true', 'false'],
  [/==/, '~='],
  [/~=/, '=='],
  [/ <(?= )/, ' <='],
  [/ <=(?= )/, ' <'],
  [/ >(?= )/, ' >='],
  [/ >=(?= )/, ' >'],
  [/ \+(?= )/, ' -'],
  [/ -(?= )/, ' +'],
  [/\bnot /, ''],
  [/ and /, ' or '],
  [/ or /, ' and '],
  [/\btrue\b/, 'false'],
  [/\bfalse\b/, 'true'],
  [/'[^']*'/, "'changed'"],
  [/\brow\.session\b/, 'other.session'],
  [/\bother\.session\b/, 'row.session'],
  [/\btarget\.session\b/, 'row.session'],
  [/\brow\.other\b/, 'row.session'],
  [/\brow\.id\b/, 'other.id'],
  [/\bother\.id\b/, 'row.id'],
  [/string\.lower/, 'tostring'],
  [/math\.max/, 'math.min'],
  [/math\.min/, 'math.max'],
];

/** All faults of a file; `text` is the whole file with the fault in it. */
export function luaFaults(file: string): Mutant[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const found: Mutant[] = [];
  const add = (line: number, column: number, was: string, is: string): void => {
    const old = lines[line] as string;
    const text = lines.with(line, old.slice(0, column) + is + old.slice(column + was.length)).join('\n');
    const name = `${old.trim().slice(0, 100)} | ${was.trim().slice(0, 60)} → ${is}`;
    const id = `${file}:${line + 1}:${column + 1}:${is}`;
    found.push({ id, file, line: line + 1, column: column + 1, name, from: 0, to: 0, replacement: is, text });
  };
  for (const [line, code] of lines.entries()) {
    if (/^\s*(?:--|#!|$)/.test(code)) continue;
    add(line, 0, code, '');
    for (const [pattern, ...replacements] of changes) {
      for (const { 0: was, index } of code.matchAll(new RegExp(pattern, 'g'))) {
        for (const is of replacements) if (is !== was) add(line, index, was, is);
      }
    }
  }
  return found;
}
