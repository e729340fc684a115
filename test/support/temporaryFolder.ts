/** A folder for the files of one test. It is removed when the test ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'statechat-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
