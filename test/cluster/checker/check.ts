/**
 * One run: three servers, users who do anything, one fault in the middle, and a rest at the end.
 *
 * Owns: what a run consists of, and what of it has to be ended. Next: `faults.ts`, `randomUser.ts`, `record.ts`.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { asPart, atEnd } from '../../support/atEnd.ts';
import { type Cluster, startServers } from '../cluster.ts';
import type { Fault, Scene } from './faults.ts';
import { RandomUser } from './randomUser.ts';
import { type Counts, Record, type Violation } from './record.ts';

const servers = 3;
const users = 30;
/** Most ids are wanted by two users. */
const names = Array.from({ length: 18 }, (_, index) => `u${index}`);
const warmUpMs = 1200;
/** So long after the fault everything is as it was: no id is given out for 3 s after Redis was lost. */
const calmMs = 4500;
const restMs = 15_000;
/**
 * Where a program stands still for so long, the machine is too busy to say who would have been disconnected by the fault
 * alone: within a second a server and Redis have to have said ten things to each other.
 */
const starvedMs = 100;

export interface Run {
  readonly fault: string;
  readonly seed: number;
  readonly counts: Counts;
  readonly violations: readonly Violation[];
  /** The machine was too busy to judge whether anybody was disconnected in vain. */
  readonly isStarved: boolean;
}

const limits = [
  ...['--asked-per-minute', '0', '--decline-wait', '0', '--id-tries', '100000'],
  ...['--max-per-address', '0', '--room-history', '0'],
];

/** The servers of one run start after those of another one: all at once they would be too slow for each other. */
let latestStart: Promise<unknown> = Promise.resolve();

function startInTurn({ isDirect = false, hasLogins = false }: Fault): Promise<Cluster> {
  const start = () => startServers(servers, { isDirect, hasLogins, limits });
  const started = latestStart.then(start, start);
  latestStart = started.catch(() => {});
  return started;
}

export function check(fault: Fault, seed: number): Promise<Run> {
  return asPart(async () => {
    const cluster = await startInTurn(fault);
    const places = cluster.nodes.map(({ port }) => ({ port, isGone: false, isFrozen: false }));
    const scene: Scene = { ...cluster, places };
    const record = new Record();
    const all = Array.from({ length: users }, (_, index) => new RandomUser(record, places, names, index, seed));
    atEnd(() => {
      for (const user of all) user.end();
    });
    for (const user of all) user.begin();
    await wait(warmUpMs);
    await fault.run(scene);
    await wait(calmMs);
    for (const user of all) user.rest();
    await allAtRest(all);
    for (const user of all) if (!user.isAtRest) record.find('stuck', user.whereabouts);
    // Who has hung up is gone there a moment later.
    const owned = all.filter(({ hasId }) => hasId).length;
    let rows = await scene.rows(scene.redis);
    for (let look = 0; look < 50 && rows.length !== owned; look++) {
      await wait(100);
      rows = await scene.rows(scene.redis);
    }
    record.finish(rows.map(({ id }) => id));
    const { counts, violations } = record;
    const isStarved = record.longestStallMs > starvedMs;
    if (fault.keepsAll && counts.disconnected > 0 && !isStarved) {
      record.find('lost', `${counts.disconnected} users were disconnected`);
    }
    return { fault: fault.name, seed, counts, violations, isStarved };
  });
}

async function allAtRest(all: readonly RandomUser[]): Promise<void> {
  const until = performance.now() + restMs;
  while (performance.now() < until && !all.every(({ isAtRest }) => isAtRest)) await wait(20);
}
