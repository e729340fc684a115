/** The program `statechat`: its subcommands, and what it says of them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runProgram } from '../support/runProgram.ts';

const subcommands = ['serve', 'connect', 'password', 'conform', 'diagrams'];

describe('statechat', () => {
  it('lists its subcommands with --help', async () => {
    const { stdout, ...ended } = await runProgram(['--help']);
    expect(ended).toEqual({ stderr: '', exitCode: 0 });
    for (const name of subcommands) expect(stdout).toMatch(new RegExp(`^  ${name} +[a-z]`, 'm'));
    expect(stdout).toContain('Examples:\n  statechat serve');
  });

  it('prints the same on standard error without a subcommand, and fails', async () => {
    const help = await runProgram(['--help']);
    expect(await runProgram([])).toEqual({ stdout: '', stderr: help.stdout, exitCode: 1 });
  });

  it.each(subcommands)('explains %s with examples, whichever way it is asked, within 80 columns', async (name) => {
    const help = await runProgram([name, '--help']);
    expect(help).toMatchObject({ stderr: '', exitCode: 0 });
    expect(help.stdout).toMatch(new RegExp(`^Usage: statechat ${name} `));
    expect(help.stdout).toContain(`Examples:\n  statechat ${name}`);
    for (const line of help.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(help.stdout).not.toMatch(/default: (\{|"")/);
    expect(await runProgram(['help', name])).toEqual(help);
  });

  it.each(['', ...subcommands])('prints the version of the package: statechat %s --version', async (name) => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await runProgram([name, '--version'].filter(Boolean))).toEqual({
      stdout: `${version}\n`,
      stderr: '',
      exitCode: 0,
    });
  });

  it.each([
    [['sevre'], "unknown command 'sevre' (Did you mean serve?)"],
    [['help', 'conect'], "unknown command 'conect' (Did you mean connect?)"],
    [['--versoin'], "unknown option '--versoin' (Did you mean --version?)"],
    [['serve', '--max-conections', '5'], "unknown option '--max-conections' (Did you mean --max-connections?)"],
    [['diagrams', '--otu', 'x'], "unknown option '--otu' (Did you mean --out?)"],
    [
      ['serve', '--log-level', 'wran'],
      "option '--log-level <level>' argument 'wran' is invalid. Allowed choices are fatal, error, warn, info, debug, trace, silent. (Did you mean warn?)",
    ],
  ])('answers %j with one line that names the nearest right one', async (args, says) => {
    expect(await runProgram(args)).toEqual({ stdout: '', stderr: `statechat: ${says}\n`, exitCode: 1 });
  });
});

describe('statechat diagrams', () => {
  it('writes the drawn charts to a folder, which it makes, and names them', async () => {
    const out = join(temporaryFolder(), 'new', 'charts');
    const { stdout, ...ended } = await runProgram(['diagrams', '--out', out]);
    expect(ended).toEqual({ stderr: '', exitCode: 0 });
    expect(readdirSync(out).sort()).toEqual(readdirSync('diagrams').sort());
    for (const name of readdirSync(out)) {
      expect(readFileSync(join(out, name), 'utf8')).toBe(readFileSync(join('diagrams', name), 'utf8'));
      expect(stdout).toContain(`${join(out, name)}\n`);
    }
  });

  it('says in one line that it can’t write there', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const { stderr, exitCode } = await runProgram(['diagrams', '--out', file]);
    expect(stderr).toMatch(/^statechat: can't write the diagrams: [^\n]+\n$/);
    expect(exitCode).toBe(1);
  });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'statechat-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
