/** The command with servers that it starts itself, and with a class. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { describeNeeding } from '../support/describeNeeding.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { hasPython, startServer, zooDialect } from './servers.ts';

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

describeNeeding('python3', hasPython, 'with servers in Python', () => {
  it('starts a server, ends it, and shows what it wrote to its standard error', slow, async () => {
    const crash = join(temporaryFolder(), 'crash.py');
    writeFileSync(
      crash,
      'import sys, os; sys.path.insert(0, "test/zoo")\nfrom correct import Server\nclass Crash(Server):\n    def menu(self, person, text, line):\n        if text == "x": os.write(2, b"it was x"); os._exit(1)\n        return super().menu(person, text, line)\nCrash().serve(int(sys.argv[1]))\n',
    );
    const { exitCode, stdout, stderr } = await run(
      '--stage',
      '2',
      '--dialect',
      zooDialect,
      '--run',
      `python3 -B ${crash} {port}`,
    );
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/✗ the server ends\n[\s\S]*ann types "x"\n/);
    expect(stderr).toMatch(/it was x[\s\S]*started again/);
  });

  it('makes a table of a class', slow, async () => {
    const [right, wrong] = [await startServer('test/zoo/correct.py'), await startServer('test/zoo/ids.py twice')];
    const list = join(temporaryFolder(), 'class.txt');
    writeFileSync(list, `# a class\n127.0.0.1:${right} Ada Lovelace\n${wrong} Alan Turing\n`);
    const { exitCode, stdout } = await run('--class', list, '--stage', '2', '--dialect', zooDialect);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/Ada Lovelace +127\.0\.0\.1:\d+ +9\/9 +20\/20 +nothing: all passed/);
    expect(stdout).toMatch(/Alan Turing +127\.0\.0\.1:\d+ +9\/9 +\d+\/20 +the same id twice/);
  });
});
