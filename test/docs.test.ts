/**
 * The form of the documentation: prose that fits in a diff, whole tables, and links that lead somewhere.
 *
 * Owns: the width of prose, the cells of tables, whether the file or heading that a page links to exists, and the
 * numbers of decisions. Knows nothing of what the pages say: other tests compare that with the program.
 * Next: `metrics/operations.test.ts`, `cli/optionsPage.test.ts`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** In columns: two pages of this width stand beside each other on a usual screen. */
const maxProseColumns = 100;

interface Line {
  /** From 1. */
  number: number;
  text: string;
}

/** The folders that .gitignore names hold what others wrote, or what our programs write. */
const foreignFolders = new Set(['.git', ...readFileSync('.gitignore', 'utf8').replaceAll('/', '').split('\n')]);

/** Every page of the repository, as its path from the root. */
function pagesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return foreignFolders.has(entry.name) ? [] : pagesIn(path);
    return entry.isFile() && entry.name.endsWith('.md') ? [path] : [];
  });
}

/** The lines of a page that are no code. */
function linesOf(page: string): Line[] {
  let isCode = false;
  return readFileSync(page, 'utf8')
    .split('\n')
    .map((text, index) => ({ number: index + 1, text }))
    .filter(({ text }) => {
      const isFence = /^\s*(```|~~~)/.test(text);
      if (isFence) isCode = !isCode;
      return !isFence && !isCode;
    });
}

/** A row of a table can't be broken, and neither can a single word: it may be as long as it is. */
function isTooLong({ text }: Line): boolean {
  const isTable = /^\s*\|/.test(text);
  const words = text.replace(/^\s*(?:[-*+]|\d+\.)\s+/, '').trim();
  return !isTable && [...text].length > maxProseColumns && /\s/.test(words);
}

/** Rows with more or fewer cells than the row above them, which begins or continues the same table. */
function raggedRows(page: string): string[] {
  const lines = linesOf(page);
  const cells = (text = ''): number => (/^\s*\|/.test(text) ? text.replaceAll('\\|', '').split('|').length : 0);
  return lines.flatMap(({ number, text }, index) => {
    const above = cells(lines[index - 1]?.text);
    return above > 0 && cells(text) > 0 && cells(text) !== above ? [`${page}:${number} ${text}`] : [];
  });
}

/** What a page links to within the repository: links, images, references and HTML attributes. */
function targetsOf(page: string): string[] {
  const text = linesOf(page)
    .map((line) => line.text)
    .join('\n')
    .replaceAll(/(`+)[^`]+\1/g, '');
  const links = text.matchAll(/\]\(\s*<?([^()\s>]+)|^\[[^\]]+\]:\s*(\S+)|\b(?:href|src|srcset)="([^"]+)"/gm);
  return [...links]
    .map(([, link, reference, attribute]) => link ?? reference ?? attribute ?? '')
    .filter((target) => !/^[a-z][a-z+.-]*:/i.test(target));
}

/** The names by which GitHub lets others link to the headings of a page; the second of two equal ones ends in -1. */
function anchorsOf(page: string): string[] {
  const seen = new Map<string, number>();
  return linesOf(page).flatMap(({ text }) => {
    const ids = [...text.matchAll(/<\w+ (?:id|name)="([^"]+)"/g)].map(([, id]) => id ?? '');
    const [, heading] = /^#{1,6} +(.*?)[ #]*$/.exec(text) ?? [];
    if (heading === undefined) return ids;
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const name = words.replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '').replaceAll(' ', '-');
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return [...ids, count === 0 ? name : `${name}-${count}`];
  });
}

function exists(page: string, target: string): boolean {
  const [path = '', anchor] = decodeURI(target).split('#');
  const file = path === '' ? page : path.startsWith('/') ? path.slice(1) : join(dirname(page), path);
  if (!existsSync(file)) return false;
  return anchor === undefined || !file.endsWith('.md') || anchorsOf(file).includes(anchor);
}

describe.each(pagesIn('.'))('%s', (page) => {
  it(`has no prose of more than ${maxProseColumns} columns`, () => {
    const tooLong = linesOf(page).filter(isTooLong);
    expect(tooLong.map(({ number, text }) => `${page}:${number} ${text}`)).toEqual([]);
  });

  it('has tables with the same number of cells in each row', () => {
    expect(raggedRows(page)).toEqual([]);
  });

  // A page that tells what was before names files of then.
  it.skipIf(/decisions|CHANGELOG/.test(page))('names only tests that exist', () => {
    const text = readFileSync(page, 'utf8');
    const named = [...text.matchAll(/`(test\/[\w./-]+)`/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !existsSync(name))).toEqual([]);
  });

  it('links to files and headings that exist', () => {
    expect(targetsOf(page).filter((target) => !exists(page, target))).toEqual([]);
  });
});

it('reads every page of the documentation', () => {
  expect(pagesIn('.')).toEqual(expect.arrayContaining(['README.md', 'docs/protocol.md', 'docs/decisions/README.md']));
});

describe('docs/decisions', () => {
  const decisions = readdirSync('docs/decisions').filter((name) => name !== 'README.md');

  it('has each number once, in the title of its page too', () => {
    const numbers = decisions.map((name) => Number(name.slice(0, 4)));
    const titles = decisions.map((name) => /^# (\d+)\. /.exec(readFileSync(`docs/decisions/${name}`, 'utf8'))?.[1]);
    expect(titles.map(Number)).toEqual(numbers);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it('has a list of all', () => {
    expect(targetsOf('docs/decisions/README.md')).toEqual(decisions);
  });

  it.each(['machines', 'src', 'tools'])('has the decisions that %s/ names, under their number', (folder) => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const named = files.flatMap((name) => [
      ...readFileSync(join(folder, name), 'utf8').matchAll(/\bdecision (\d+), docs\/decisions\/(\S+\.md)/gi),
    ]);
    expect(named.length).toBeGreaterThan(0);
    // A number may be missing, so its place in the list doesn't say which page it has.
    const pageOf = (number = '') => decisions.find((name) => name.startsWith(`${number.padStart(4, '0')}-`));
    for (const [, number, name] of named) expect(pageOf(number)).toBe(name);
  });
});
