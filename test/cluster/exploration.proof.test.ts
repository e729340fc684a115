/**
 * Several servers and their Redis, explored: whatever happens to Redis and to the connections, no id has two owners, no
 * pair is half, each line is read once and in order, and after a calm nobody waits for anything.
 *
 * Owns: how far this goes, and that each of the planted faults is found. A server is the real code with its chart. What
 * runs inside Redis is the real Lua, on a Redis in memory (`redisInMemory.system.test.ts`).
 */
import { expect, it } from 'vitest';
import { Peers } from '../../src/cluster/peers.ts';
import { RedisDirectory } from '../../src/cluster/redisDirectory.ts';
import { explore, replay, wander } from './model/explore.ts';
import { faults, withFault } from './model/plantedFaults.ts';
import { loadLua } from './model/redisInMemory.ts';

const parts = { engine: loadLua(), Directory: RedisDirectory, PeersClass: Peers };

it('keeps every promise on the ways that have broken one', async () => {
  expect(await replay(parts)).toBe('');
});

it('keeps every promise, whichever two things happen', async () => {
  const { worlds, ways, report } = await explore(parts, { depth: 2, worlds: 10_000 });
  console.log(`several servers: ${worlds} worlds of different shape, ${ways} ways`);
  expect(report).toBe('');
  expect(worlds).toBeGreaterThan(900);
});

it('keeps every promise on 400 long ways', async () => {
  expect((await wander(parts, { depth: 14, worlds: 400 })).report).toBe('');
});

it.each(faults)('would not, if a server or its directory $what', async (fault) => {
  const faulty = await withFault(fault);
  const found = (await replay(faulty)) || (await explore(faulty, { depth: 1, worlds: 10_000 })).report;
  expect(found).toContain('sequenceDiagram');
});
