/** What contributors are given agrees: versions of Node, and the programs that tests need. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** What a script installs with apt-get. */
function packagesIn(path: string): string[] {
  const [, words = ''] = /apt-get install([^>&;]*)/.exec(readFileSync(path, 'utf8')) ?? [];
  return words.split(/\s+/).filter((word) => /^[a-z]/.test(word));
}

describe('the devcontainer', () => {
  it('has every program that .ci/run installs', () => {
    expect(packagesIn('.ci/run')).toContain('redis-server');
    expect(packagesIn('.devcontainer/Dockerfile')).toEqual(expect.arrayContaining(packagesIn('.ci/run')));
  });
});

describe('the oldest version of Node', () => {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
  const oldest = /^>=(\d+)/.exec(engines.node)?.[1];

  it.each([
    ['.nvmrc', /^(\d+)\n$/],
    ['.devcontainer/Dockerfile', /^FROM node:(\d+)-/m],
    ['.github/workflows/ci.yml', /^ +node: \[(\d+),/m],
    ['.github/workflows/ci.yml', /^ +image: node:(\d+)-/m],
  ])('is the one of %s', (path, form) => {
    expect(form.exec(readFileSync(path, 'utf8'))?.[1]).toBe(oldest);
  });
});
