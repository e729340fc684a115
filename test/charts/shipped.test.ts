/** What runs for users stays apart from what only draws diagrams when the charts change. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const programs = new URL('../../src/cli/', import.meta.url);

it('no program loads the layout library, nor a file that does', () => {
  const reached = new Set<string>();
  for (const name of readdirSync(programs)) reach(new URL(name, programs), reached);
  expect([...reached].filter((path) => path.endsWith('/src/server/server.ts'))).toHaveLength(1);
  expect([...reached].filter((path) => path.includes('elkjs') || path.endsWith('/tools/diagrams/layout.ts'))).toEqual(
    [],
  );
});

it('the diagrams do, so the look-up would find it', () => {
  const reached = new Set<string>();
  reach(new URL('../../tools/diagrams/write.ts', programs), reached);
  expect(reached).toContain('elkjs');
});

/** Follows all imports, of types too and those that wait to be run. */
function reach(file: URL, reached: Set<string>): void {
  if (reached.has(file.pathname)) return;
  reached.add(file.pathname);
  const imports = readFileSync(file, 'utf8').matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g);
  for (const [, path = ''] of imports) {
    if (path.startsWith('.')) reach(new URL(path, file), reached);
    else reached.add(path);
  }
}
