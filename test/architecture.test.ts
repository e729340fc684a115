/**
 * The rules of the house that a machine can check: which folder may import from which, what a file's header promises, and how
 * long things may be. CONTRIBUTING.md says why.
 *
 * To add an arrow between folders: its name in the row of the folder that imports. It must lead down the list.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  classesIn,
  codeLines,
  functionsIn,
  headerOf,
  type Import,
  importsOf,
  trackedFiles,
} from './support/sourceText.ts';
import { menu } from './support/wireTexts.ts';

/** From the ground up: each folder, and those below that it may import from. */
const floors: readonly (readonly [folder: string, mayImport: readonly string[]])[] = [
  ['machines', []],
  ['src/runtime', []],
  ['src/chart', ['machines']],
  ['src/config', ['machines', 'src/runtime']],
  ['src/transport', ['src/runtime']],
  ['src/protocol', ['machines', 'src/config', 'src/runtime']],
  ['src/chat/directory', ['machines']],
  ['src/dialogue', ['machines', 'src/transport']],
  ['src/cluster', ['machines', 'src/chat/directory', 'src/runtime']],
  ['src/passwordGate', ['machines', 'src/config', 'src/dialogue', 'src/protocol', 'src/runtime', 'src/transport']],
  [
    'src/chat',
    ['machines', 'src/chat/directory', 'src/config', 'src/dialogue', 'src/protocol', 'src/runtime', 'src/transport'],
  ],
  ['src/operator', ['machines', 'src/chat', 'src/config', 'src/runtime', 'src/transport']],
  ['src/viewer', ['machines', 'src/chart', 'src/chat', 'src/runtime']],
  [
    'src/web',
    [
      'machines',
      'src/chart',
      'src/config',
      'src/dialogue',
      'src/protocol',
      'src/runtime',
      'src/transport',
      'src/viewer',
    ],
  ],
  ['src/metrics', ['machines', 'src/chat', 'src/config', 'src/runtime', 'src/transport']],
  [
    'src/conform',
    ['machines', 'src/chart', 'src/chat', 'src/chat/directory', 'src/config', 'src/protocol', 'src/runtime'],
  ],
  ['src/client', ['machines', 'src/protocol', 'src/runtime', 'src/transport']],
  [
    'src/server',
    [
      ...['src/chat', 'src/cluster', 'src/config', 'src/metrics', 'src/passwordGate', 'src/protocol', 'src/runtime'],
      ...['src/operator', 'src/transport', 'src/viewer', 'src/web'],
    ],
  ],
  [
    'src/cli',
    [
      ...['src/client', 'src/config', 'src/conform', 'src/operator', 'src/passwordGate', 'src/protocol'],
      ...['src/runtime', 'src/server'],
    ],
  ],
  ['src', ['src/server']],
];

const shipped = trackedFiles(['machines', 'src'], /\.(ts|js)$/);
const ours = trackedFiles(['machines', 'src', 'tools', 'bench', 'test'], /\.(ts|js|lua|css)$/);

/** The folder of the table that a file belongs to. */
function folderOf(file: string): string {
  const folders = floors.map(([folder]) => folder).filter((folder) => file.startsWith(`${folder}/`));
  return folders.sort((a, b) => b.length - a.length)[0] ?? dirname(file);
}

describe('imports', () => {
  it('run only where the table of floors has an arrow', () => {
    const allowed = new Map(floors);
    const forbidden = shipped.flatMap((file) =>
      importsOf(file)
        .filter(({ isOurs }) => isOurs)
        .map(({ path }) => [folderOf(file), folderOf(path), `${file} imports ${path}`] as const)
        .filter(([from, to]) => from !== to && !allowed.get(from)?.includes(to))
        .map(([from, to, what]) => `${from} → ${to} is no arrow of the table: ${what}`),
    );
    expect(forbidden).toEqual([]);
  });

  it('lead down the table', () => {
    const order = floors.map(([folder]) => folder);
    const up = floors.flatMap(([folder, below]) =>
      below.filter((each) => order.indexOf(each) >= order.indexOf(folder)).map((each) => `${folder} → ${each}`),
    );
    expect(up).toEqual([]);
  });

  it('has no arrow in the table that nobody needs', () => {
    const taken = new Set(
      shipped.flatMap((file) => importsOf(file).map(({ path }) => `${folderOf(file)} ${folderOf(path)}`)),
    );
    const spare = floors.flatMap(([folder, below]) =>
      below.filter((each) => !taken.has(`${folder} ${each}`)).map((each) => `${folder} → ${each}`),
    );
    expect(spare).toEqual([]);
  });

  it('form no circle', () => {
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, way: readonly string[]): void => {
      if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '));
      if (done.has(file) || way.includes(file)) return;
      for (const { path, isOurs } of importsOf(file)) if (isOurs) visit(path, [...way, file]);
      done.add(file);
    };
    for (const file of ours.filter((name) => /\.(ts|js)$/.test(name))) visit(file, []);
    expect(circles).toEqual([]);
  });
});

describe('the tree', () => {
  it('has one file directly in src', () => {
    expect(shipped.filter((file) => dirname(file) === 'src')).toEqual(['src/index.ts']);
  });

  it('has no file of the same name in machines and src', () => {
    const machines = shipped.filter((file) => file.startsWith('machines/')).map((file) => basename(file));
    expect(shipped.filter((file) => file.startsWith('src/') && machines.includes(basename(file)))).toEqual([]);
  });
});

/** What a header's "knows nothing of" rules out: no import of this. */
const knowledge: readonly (readonly [word: RegExp, isKnown: (imported: Import) => boolean])[] = [
  [/\bsockets?\b/, ({ path, names }) => /^node:(net|tls)$/.test(path) && /Socket|createServer|connect/i.test(names)],
  [/\bcharts?\b/, ({ path }) => path.startsWith('machines/') && path.endsWith('.machine.ts')],
  [/\bsentences?\b/, ({ path }) => path.startsWith('src/protocol/')],
  [/\bRedis\b/, ({ path }) => /^@redis\/|\/redisConnection\.ts$/.test(path)],
  [/\bchats?\b/, ({ path }) => path.startsWith('src/chat/')],
  [/\b(passwords?|hashes)\b/, ({ path }) => path.startsWith('src/passwordGate/')],
  [/\bthe options\b/, ({ path }) => path.startsWith('src/cli/')],
];

/** A file of fewer lines says what it is, and that is what it owns. */
const shortFileLines = 40;

describe('the header of', () => {
  it.each(shipped)('%s says what the file owns, and is true', (file) => {
    const header = headerOf(file);
    expect(header, 'a comment at the top').not.toBe('');
    if (readFileSync(file, 'utf8').split('\n').length > shortFileLines) expect(header).toMatch(/\bOwns:/);
    for (const [, name = ''] of header.matchAll(/`([\w./-]+\.(?:ts|js|lua|json|md))`/g)) {
      const places = [join(dirname(file), name), join('src', name), name].map((path) => normalize(path));
      expect(places.some(existsSync), `${name} is there`).toBe(true);
    }
    for (const [, claim = ''] of header.matchAll(/\b[Kk]nows nothing of ([^.:;]*)/g)) {
      for (const [word, isKnown] of knowledge.filter(([word]) => word.test(claim))) {
        const known = importsOf(file).filter(isKnown);
        expect(known, `"knows nothing of ${claim}", and of ${word}`).toEqual([]);
      }
    }
  });
});

describe('size', () => {
  // The client's chart needs most: one Ctrl-C means something else in each of its states, so no part of it stands alone.
  it('no file has more than 400 lines, and no chart, which tools take as one file, more than 560', () => {
    const long = ours
      .map((file) => [file, readFileSync(file, 'utf8').trimEnd().split('\n').length] as const)
      .filter(([file, lines]) => lines > (file.endsWith('.machine.ts') ? 560 : 400));
    expect(long).toEqual([]);
  });

  it('no line of code has more than 120 columns', () => {
    const wide = ours.flatMap((file) =>
      codeLines(file)
        .filter(({ text }) => text.length > 120)
        .map(({ number }) => `${file}:${number}`),
    );
    expect(wide).toEqual([]);
  });

  it('no function that ships or makes what ships has more than 70 lines', () => {
    const files = [...shipped, ...trackedFiles(['tools'], /\.ts$/)];
    const long = files.flatMap((file) =>
      functionsIn(file)
        .filter(({ lines }) => lines > 70)
        .map(({ name, lines }) => `${file}: ${name} has ${lines}`),
    );
    expect(long).toEqual([]);
  });

  it('no class that ships has more than 20 methods', () => {
    const big = shipped.flatMap((file) =>
      classesIn(file)
        .filter(({ methods }) => methods > 20)
        .map(({ name, methods }) => `${file}: ${name} has ${methods}`),
    );
    expect(big).toEqual([]);
  });

  it('is measured, not missed: a long function and a big class are found', () => {
    expect(functionsIn('src/chat/lobby.ts').find(({ name }) => name.includes('#startSession'))?.lines).toBeGreaterThan(
      8,
    );
    expect(classesIn('src/chat/lobby.ts')).toEqual([{ name: 'Lobby', methods: expect.any(Number) }]);
    expect(classesIn('src/chat/lobby.ts')[0]?.methods).toBeGreaterThan(15);
  });
});

describe('the texts of the wire', () => {
  const spelling = 'test/support/wireTexts.ts';

  it('are spelt in the tests without a look at the product', () => {
    expect(importsOf(spelling)).toEqual([]);
  });

  it('have one menu, which no other test spells', () => {
    const options = menu.trimEnd().split('\n').slice(1);
    expect(options.length).toBeGreaterThan(0);
    const spelt = trackedFiles(['test'], /\.ts$/).filter((file) => {
      const source = readFileSync(file, 'utf8');
      return options.some((option) => source.includes(option));
    });
    expect(spelt).toEqual([spelling]);
  });
});
