/**
 * The package as a user gets it: packed, and installed in an empty folder.
 *
 * Owns: that folder, and whether npm could get the packages that it depends on. Next: `test/package/`.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface InstalledPackage {
  /** The folder in which it is installed. */
  folder: string;
  /** The names of all files in the package, sorted. */
  files: readonly string[];
  /** False if the registry can't be reached and the packages are in no cache. */
  isInstalled: boolean;
  /** Removes the folder. */
  remove(): void;
}

const noRegistry =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|network timeout)\b/;

export async function installPackage(): Promise<InstalledPackage> {
  const folder = mkdtempSync(join(tmpdir(), 'statechat-package-'));
  const npm = (cwd: string, ...args: string[]) => promisify(execFile)('npm', args, { cwd, timeout: 60_000 });
  const { stdout } = await npm('.', 'pack', '--json', '--pack-destination', folder);
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [{ filename: string; files: { path: string }[] }];
  // A package of its own: npm would install into one above it otherwise.
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  let isInstalled = true;
  try {
    const quickly = ['--prefer-offline', '--no-audit', '--fetch-retries=0', '--fetch-timeout=20000'];
    await npm(folder, 'install', ...quickly, `./${packed.filename}`);
  } catch (error) {
    if (!noRegistry.test(String((error as { stderr?: string }).stderr))) throw error;
    isInstalled = false;
  }
  return {
    folder,
    files: packed.files.map(({ path }) => path).sort(),
    isInstalled,
    remove: () => rmSync(folder, { recursive: true }),
  };
}
