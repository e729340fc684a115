/**
 * The directory inside Redis, as servers and users grow: `npm run bench:directory`, with `-- --write` for the page.
 *
 * Owns: what a decision costs Redis, and how long the longest call takes when a server joins, when a server dies, and
 * when all come back to an empty Redis: with up to a million users and a hundred simulated servers. With `--write` the
 * table in docs/scale-out.md and its picture are written again. Nothing here passes or fails. It takes some minutes and
 * some 2 GB of memory. Next: `simulatedServers.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { machine } from './machine.ts';
import { type Longest, SimulatedServers } from './simulatedServers.ts';
import { type LinePanel, lineChart } from './svg.ts';

const page = new URL('../docs/scale-out.md', import.meta.url);
const picture = new URL('../docs/scale-out.svg', import.meta.url);
const [tableBegin, tableEnd] = [
  '<!-- written by `npm run bench:directory -- --write` -->',
  '<!-- end of the table -->',
];

const mostServers = 100;
const middleUsers = 50_000;
const userCounts = [2000, 10_000, middleUsers, 200_000, 1_000_000];
const serverCounts = [4, 16, 32, mostServers];
/** How often two users meet, chat and part. */
const meetings = 2000;
const decisionsPerMeeting = 4;

interface Point {
  readonly servers: number;
  readonly users: number;
  /** The time of Redis' CPU for each decision, in µs. */
  readonly aloneUs: number;
  readonly batchedUs: number;
  readonly joins: Longest;
  readonly dies: Longest;
  readonly restart: Longest;
  /** Redis' memory for each user, in kB. Of few users it says nothing: Redis takes some for itself. */
  readonly userKb: number;
}

const { values: options } = parseArgs({ options: { write: { type: 'boolean' }, most: { type: 'string' } } });
const most = Number(options.most ?? Number.POSITIVE_INFINITY);
if (options.write && options.most !== undefined) throw new Error('--write needs a whole run.');

const points: Point[] = [];
for (const servers of serverCounts) if (servers < mostServers) points.push(await measured(servers, middleUsers));
for (const users of userCounts.filter((count) => count <= most)) points.push(await measured(mostServers, users));
const table = tableOf(points);
console.log(`${machine().join('\n')}\n\n${table}`);
if (options.write) {
  writeFileSync(picture, lineChart('The directory in Redis as users and servers grow', panels(points)));
  const text = readFileSync(page, 'utf8');
  const [before, after] = [text.indexOf(tableBegin) + tableBegin.length, text.indexOf(tableEnd)];
  writeFileSync(page, `${text.slice(0, before)}\n\n${table}\n\n${text.slice(after)}`);
}

async function measured(servers: number, users: number): Promise<Point> {
  const directory = await SimulatedServers.start();
  try {
    const names = Array.from({ length: servers }, (_, index) => `s${index}`);
    const held = new Map(names.map((name) => [name, Math.round(users / servers)]));
    const emptyKb = directory.redis.residentKb();
    await directory.joinAll(held, 'first');
    const userKb = (directory.redis.residentKb() - emptyKb) / users;
    // Those who came first are listed, and known to all: the pairs are of others.
    const later = names.slice(-4);
    const [aloneUs, batchedUs] = [await decision(directory, later, 1), await decision(directory, later, 20)];
    const joins = await directory.longest(() => directory.joinAll(new Map([['late', 0]]), 'first'));
    // One with users that are listed, and one with a quarter of all users.
    await directory.joinAll(new Map([['big', Math.round(users / 4)]]), 'first');
    const dies = await directory.longest(async () => {
      for (const dead of ['s0', 'big']) await directory.die(dead, 'late');
    });
    await directory.empty();
    const restart = await directory.longest(() => directory.joinAll(held, 'second'));
    process.stderr.write(`${servers} servers, ${users} users\n`);
    return { servers, users, aloneUs, batchedUs, joins, dies, restart, userKb };
  } finally {
    await directory.stop();
  }
}

async function decision(directory: SimulatedServers, names: readonly string[], atOnce: number): Promise<number> {
  await meet(directory, meetings / 4, names, atOnce);
  const before = directory.redis.firstThreadMs();
  await meet(directory, meetings, names, atOnce);
  return ((directory.redis.firstThreadMs() - before) * 1000) / (meetings * decisionsPerMeeting);
}

/** Two users of each pair are at two servers. `atOnce` of them do each step in the same batch. */
async function meet(
  directory: SimulatedServers,
  count: number,
  names: readonly string[],
  atOnce: number,
): Promise<void> {
  for (let done = 0; done < count; done += atOnce) {
    const pair = (done / atOnce) % Math.floor(names.length / 2);
    const [one, other] = [names[pair * 2] as string, names[pair * 2 + 1] as string];
    const users = Array.from({ length: atOnce }, (_, index) => index);
    const askers = users.map((user) => `${one}/${user}`);
    const asks = askers.flatMap((asker, user) => [
      ['menu.leave', asker, 'requesting'],
      ['request.make', asker, `${other}-${user}`, 0, 0],
    ]);
    await directory.batch(one, asks);
    const pairings = await directory.pairingIds(askers);
    const accepts = users.map((user) => ['request.accept', `${other}/${user}`, pairings[user]]);
    await directory.batch(other, accepts);
    const leaves = askers.map((asker, user) => ['chat.leave', asker, pairings[user]]);
    await directory.batch(one, leaves);
    for (const server of [one, other]) await directory.read(server);
  }
}

function tableOf(all: readonly Point[]): string {
  const longest = ({ cpuMs, clockMs }: Longest): string => `${cpuMs.toFixed(1)} ms (${clockMs.toFixed(0)})`;
  const seconds = ({ allMs }: Longest): string => `${(allMs / 1000).toFixed(1)} s`;
  const rows = all.map(({ servers, users, aloneUs, batchedUs, joins, dies, restart, userKb }) => [
    ...[servers, users.toLocaleString('en'), `${aloneUs.toFixed(0)} µs`, `${batchedUs.toFixed(0)} µs`],
    ...[
      longest(joins),
      longest(dies),
      seconds(dies),
      longest(restart),
      seconds(restart),
      users < middleUsers ? '' : `${userKb.toFixed(2)} kB`,
    ],
  ]);
  return [
    '| Servers | Users | Decision | in batches of 20 | a server joins: longest call | two servers die | in all | all come back to an empty Redis | in all | memory for each user |',
    '| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}

function panels(all: readonly Point[]): LinePanel[] {
  const short = (count: number): string => (count < 1e6 ? `${count / 1000}k` : `${count / 1e6}M`);
  const byUsers = all.filter(({ servers }) => servers === mostServers);
  const byServers = all.filter(({ users }) => users === middleUsers);
  const kinds = [
    { chosen: byUsers, what: `users at ${mostServers} servers`, ticks: byUsers.map(({ users }) => short(users)) },
    {
      chosen: byServers,
      what: `servers with ${short(middleUsers)} users`,
      ticks: byServers.map(({ servers }) => `${servers}`),
    },
  ];
  return [
    ...kinds.map(({ chosen, what, ticks }) => ({
      title: `Redis’ time for a decision, by ${what}`,
      ticks,
      lines: [
        { label: 'alone', values: chosen.map(({ aloneUs }) => aloneUs) },
        { label: 'in batches of 20', values: chosen.map(({ batchedUs }) => batchedUs) },
      ],
      format: (value: number) => `${value} µs`,
    })),
    ...kinds.map(({ chosen, what, ticks }) => ({
      title: `Redis’ time for the longest call, by ${what}`,
      ticks,
      lines: [
        { label: 'empty restart', values: chosen.map(({ restart }) => restart.cpuMs) },
        { label: 'a server joins', values: chosen.map(({ joins }) => joins.cpuMs) },
        { label: 'servers die', values: chosen.map(({ dies }) => dies.cpuMs) },
      ],
      format: (value: number) => `${value} ms`,
    })),
  ];
}
