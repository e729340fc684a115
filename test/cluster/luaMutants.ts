/**
 * Faults put into the directory's Lua, one at a time: does the comparison with the directory in memory notice them?
 *
 * Owns: which faults are tried. Each line of what decides is left out once, and each comparison, literal and name in it
 * is changed once. `differential.test.ts` tries them.
 */
import fc from 'fast-check';
import { library } from '../../src/cluster/luaLibrary.ts';
import type { TestClient } from '../support/redisServer.ts';
import { difference, type Step, someLimits, steps } from './sequences.ts';

export interface Mutant {
  readonly line: number;
  readonly was: string;
  readonly is: string;
  readonly library: string;
}

/** What is compared with `memoryDirectory.ts`: rows and commands. Nodes, leases and lines have tests of their own. */
const ranges = [
  ['function Call:put(', '-- What passes through here keeps its place'],
  ['-- The names by which somebody is declined', "commands['asker.refuse']"],
] as const;

const changes: [RegExp, string][] = [
  [/==/, '~='],
  [/~=/, '=='],
  [/\bnot /, ''],
  [/ and /, ' or '],
  [/ or /, ' and '],
  [/'menu'/, "'requesting'"],
  [/'chatting'/, "'confirming'"],
  [/'confirming'/, "'chatting'"],
  [/'requesting'/, "'menu'"],
  [/'request\.withdrawn'/, "'request.declined'"],
  [/'request\.declined'/, "'chat.ended'"],
  [/'request\.expired'/, "'request.withdrawn'"],
  [/'chat\.ended'/, "'request.expired'"],
  [/'gone'/, "'busy'"],
  [/'unknown'/, "'busy'"],
  [/'self'/, "'busy'"],
  [/'busy'/, "'unknown'"],
  [/\brow\.session\b/, 'other.session'],
  [/\bother\.session\b/, 'row.session'],
  [/\btarget\.session\b/, 'row.session'],
  [/\brow\.other\b/, 'row.session'],
  [/\brow\.id\b/, 'other.id'],
  [/\bother\.id\b/, 'row.id'],
  [/\+ 1\b/, '+ 0'],
  [/string\.lower/, 'tostring'],
];

export function mutants(): Mutant[] {
  const lines = library.split('\n');
  const startOf = (beginning: string): number => lines.findIndex((line) => line.startsWith(beginning));
  const found: Mutant[] = [];
  const add = (line: number, is: string): void => {
    const changed = lines.with(line, is).join('\n');
    found.push({ line: line + 1, was: (lines[line] as string).trim(), is: is.trim(), library: changed });
  };
  for (const [line, text] of lines.entries()) {
    if (!ranges.some(([from, to]) => line >= startOf(from) && line < startOf(to))) continue;
    // Nobody can ask the directory in memory in its first two seconds after a failover: it has none.
    if (/^\s*(--|$)/.test(text) || text.includes('unavailable')) continue;
    // In memory both sides of a pairing are always there. `epochs.system.test.ts` tries the other case.
    if (text.includes('end_alone')) continue;
    const comparedUpTo = text.includes(' = paired(') ? text.indexOf('pairingId') : text.length;
    add(line, '');
    for (const [pattern, replacement] of changes) {
      for (const match of text.matchAll(new RegExp(pattern, 'g'))) {
        const at = match.index;
        if (at > comparedUpTo) continue;
        add(line, text.slice(0, at) + replacement + text.slice(at + match[0].length));
      }
    }
  }
  return found;
}

/** The sequences every mutant is given: enough for each of the commands in each of the states. */
export function trials(): Step[][] {
  return fc.sample(steps(80), { numRuns: 200, seed: 7 });
}

/** `broken` if Redis doesn't take it, `noticed` or `survived` if it does. */
export async function fateOf(
  client: TestClient,
  mutant: Mutant,
  sequences: readonly Step[][],
): Promise<'broken' | 'noticed' | 'survived'> {
  try {
    await client.sendCommand(['FUNCTION', 'LOAD', 'REPLACE', mutant.library]);
  } catch {
    return 'broken';
  }
  for (const [index, sequence] of sequences.entries()) {
    try {
      if ((await difference(client, sequence, index % 2 === 1, index % 4 > 1 ? someLimits : undefined)) !== undefined)
        return 'noticed';
    } catch {
      return 'noticed';
    }
  }
  return 'survived';
}
