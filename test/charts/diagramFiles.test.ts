/** `npm run diagrams` and its `--check`: what they say and what they leave alone. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { problemsIn, superfluousIn, writeFiles } from '../../tools/diagrams/diagramFiles.ts';

const files = new Map([
  ['one.svg', 'one\n'],
  ['two.svg', 'two\n'],
]);

describe('a folder of diagrams', () => {
  it('has no problem after it was written', () => {
    const folder = newFolder();
    writeFiles(folder, files);
    expect(problemsIn(folder, files)).toEqual([]);
  });

  it('is made where there is none', () => {
    const folder = new URL('in/it/', newFolder());
    expect(problemsIn(folder, files)).toHaveLength(3);
    writeFiles(folder, files);
    expect(problemsIn(folder, files)).toEqual([]);
  });

  it('says what is missing, stale and superfluous, and what mends it', () => {
    const folder = newFolder();
    writeFileSync(new URL('two.svg', folder), 'other\n');
    writeFileSync(new URL('three.svg', folder), 'three\n');
    expect(problemsIn(folder, files)).toEqual([
      'one.svg is missing.',
      'two.svg is out of date.',
      '`npm run diagrams` mends what is missing or out of date.',
      'three.svg comes from no chart: delete it, or keep it elsewhere.',
    ]);
  });

  it('keeps what comes from no chart when it is written', () => {
    const folder = newFolder();
    writeFileSync(new URL('three.svg', folder), 'three\n');
    writeFiles(folder, files);
    expect(readFileSync(new URL('three.svg', folder), 'utf8')).toBe('three\n');
    expect(superfluousIn(folder, files)).toEqual(['three.svg comes from no chart: delete it, or keep it elsewhere.']);
  });
});

describe('npm run diagrams', () => {
  it('passes its check in this repository', () => {
    expect(runCommand('--check')).toEqual({ status: 0, said: '' });
  });

  it('refuses other options, and writes nothing', () => {
    expect(runCommand('--chek')).toEqual({ status: 2, said: 'Usage: npm run diagrams [-- --check]\n' });
  });
});

function newFolder(): URL {
  const path = mkdtempSync(join(tmpdir(), 'diagrams-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return pathToFileURL(`${path}/`);
}

function runCommand(...options: string[]): { status: number | null; said: string } {
  const program = fileURLToPath(new URL('../../tools/diagrams/write.ts', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', program, ...options], {
    encoding: 'utf8',
  });
  return { status, said: stderr };
}
