/**
 * Tests that need something that this machine may not have. Without it they are skipped, and the run says at its end what was
 * missing.
 *
 * Owns: the mark in the title by which `quietReporter.ts` knows.
 */
import { spawnSync } from 'node:child_process';
import { describe } from 'vitest';

/** True if this program can be started. */
export function isInstalled(program: string, versionOption = '--version'): boolean {
  return spawnSync(program, [versionOption], { stdio: 'ignore' }).status === 0;
}

export function describeNeeding(what: string, isThere: boolean, title: string, define: () => void): void {
  describe.skipIf(!isThere)(isThere ? title : `${title} [needs ${what}]`, define);
}
