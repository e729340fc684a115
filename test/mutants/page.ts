/**
 * `docs/mutants.md`: what came of the faults, by file.
 *
 * Owns: the tables and lists in it, each between two marks; the text around them is written by hand. A fault that was not
 * noticed either stands in `unnoticeable.ts` with its reason, or is open.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { isNoticed, type Result } from './results.ts';
import type { Unnoticeable } from './unnoticeable.ts';

const page = 'docs/mutants.md';

export interface Summary {
  readonly percent: number;
  /** Noticed by nobody, and no reason is known. */
  readonly open: readonly Result[];
  /** In the list of those that nobody could notice, but noticed, or not there any more. */
  readonly outdated: readonly string[];
}

/** Writes what came of one part into the page. If a sample of it was tried, it has `all` faults. */
export function summarize(
  name: string,
  results: readonly Result[],
  reasons: readonly Unnoticeable[],
  all?: number,
): Summary {
  const unnoticed = results.filter((result) => !isNoticed(result));
  const reasonOf = (result: Result): Unnoticeable | undefined =>
    reasons.find(({ file, faults }) => file === result.file && faults.includes(result.name));
  const open = unnoticed.filter((result) => reasonOf(result) === undefined);
  const outdated = reasons.flatMap(({ file, faults }) =>
    faults
      .filter((fault) => {
        const same = results.filter((result) => result.file === file && result.name === fault);
        return same.length === 0 ? all === undefined : same.every(isNoticed);
      })
      .map((fault) => `${file}: ${fault}`),
  );
  const rows = [...new Set(results.map(({ file }) => file))].sort().map((file) => {
    const of = (list: readonly Result[]): number => list.filter((result) => result.file === file).length;
    return rowOf(`\`${file}\``, of(results), of(results.filter(isNoticed)), of(open));
  });
  const noticed = results.length - unnoticed.length;
  const text = [
    ...(all !== undefined ? [ofSample(noticed, noticed + open.length, results.length, all), ''] : []),
    '| File | Faults | Noticed | Nobody could notice | Not noticed | Noticed of those that can be |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    rowOf('together', results.length, noticed, open.length),
    ...section('Nobody could notice', reasons.map(inWords)),
    ...section(
      'Not noticed',
      open.map(({ file, name }) => `${file}: ${name}`),
    ),
  ];
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const old = readFileSync(page, 'utf8');
  const [from, to] = [old.indexOf(begin), old.indexOf(end)];
  if (from === -1 || to === -1) throw new Error(`${page} has no place for ${name}.`);
  writeFileSync(page, `${old.slice(0, from)}${begin}\n\n${text.join('\n')}\n\n${old.slice(to)}`);
  return { percent: percentOf(noticed, noticed + open.length), open, outdated };
}

/** Wilson's interval, which holds for shares near 100 %, too. */
function ofSample(noticed: number, count: number, tried: number, all: number): string {
  const [p, z] = [noticed / count, 1.96];
  const middle = p + (z * z) / (2 * count);
  const half = z * Math.sqrt((p * (1 - p)) / count + (z * z) / (4 * count * count));
  const [from, to] = [middle - half, middle + half].map((share) => ((100 * share) / (1 + (z * z) / count)).toFixed(1));
  return [
    `A sample: ${tried} of ${all} faults, drawn at random by a fixed seed. The share of all lies between`,
    `${from} % and ${to} % (19 times of 20).`,
  ].join('\n');
}

function rowOf(name: string, all: number, noticed: number, open: number): string {
  const percent = percentOf(noticed, noticed + open).toFixed(1);
  return `| ${[name, all, noticed, all - noticed - open, open, `${percent} %`].join(' | ')} |`;
}

function percentOf(part: number, whole: number): number {
  return whole === 0 ? 100 : (100 * part) / whole;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `**${title}:**`, '', '```', ...lines, '```'];
}

function inWords({ file, why, faults }: Unnoticeable): string {
  return [`${file}: ${why}`, ...faults.map((fault) => `    ${fault}`)].join('\n');
}
