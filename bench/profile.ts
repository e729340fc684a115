/**
 * Where statechat's time goes, by Node's own profiler: `npm run bench -- --profile`.
 *
 * Owns: the reading of `.cpuprofile` files. A profiled server is slower, so its figures are not shown.
 */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plan, Scenario } from './scenarios/scenario.ts';
import { start, statechat } from './servers.ts';

const sampleUs = 200;
const shown = 20;
const root = fileURLToPath(new URL('..', import.meta.url));

/** Returns the functions whose own code takes most time in a scenario, as Markdown, without waiting. */
export async function profile(scenario: Scenario, plan: Plan, directory: string): Promise<string> {
  const output = mkdtempSync(join(directory, 'profile-'));
  const nodeArgs = ['--cpu-prof', '--cpu-prof-dir', output, '--cpu-prof-interval', String(sampleUs)];
  const server = await start(statechat(nodeArgs));
  try {
    await scenario.run(server, plan);
  } finally {
    await server.process.stop();
  }
  const rows = readdirSync(output).map((file) => selfTimes(join(output, file)));
  // Node's loader thread has a profile of its own. The server's is the longer one.
  const [times] = rows.sort((a, b) => sum(b) - sum(a));
  if (times === undefined) throw new Error('The server left no profile.');
  const total = sum(times);
  const row = ([name, us]: readonly [string, number]) => `| ${((us / total) * 100).toFixed(1)} % | ${name} |`;
  const top = descending(times).slice(0, shown);
  const parts = descending(byPart(times));
  const head = ['| self | function |', '| ---: | --- |'];
  return [`### ${scenario.name}`, '', ...head, ...top.map(row), '', ...parts.map(row), ''].join('\n');
}

function descending(times: ReadonlyMap<string, number>): [string, number][] {
  return [...times].sort((a, b) => b[1] - a[1]);
}

/** The same time by where the code comes from. */
function byPart(times: ReadonlyMap<string, number>): Map<string, number> {
  const parts = new Map<string, number>();
  for (const [name, us] of times) {
    const part = /^write(Utf8String|Latin1String|Buffer|v)$/.test(name)
      ? 'writing to sockets'
      : (/ (node:|src\/|machines\/|node_modules\/\w+)/.exec(name)?.[1] ?? 'V8, the rest of Node');
    parts.set(`**${part}**`, (parts.get(`**${part}**`) ?? 0) + us);
  }
  return parts;
}

function sum(times: ReadonlyMap<string, number>): number {
  return [...times.values()].reduce((a, b) => a + b, 0);
}

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

/** Returns for each function the time that its own code took, in µs. */
function selfTimes(file: string): Map<string, number> {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  // What comes before is the loading of the program.
  const first = samples.findIndex((id) => names.get(id)?.includes(' src/transport/'));
  const times = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? '';
    if (index >= first && name !== '(idle)') times.set(name, (times.get(name) ?? 0) + (timeDeltas[index + 1] ?? 0));
  }
  return times;
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  if (!url.startsWith('file:')) return `${name} ${url}:${lineNumber + 1}`;
  // tsx puts a whole file on one line.
  return `${name} ${relative(root, fileURLToPath(url))}${lineNumber > 0 ? `:${lineNumber + 1}` : ''}`;
}
