/**
 * The same commands for two directories: the one in memory, and the one inside Redis.
 *
 * Owns: which commands are tried (fast-check chooses), and what is compared after each of them: all updates and all
 * rows. Users are connected to two server processes in turn. The commands of a sequence are sent to Redis at once, for
 * speed; the inbox entries say which command has caused them.
 */

import fc from 'fast-check';
import type { DirectoryUpdate } from '../../machines/events.ts';
import { MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';
import type { AskLimits } from '../../src/cluster/commandRouter.ts';
import { libraryName } from '../../src/cluster/luaLibrary.ts';
import type { Incoming, SharedRow } from '../../src/cluster/wireTypes.ts';
import { type Asked, ask } from '../decisions/directoryGraph.ts';
import type { TestClient } from '../support/redisServer.ts';

const key = '{compared}';
const nodes = ['one', 'two'];
/** In Redis, pairing ids begin above the time of day, so that the test knows them in advance. */
const firstPairingId = 4e12;

/** How often somebody may be asked in a sequence, if that is what it is about. */
const noLimits: AskLimits = { askedPerMinute: 0, declineWaitMs: 0 };
export const someLimits: AskLimits = { askedPerMinute: 2, declineWaitMs: 30_000 };

/** What one user asks, or how they end; or time, whoever it is. */
export interface Step {
  readonly user: number;
  readonly what: Exclude<Asked, { pairingId: number }> | Numbered;
}

/** A command with the number of a pairing: the latest there is, or one so many before. */
interface Numbered {
  type: 'request.accept' | 'request.decline' | 'asker.refuse' | 'chat.leave' | 'chat.suspend';
  before: number;
}

const names = ['ann', 'ben', 'cleo', 'dov'];
const ids = [...names, 'Ann', 'BEN'];
const targets = [...ids, 'nobody', '\u212aim', ''];

const user = fc.integer({ min: 0, max: names.length - 1 });
const oneOf = (...types: string[]) => fc.constantFrom(...types).map((type) => ({ type }));
const numbered = fc.record({
  type: fc.constantFrom('request.accept', 'request.decline', 'asker.refuse', 'chat.leave', 'chat.suspend'),
  before: fc.integer({ min: 0, max: 2 }),
});

const what = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom('id.claim', 'id.claim', 'id.claim', 'id.take'),
      id: fc.constantFrom(...ids),
      network: fc.constantFrom('', 'home', 'school'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('id.take'),
      id: fc.constantFrom(...ids),
      doubted: user.map(sessionOf),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('menu.leave'), to: fc.constantFrom('requesting', 'commonRoom') }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('request.make'), target: fc.constantFrom(...targets) }) },
  { weight: 8, arbitrary: numbered },
  { weight: 5, arbitrary: oneOf('menu.return', 'request.withdraw', 'request.expire', 'gone') },
  { weight: 2, arbitrary: fc.constantFrom(10_000, 30_000, 3_600_000).map((ms) => ({ type: 'time.passes', ms })) },
);

/** By chance alone users would hardly ever meet. So one asks another, and then one of them or a third acts. */
const meeting = fc.tuple(user, user, user, what).map(([asker, target, third, next]) => [
  { user: asker, what: { type: 'id.claim', id: names[asker] } },
  { user: target, what: { type: 'id.claim', id: names[target] } },
  { user: asker, what: { type: 'menu.leave', to: 'requesting' } },
  { user: asker, what: { type: 'request.make', target: names[target] } },
  { user: [asker, target, target, third][third] ?? target, what: next },
  { user: target, what: { type: 'request.accept', before: 0 } },
]);

/** One user, or two from one address, ask the same target again and again, whatever the answer. */
const insistence = fc
  .tuple(
    user,
    user,
    fc.constantFrom('home', ''),
    fc.array(
      fc.record({
        asker: user,
        hasGone: fc.boolean(),
        answer: fc.constantFrom('request.decline', 'request.decline', 'asker.refuse', 'request.accept'),
        ms: fc.constantFrom(0, 0, 10_000, 30_000, 60_000, 3_600_000),
      }),
      { minLength: 3, maxLength: 5 },
    ),
  )
  .map(([target, friend, network, rounds]) => [
    { user: target, what: { type: 'gone' } },
    { user: target, what: { type: 'id.claim', id: (names[target] as string).toUpperCase() } },
    ...rounds.flatMap(({ asker, answer, ms, hasGone }) => {
      // Mostly the same one, who comes anew each time.
      const who = asker === target ? friend : asker;
      return [
        // In other letters it is the same id.
        ...(hasGone
          ? [
              { user: target, what: { type: 'gone' } },
              { user: target, what: { type: 'id.claim', id: names[target] } },
            ]
          : []),
        { user: who, what: { type: 'gone' } },
        { user: who, what: { type: 'id.claim', id: (names[who] as string).toUpperCase(), network } },
        { user: who, what: { type: 'menu.leave', to: 'requesting' } },
        { user: who, what: { type: 'request.make', target: names[target] } },
        { user: target, what: { type: answer, before: 0 } },
        { user: who, what: { type: 'time.passes', ms } },
      ];
    }),
  ]);

/** A short visit to the room, in one batch if there are any; or a request that is over before anybody was named. */
const visit = fc
  .tuple(user, fc.constantFrom('menu.return', 'menu.return', 'request.withdraw', 'request.expire'))
  .map(([visitor, type]) => [
    { user: visitor, what: { type: 'menu.leave', to: type === 'menu.return' ? 'commonRoom' : 'requesting' } },
    { user: visitor, what: { type } },
  ]);

export const steps = (length: number) =>
  fc
    .array(
      fc.oneof(
        { weight: 3, arbitrary: fc.record({ user, what }).map((step) => [step]) },
        { weight: 1, arbitrary: meeting },
        { weight: 1, arbitrary: visit },
        { weight: 1, arbitrary: insistence },
      ),
      { minLength: length, maxLength: length },
    )
    .map((parts) => parts.flat().slice(0, length) as Step[]);

/** What happened at one step, and all rows after it. */
interface Outcome {
  /** In order for each session; between sessions there is none. */
  readonly updates: string[];
  readonly rows: string[];
}

/**
 * Undefined if both do the same at every step; otherwise what they did differently. In batches, what one process asks
 * before the other one does goes together, and what comes of it is compared as a whole.
 */
export async function difference(
  client: TestClient,
  sequence: readonly Step[],
  inBatches: boolean,
  rules: AskLimits = noLimits,
): Promise<string | undefined> {
  const { outcomes, asked } = inMemory(sequence, rules);
  const batches: Move[][] = [];
  const expected: Outcome[] = [];
  for (const [index, step] of asked.entries()) {
    const batch = batches.at(-1);
    const { updates, rows } = outcomes[index] as Outcome;
    if (inBatches && batch !== undefined && goTogether(batch[0] as Move, step)) {
      batch.push(step);
      expected[batches.length - 1] = {
        updates: [...(expected[batches.length - 1] as Outcome).updates, ...updates],
        rows,
      };
    } else {
      batches.push([step]);
      expected.push({ updates, rows });
    }
  }
  const { outcomes: actual, content } = await inRedis(client, batches, rules);
  for (const [index, batch] of batches.entries()) {
    const [here, there] = [inOrder(expected[index] as Outcome), inOrder(actual[index] as Outcome)];
    if (here !== there) return `${JSON.stringify(batch)}\n in memory ${here}\n in Redis  ${there}`;
  }
  const rows = outcomes.at(-1)?.rows ?? [];
  const held = rows.map((row) => row.split(' ').slice(0, 2).join(' ').toLowerCase()).sort();
  return JSON.stringify(held) === JSON.stringify(content) ? undefined : `at the end ${held} but ${content}`;
}

function inOrder({ updates, rows }: Outcome): string {
  const to = (update: string): string => update.slice(0, update.indexOf(' '));
  return JSON.stringify([[...updates].sort((a, b) => to(a).localeCompare(to(b))), rows]);
}

function nodeOf({ user }: { user: number }): string {
  return nodes[user % nodes.length] as string;
}

export function sessionOf(user: number): string {
  return `${nodeOf({ user })}/s${user}`;
}

/** A step with the number of its pairing known. */
interface Move {
  readonly user: number;
  readonly what: Asked;
}

/** Time passes between two batches. */
function goTogether(one: Move, next: Move): boolean {
  return nodeOf(one) === nodeOf(next) && one.what.type !== 'time.passes' && next.what.type !== 'time.passes';
}

function inMemory(sequence: readonly Step[], rules: AskLimits): { outcomes: Outcome[]; asked: Move[] } {
  const asked: Move[] = [];
  let updates: string[] = [];
  let now = 0;
  const askRules = { ...rules, now: () => now };
  const directory = new MemoryDirectory((to, update) => updates.push(inWords(to, update)), { askRules });
  const outcomes = sequence.map(({ user, what: meant }) => {
    updates = [];
    const session = sessionOf(user);
    const what =
      'before' in meant ? { type: meant.type, pairingId: directory.snapshot().lastPairingId - meant.before } : meant;
    asked.push({ user, what });
    if (what.type === 'time.passes') now += what.ms;
    else ask(directory, { session, asked: what });
    const { rows } = directory.snapshot();
    const others = new Map(rows.map(({ id, session: of }) => [id, of]));
    return {
      updates,
      rows: rows.map(({ id, session: of, state, partner, pairingId, network, refuses }) =>
        [id, of, state, (partner && others.get(partner)) ?? '', pairingId, network, refuses].join(' '),
      ),
    };
  });
  return { outcomes, asked };
}

/** What comes of each batch, and in the end the ids and sessions in the indexes. */
async function inRedis(
  client: TestClient,
  batches: readonly Move[][],
  rules: AskLimits,
): Promise<{ outcomes: Outcome[]; content: string[] }> {
  await client.sendCommand(['FLUSHALL']);
  for (const node of nodes)
    await client.sendCommand(['FCALL', `${libraryName}_join`, '1', key, node, '1', 'run', '0', '', '1', '[]', '[]']);
  await client.sendCommand(['HSET', `${key}:meta`, 'pairingId', String(firstPairingId)]);
  const calls = batches.map((batch, index) => {
    const [{ what }] = batch as [Move];
    if (what.type === 'time.passes')
      return client.sendCommand(['HINCRBY', `${key}:meta`, 'clock', String(what.ms)]).then(() => 'ok');
    const node = nodeOf(batch[0] as Move);
    const items = JSON.stringify(batch.map((move) => itemOf(move, rules)));
    return client.sendCommand(['FCALL', `${libraryName}_batch`, '1', key, node, '1', String(index + 1), items]);
  });
  const inboxes = nodes.map((node) => client.sendCommand(['XRANGE', `${key}:in:${node}`, '-', '+']));
  const members = nodes.map((node) => client.sendCommand(['SMEMBERS', `${key}:of:${node}`]));
  const index = client.sendCommand(['HGETALL', `${key}:ids`]);
  const failed = (await Promise.all(calls)).find((answer) => String(answer) !== 'ok');
  if (failed !== undefined) throw new Error(String(failed));

  const updates = batches.map((): string[] => []);
  const changes = batches.map((): Incoming[] => []);
  const counts: (string | undefined)[] = [];
  for (const [which, inbox] of (await Promise.all(inboxes)).entries()) {
    for (const [, fields] of inbox as unknown as [string, string[]][]) {
      const batch = Number(fields[fields.indexOf('k') + 1]) - 1;
      if (!fields.includes('k')) continue;
      counts[batch] = `${fields[fields.indexOf('n') + 1]} online, ${fields[fields.indexOf('r') + 1]} in the room`;
      for (const item of JSON.parse(fields[1] as string) as Incoming[]) {
        // Every node gets every row; one of them is enough.
        if (item[0] !== 'update') changes[batch]?.push(...(which === 0 ? [item] : []));
        else updates[batch]?.push(inWords(item[1], item[2]));
      }
    }
  }
  const rows = new Map<string, SharedRow>();
  const outcomes = changes.map((items, batch) => {
    for (const item of items) {
      if (item[0] === 'row') rows.set(item[1].session, item[1]);
      else if (item[0] === 'gone') rows.delete(item[1]);
    }
    const inRoom = [...rows.values()].filter(({ state }) => state === 'commonRoom').length;
    const counted = counts[batch] ?? '';
    const isWrong = counted !== '' && counted !== `${rows.size} online, ${inRoom} in the room`;
    return {
      updates: [...(updates[batch] as string[]), ...(isWrong ? [`miscounted ${counted}`] : [])],
      rows: [...rows.values()].map(({ id, session, state, other, pairingId, network, refuses }) =>
        [id, session, state, other, relative(pairingId), network, refuses].join(' '),
      ),
    };
  });
  const ids = (await index) as unknown as string[];
  const sessions = (await Promise.all(members)).flat() as unknown as string[];
  const content = ids.flatMap((id, at) => (at % 2 ? [] : [`${id} ${ids[at + 1]}`]));
  if (
    sessions.sort().join() !==
    content
      .map((row) => row.split(' ')[1])
      .sort()
      .join()
  )
    content.push(`but ${sessions}`);
  return { outcomes, content: content.sort() };
}

function itemOf({ user, what }: Move, { askedPerMinute, declineWaitMs }: AskLimits): (string | number)[] {
  const { type, ...rest } = what;
  if (what.type === 'id.claim') return [type, sessionOf(user), what.id, what.network ?? ''];
  if (what.type === 'id.take') return [type, sessionOf(user), what.id, what.network ?? '', what.doubted ?? ''];
  if (what.type === 'request.make')
    return [type, sessionOf(user), what.target.toLowerCase(), askedPerMinute, declineWaitMs];
  const [argument] = Object.values(rest) as (string | number)[];
  const item: (string | number)[] = [type, sessionOf(user)];
  if (argument === undefined) return item;
  if (typeof argument === 'number') return [...item, argument + firstPairingId];
  return [...item, argument];
}

function relative(pairingId: number): number {
  return pairingId > firstPairingId ? pairingId - firstPairingId : pairingId;
}

function inWords(to: string, update: DirectoryUpdate): string {
  return `${to} ${JSON.stringify(sorted(update))}`;
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([name, of]) => [name, name === 'pairingId' ? relative(of) : sorted(of)]);
  return Object.fromEntries(fields.sort());
}
