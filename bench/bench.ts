/**
 * statechat beside other servers: `npm run bench`.
 *
 * Owns: the command line, the order of the runs (each server runs once in every round), and where the results go.
 * Nothing here passes or fails.
 * Next: `servers.ts` (what is compared), `scenarios/` (what is done to each), `results.ts`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pin } from './cores.ts';
import { type GrowthRow, growth } from './growth.ts';
import { connectionLimit, machine } from './machine.ts';
import { profile } from './profile.ts';
import { growthTable, Results, short } from './results.ts';
import { connections } from './scenarios/connections.ts';
import { cycles } from './scenarios/cycles.ts';
import { latency } from './scenarios/latency.ts';
import type { Figures, Plan, Scenario } from './scenarios/scenario.ts';
import { chatMany, chatOne, chatsOne, roomMany, roomOne } from './scenarios/talk.ts';
import { peers, type RunningServer, type ServerKind, start, statechat, watched } from './servers.ts';
import { writeResults } from './write.ts';

const scenarios = [chatOne, chatsOne, chatMany, roomOne, roomMany, cycles, connections, latency];
const names = [...scenarios.map(({ name }) => name), 'growth'];

const usage = `Usage: npm run bench -- [options]

  --quick      a minute or so: a short look, one run, fewer connections
  --only NAME  one of: ${names.join(', ')}
  --runs N     how often everything is run (5; with --quick once)
  --write      writes bench/RESULTS.md and its pictures
  --viewer     compares statechat alone, with its live viewer watched and without one
  --profile    shows where statechat's time goes, instead of comparing
`;

const full: Plan = { runs: 5, warmUpMs: 1000, measureMs: 2500, levels: [1000, 5000, 15_000] };
const quick: Plan = { runs: 1, warmUpMs: 200, measureMs: 400, levels: [1000, 3000] };

const options = readOptions();
const planned = options.quick ? quick : full;
const plan: Plan = { ...planned, runs: options.runs ?? planned.runs, levels: levelsThatFit(planned.levels) };
const chosen = scenarios.filter(({ name }) => options.only === undefined || options.only === name);
const pinned = pin();
const directory = mkdtempSync(join(tmpdir(), 'statechat-bench-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

if (options.profile) {
  for (const scenario of chosen) console.log(await profile(scenario, plan, directory));
} else await compare();

async function compare(): Promise<void> {
  const { kinds: others, leftOut } = options.viewer ? { kinds: [watched()], leftOut: [] } : peers(directory);
  const notes = [pinned, ...leftOut];
  const kinds = [statechat(), ...others];
  const results = new Results(kinds.map(({ name }) => name));
  for (const scenario of chosen) {
    results.expect(scenario.name, scenario.measures(plan));
    for (let round = 1; round <= plan.runs; round++) {
      for (const kind of kinds) {
        const figures = await runOnce(scenario, kind);
        results.add(scenario.name, kind.name, scenario.measures(plan), figures);
        const list = Object.entries(figures).map(([key, value]) => `${key} ${short(value)}`);
        progress(`${scenario.name} ${round}/${plan.runs} ${kind.name}: ${list.join(', ') || 'nothing'}`);
      }
    }
  }
  let growthRows: GrowthRow[] = [];
  if (options.only === undefined || options.only === 'growth') {
    progress('growth');
    growthRows = await growth(options.quick ? 30 : 300);
  }
  const tables = [
    ...(chosen.length > 0 ? [results.table()] : []),
    ...(growthRows.length > 0 ? [growthTable(growthRows)] : []),
    ...notes,
  ];
  console.log(tables.join('\n\n'));
  if (options.write) writeResults({ results, growthRows, kinds, plan, notes, machine: machine() });
}

/** Runs a scenario once with a new server. An error costs only the figures of this run. */
async function runOnce(scenario: Scenario, kind: ServerKind): Promise<Figures> {
  let server: RunningServer | undefined;
  try {
    server = await start(kind);
    return await scenario.run(server, plan);
  } catch (error) {
    progress(`${scenario.name} with ${kind.name} failed: ${(error as Error).message}`);
    return {};
  } finally {
    await server?.process.stop();
  }
}

function levelsThatFit(levels: readonly number[]): number[] {
  const limit = connectionLimit();
  const fitting = levels.map((level) => Math.min(level, Math.floor(limit / 1000) * 1000));
  if (limit < (levels.at(-1) ?? 0)) {
    progress(`Only ${limit} connections fit into this shell's limit of open files: raise it with \`ulimit -n 20000\`.`);
  }
  return [...new Set(fitting)].filter((level) => level > 0);
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string' },
        runs: { type: 'string' },
        write: { type: 'boolean', default: false },
        viewer: { type: 'boolean', default: false },
        profile: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const runs = values.runs === undefined ? undefined : Number(values.runs);
    if (runs !== undefined && !(Number.isInteger(runs) && runs > 0)) throw new Error('--runs takes a whole number.');
    if (values.only !== undefined && !names.includes(values.only)) throw new Error(`--only takes ${names.join(', ')}.`);
    if (values.write && (values.only !== undefined || values.profile || values.viewer))
      throw new Error('--write needs a whole run.');
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    return { ...values, runs };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(1);
  }
}
