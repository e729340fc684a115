/** The command: its exit codes, what it writes, and servers that it starts itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { startOurServer } from './servers.ts';

const slow = { timeout: 120_000 };
const command = [process.execPath, '--import', 'tsx', 'src/cli/main.ts', 'conform'];

async function run(...args: string[]): Promise<{ exitCode: unknown; stdout: string; stderr: string }> {
  const [file = '', ...rest] = command;
  const child = spawn(file, [...rest, ...args]);
  const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
  const [exitCode] = await once(child, 'close');
  const [stdout, stderr] = await outputs;
  return { exitCode, stdout, stderr };
}

describe('the command', () => {
  it('says that all is well, writes what it was asked for, and exits with 0', slow, async () => {
    const server = await startOurServer();
    const folder = temporaryFolder();
    const file = (name: string): string => join(folder, name);
    const kinds = ['report', 'json', 'junit', 'gradescope', 'classroom'] as const;
    const reports = kinds.flatMap((kind) => [`--${kind}`, file(kind)]);
    const { exitCode, stdout, stderr } = await run(`127.0.0.1:${server.port}`, '--stage', '2', ...reports);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/Exercise 2 is passed\. Next: exercise 3/);
    expect(JSON.parse(readFileSync(file('json'), 'utf8'))).toMatchObject({ isGood: true, stage: 2 });
    for (const kind of kinds) expect(readFileSync(file(kind), 'utf8').length).toBeGreaterThan(100);
  });

  it('exits with 2 when the server could not be tested', slow, async () => {
    expect(await run('127.0.0.1:1')).toEqual({
      exitCode: 2,
      stdout: "127.0.0.1:1 can't be judged. Nothing listens on 127.0.0.1:1.\n",
      stderr: '',
    });
    expect(await run('--dialect', 'nowhere.json')).toMatchObject({
      exitCode: 2,
      stderr: 'statechat: nowhere.json: there is no such file.\n',
    });
    expect(await run('--run', 'exit 3; {port}')).toMatchObject({ exitCode: 2 });
  });
});
