/**
 * Every server of the zoo is told what its fault is, and no other: the matrix of docs/conform.md. `npm run prove` tries every
 * third server; `CONFORM_MATRIX=check` tries all of them, and `CONFORM_MATRIX=write` writes the page.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { allChecks } from '../../src/conform/checks/all.ts';
import { faultsOf, isGood } from '../../src/conform/judgement.ts';
import { ServerProcess } from '../../src/conform/serverProcess.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasPython, judge, startServer, type ZooServer, zooDialect, zooServers } from './servers.ts';

/** So many servers are judged at once: most of the time is spent waiting. */
const atOnce = 4;
const page = 'docs/conform.md';
const { CONFORM_MATRIX: matrix } = process.env;

describeNeeding('python3', hasPython, 'the zoo', () => {
  it('has a server for at least 24 faults, each of which has a check', () => {
    const known = allChecks.map(({ name }) => name.toLowerCase());
    const servers = zooServers();
    const named = servers.filter(({ fault }) => known.some((name) => fault.toLowerCase().startsWith(name)));
    expect(servers.length).toBeGreaterThanOrEqual(24);
    expect(new Set(named.map(({ fault }) => fault)).size).toBeGreaterThanOrEqual(24);
  });

  it('the one without a fault passes three times in a row, in every suite', { timeout: 300_000 }, async () => {
    const port = await startServer('test/zoo/correct.py');
    for (let run = 0; run < 3; run++) {
      const judgement = await judge(port, {
        dialect: zooDialect,
        suites: run === 0 ? ['states', 'branches', 'inputs', 'pairs'] : ['branches'],
      });
      expect(faultsOf(judgement).map(({ name }) => name)).toEqual([]);
      expect(judgement.checks.filter(({ outcome }) => outcome !== 'passed').map(({ check }) => check.id)).toEqual([]);
      expect(isGood(judgement)).toBe(true);
    }
  });

  it('each of the others is told what its fault is, and no other', { timeout: 1_200_000 }, async () => {
    const servers = matrix === undefined ? everyThird() : zooServers();
    const rows: string[] = [];
    const wrong: string[] = [];
    let begun = 0;
    const work = async (): Promise<void> => {
      while (begun < servers.length) {
        const at = begun++;
        const server = servers[at] as ZooServer;
        const { names, checks, isPassed } = await faultsAt(server);
        rows[at] =
          `| \`${server.file}.py ${server.name}\` | ${names.join('; ')} | ${checks.map((id) => `\`${id}\``).join(', ')} |`;
        const isRight = names.length === 1 && server.fault.toLowerCase().startsWith((names[0] ?? '').toLowerCase());
        if (!isRight || isPassed) wrong.push(`${server.name} (${server.fault}): ${names.join('; ') || 'nothing'}`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    expect(wrong).toEqual([]);
    expect(isOnPage(rows)).toBe(true);
  });
});

/** Every third server: all of them take five minutes. */
function everyThird(): ZooServer[] {
  return zooServers().filter((_, at) => at % 3 === 0);
}

async function faultsAt({ file, name }: ZooServer): Promise<{ names: string[]; checks: string[]; isPassed: boolean }> {
  const server = await ServerProcess.start(`exec python3 -B test/zoo/${file}.py ${name} {port}`);
  try {
    const judgement = await judge(server.port, { dialect: zooDialect });
    const faults = faultsOf(judgement);
    const checks = faults.flatMap(({ results }) => results.map(({ check }) => check.id));
    return { names: faults.map((each) => each.name), checks, isPassed: isGood(judgement) };
  } finally {
    await server.stop();
  }
}

/** True if the page has both tables, or has them now. */
function isOnPage(rows: readonly string[]): boolean {
  const checks = allChecks.map(({ id, stage, rule, name }) => `| \`${id}\` | ${stage} | ${rule} | ${name} |`);
  const text = readFileSync(page, 'utf8');
  const withChecks = filled(text, 'checks', [
    '| Check | Exercise | Rule | Fault |',
    '| --- | ---: | --- | --- |',
    ...checks,
  ]);
  if (matrix === undefined) return text === withChecks && rows.every((row) => text.includes(`\n${row}\n`));
  const wanted = filled(withChecks, 'zoo', [
    '| Server | Named, and nothing else | By the checks |',
    '| --- | --- | --- |',
    ...rows,
  ]);
  if (matrix === 'write') writeFileSync(page, wanted);
  return matrix === 'write' || text === wanted;
}

function filled(text: string, what: string, rows: readonly string[]): string {
  const [begin, end] = [`<!-- the ${what} -->`, `<!-- end of the ${what} -->`];
  const [before = '', rest = ''] = text.split(begin);
  const [, after = ''] = rest.split(end);
  return `${before}${begin}\n\n${rows.join('\n')}\n\n${end}${after}`;
}
