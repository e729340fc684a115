/**
 * The program as compiled JavaScript: for the package (`build.ts`), and for tests that start it.
 *
 * Owns: what goes there. The folder mirrors the repository, so that whatever code finds by its path from its own file is
 * where it is in a checkout: the compiled files, those that are no TypeScript beside them, the drawn charts, and the version.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Compiles into a folder that is empty or does not exist. Throws if the compiler finds a mistake. */
export function compileTo(folder: string, ...compilerOptions: readonly string[]): void {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', folder, ...compilerOptions], {
    cwd: root,
    stdio: 'inherit',
  });
  for (const name of ['src', 'diagrams']) {
    cpSync(join(root, name), join(folder, name), {
      recursive: true,
      filter: (path) => statSync(path).isDirectory() || !path.endsWith('.ts'),
    });
  }
  const { name, version, type } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    string,
    string
  >;
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ name, version, type }, null, 2)}\n`);
}
