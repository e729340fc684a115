/**
 * Many users at several servers, and their Redis dies and comes back empty: `npm run bench:restart [-- --users 50000]`.
 *
 * Owns: how many users are disconnected by that (none should be), and after which time all ids are known again. Busy
 * programs take the processors meanwhile, as many as there are processors (`--busy N`). Users are connections of processes
 * of their own. Nothing here passes or fails. It takes a minute or two, and 3 GB of memory with 50,000 users.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createClient } from '@redis/client';
import { defaultPrefix, directoryKeyOf } from '../src/cluster/luaLibrary.ts';
import { Child } from './child.ts';
import { freePort, redisProgram, start, statechat } from './servers.ts';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '50000' },
    busy: { type: 'string' },
    port: { type: 'string' },
    name: { type: 'string' },
  },
});
const users = Number(values.users);
const servers = 4;
/** So many of one process connect at the same time. */
const atOnce = 50;
const downMs = 3000;
const watchMs = 30_000;

if (values.port === undefined) await measure();
else await load(Number(values.port), values.name ?? '');

async function measure(): Promise<void> {
  const port = await freePort();
  const redisArgs = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  let redis = new Child(redisProgram, redisArgs);
  await sleep(500);
  const url = `redis://127.0.0.1:${port}`;
  const started = [];
  for (let server = 0; server < servers; server++) {
    started.push(await start(statechat([], ['--redis', url, '--announce-limit', '0'])));
  }
  const loads = started.map(({ port: to }, index) =>
    fork(new URL(import.meta.url), ['--port', `${to}`, '--name', `n${index}`, '--users', `${users / servers}`], {
      execArgv: ['--import', 'tsx'],
    }),
  );
  process.on('exit', () => {
    for (const one of loads) one.kill('SIGKILL');
  });
  await Promise.all(loads.map((one) => once(one, 'message')));
  console.log(`${await online(url)} users at ${servers} servers`);
  const busy = Array.from(
    { length: 2 * availableParallelism() },
    () => new Child(process.execPath, ['-e', 'for(;;);']),
  );
  redis.kill();
  await sleep(downMs);
  redis = new Child(redisProgram, redisArgs);
  const begin = performance.now();
  let backMs = Number.NaN;
  while (performance.now() - begin < watchMs) {
    if (Number.isNaN(backMs) && (await online(url)) === users) backMs = performance.now() - begin;
    await sleep(100);
  }
  const lost = await Promise.all(
    loads.map(async (one) => {
      const answer = once(one, 'message');
      one.send('how many are lost?');
      return Number((await answer)[0]);
    }),
  );
  console.log(
    `Redis was down for ${downMs / 1000} s, ${busy.length} busy programs beside: ` +
      `${lost.reduce((sum, one) => sum + one, 0)} users disconnected, all ids known again after ${(backMs / 1000).toFixed(1)} s`,
  );
  for (const child of [...busy, redis, ...started.map(({ process: server }) => server)]) child.kill();
  process.exit();
}

/** How many users the directory knows. */
async function online(url: string): Promise<number> {
  const client = createClient({ url, RESP: 2, socket: { reconnectStrategy: false } });
  client.on('error', () => {});
  try {
    await client.connect();
    const count = Number(await client.sendCommand(['ZCARD', `${directoryKeyOf(defaultPrefix)}:order`]));
    client.destroy();
    return count;
  } catch {
    return 0;
  }
}

/** A process with so many users, who claim ids and then wait. */
async function load(port: number, name: string): Promise<void> {
  let [next, lost] = [0, 0];
  const come = (id: string): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' });
      let text = '';
      socket.on('error', () => {});
      socket.on('close', () => lost++);
      socket.on('connect', () => socket.write(`${id}\n`));
      socket.on('data', (bytes) => {
        text = (text + bytes.toString('latin1')).slice(-200);
        if (text.includes('4) Who')) resolve();
      });
    });
  const lane = async (): Promise<void> => {
    while (next < users) await come(`${name}-${next++}`);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  process.on('message', () => process.send?.(lost));
  process.send?.('all are here');
}
