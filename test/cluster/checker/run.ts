/**
 * `npm run checker -- [--runs 20] [--at-once 6] [--only TEXT] [--write]`: every fault so many times, under traffic. Prints
 * what each has done to how many users. With `--only`, only the faults with this in their name; with `--write`, the table
 * goes into docs/promises.md. Twenty runs of each take about a quarter of an hour on two idle cores.
 *
 * Owns: the table. Ends with exit code 1 if a run has found anything. Next: `../checker.system.test.ts` (the runs).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Run } from './check.ts';

const page = new URL('../../../docs/promises.md', import.meta.url);
const folder = new URL('../../../coverage/figures/', import.meta.url);
const report = fileURLToPath(new URL('checker.json', folder));
const [begin, end] = ['<!-- written by `npm run checker -- --write` -->', '<!-- end of the checker’s table -->'];

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    'at-once': { type: 'string', default: '6' },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});
if (values.write && values.only !== '') throw new Error('--write needs all faults.');

mkdirSync(folder, { recursive: true });
rmSync(report, { force: true });
const { status } = spawnSync('npx', ['vitest', 'run', '--project', 'system', 'test/cluster/checker.system.test.ts'], {
  stdio: ['ignore', 'inherit', 'inherit'],
  env: {
    ...process.env,
    STATECHAT_CHECKER_RUNS: values.runs,
    STATECHAT_CHECKER_AT_ONCE: values['at-once'],
    STATECHAT_CHECKER_ONLY: values.only,
    STATECHAT_CHECKER_REPORT: report,
  },
});
if (existsSync(report)) {
  const table = tableOf(JSON.parse(readFileSync(report, 'utf8')) as Run[]);
  console.log(table);
  if (values.write) {
    const text = readFileSync(page, 'utf8');
    const [before, after] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
    writeFileSync(page, `${text.slice(0, before)}\n\n${table}\n\n${text.slice(after)}`);
  }
}
process.exit(status ?? 1);

function tableOf(runs: readonly Run[]): string {
  const names = [...new Set(runs.map(({ fault }) => fault))];
  const ofFault = (name: string): Run[] => runs.filter(({ fault }) => fault === name);
  const rows = names.map((name) => rowOf(name, ofFault(name)));
  return [
    '| Fault | Runs | Claims | Granted | Chats | Chat lines read | Room lines read | Disconnected by the server | Too busy to judge that | Violations |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    rowOf('all', runs),
  ].join('\n');
}

function rowOf(name: string, runs: readonly Run[]): string {
  const sum = (of: (run: Run) => number): string =>
    Math.ceil(runs.reduce((all, run) => all + of(run), 0)).toLocaleString('en');
  const cells = [
    ...[name, `${runs.length}`, sum(({ counts }) => counts.claims), sum(({ counts }) => counts.granted)],
    // Both sides count a chat.
    ...[sum(({ counts }) => counts.chats / 2), sum(({ counts }) => counts.chatLines)],
    ...[sum(({ counts }) => counts.roomLines), sum(({ counts }) => counts.disconnected)],
    ...[sum(({ isStarved }) => Number(isStarved)), sum(({ violations }) => violations.length)],
  ];
  return `| ${cells.join(' | ')} |`;
}
