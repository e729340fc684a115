/**
 * Compiles the program once for a whole run: started from its TypeScript, each of the many processes would compile it
 * again.
 *
 * Owns: the folder, which goes when the run ends. Types are not checked: that is `npm run types`. Next: `program.ts`.
 */
import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { compileTo } from '../../tools/compile.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The file that runs as `statechat`. */
    program: string;
  }
}

/** Vitest calls this before the first test, and what it returns after the last one. */
export default function compileProgram(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'statechat-program-'));
  // Some tests run it as another user.
  chmodSync(folder, 0o755);
  compileTo(folder, '--noCheck', '--declaration', 'false');
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'junction');
  project.provide('program', join(folder, 'src/cli/main.js'));
  return () => rmSync(folder, { recursive: true });
}
