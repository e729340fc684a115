/**
 * Faults planted in `src/cluster/` and in its chart, one at a time: is each noticed by the exploration?
 *
 * Owns: which faults, as replacements of text, and the copy of the code that has one of them.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadLua } from './redisInMemory.ts';
import type { WorldParts } from './world.ts';

export interface Fault {
  readonly what: string;
  /** In `src/cluster/`, or the chart. */
  readonly file: string;
  readonly was: string;
  readonly is: string;
}

const chart = '../../machines/clusterMember.machine.ts';

export const faults: readonly Fault[] = [
  {
    what: 'gives others too much time to be back before it',
    ...{ file: chart, was: 'const doubtTimeoutMs = 1300;', is: 'const doubtTimeoutMs = 5000;' },
  },
  {
    what: 'takes an emptied directory for its own death',
    ...{ file: 'membership.lua', was: "then return 'forgotten' end", is: "then return 'unknown' end" },
  },
  {
    what: 'goes on where it was at the directory, though it has decided alone since',
    ...{ file: chart, was: "['forgetJoin', 'limitDoubt', 'retryLater']", is: "['limitDoubt', 'retryLater']" },
  },
  {
    what: 'keeps its users for 2 s longer than its lease',
    ...{ file: chart, was: '({ context }) => context.leftMs,', is: '({ context }) => context.leftMs + 2000,' },
  },
  {
    what: 'does not come back after it was fenced',
    ...{ file: chart, was: "'countSetback', 'backOff'],\n      on: {", is: "'countSetback'],\n      on: {" },
  },
  {
    what: 'goes on at an emptied directory as if it had joined there',
    ...{
      file: chart,
      was: "actions: ['forgetJoin', 'closeConnection', 'openConnection'],",
      is: "actions: ['closeConnection', 'openConnection'],",
    },
  },
  {
    what: 'goes on alone as soon as it is refused',
    file: 'peers.ts',
    was: "return replies.every((reply) => reply === 'down' || reply === 'ended');",
    is: 'return replies.length >= 0;',
  },
  {
    what: 'does not send again what has no reply',
    ...{
      file: 'outgoingBatches.ts',
      was: '      this.#dispatch(batch);\n    }\n    this.#plan();',
      is: '    }\n    this.#plan();',
    },
  },
  {
    what: 'takes a renewal for the proof of batches that are held back',
    file: 'clusterMembership.ts',
    was: '(parts.batches.state.isOpen ? parts.batches.state.latest : 0)',
    is: 'parts.batches.state.latest',
  },
  {
    what: 'counts its lease from the reply on',
    ...{ file: 'lease.ts', was: 'renewal.sentAtMs + leaseMs - this.#clock.now()', is: 'leaseMs' },
  },
  {
    what: 'reads lines again that come twice',
    ...{ file: 'inboxReader.ts', was: 'if (isRepeated && isRelayed(item)) continue;', is: '' },
  },
  {
    what: 'reads a new inbox from where it was in the old one',
    ...{ file: 'clusterMembership.ts', was: '    inbox.restart();\n', is: '' },
  },
  {
    what: 'does not tell its users that they are let go',
    ...{
      file: 'commandRouter.ts',
      was: "this.#notify(session, { type: 'session.evicted', reason: 'lost' });",
      is: 'void session;',
    },
  },
  {
    what: 'drops the commands under way when it goes on alone',
    file: 'commandRouter.ts',
    was: 'for (const item of this.#batches.takeCommands()) this.#decide(item);',
    is: 'this.#batches.takeCommands();',
  },
  {
    what: 'does not say what was said before the end of a chat',
    ...{ file: 'redisRelay.ts', was: '    if (mark) this.#batches', is: '    if (!mark) this.#batches' },
  },
  {
    what: 'tells the end of a chat at once',
    ...{ file: 'waitingUpdates.ts', was: 'else waiting.updates.push(tell);', is: 'else tell();' },
  },
  {
    what: 'reads a message before an earlier one',
    ...{
      file: 'lineFlow.ts',
      was: '    this.#early.set(number, items);',
      is: '    this.#read = number - 1;\n    this.#early.set(number, items);',
    },
  },
  {
    what: 'reads a message that comes twice again',
    ...{
      file: 'lineFlow.ts',
      was: '    if (number <= this.#read) return;\n',
      is: '    if (number <= this.#read) this.#read = number - 1;\n',
    },
  },
  {
    what: 'does not send again what nobody has read',
    ...{ file: 'lineFlow.ts', was: 'clock.now() - oldest.sentAtMs >= resendMs', is: 'false' },
  },
  {
    what: 'waits for messages of before the other side was gone',
    ...{ file: 'lineFlow.ts', was: '    if (oldest - 1 > this.#read) this.#read = oldest - 1;\n', is: '' },
  },
  {
    what: 'does not say what it holds when it joins again',
    ...{ file: 'clusterMembership.ts', was: 'slicesOf(heldRows())', is: 'slicesOf(inbox.hasBegun ? [] : heldRows())' },
  },
  {
    what: 'calls of an older epoch count',
    ...{ file: 'membership.lua', was: 'if latest ~= epoch or not redis', is: 'if not redis' },
  },
  {
    what: 'a batch that comes twice is carried out twice',
    ...{ file: 'membership.lua', was: "if number <= last then return 'ok' end", is: '' },
  },
  {
    what: 'ids are given out before the others have said what they hold',
    ...{
      file: 'membership.lua',
      was: "if rejoins then redis.call('HSET', meta, 'graceUntil'",
      is: "if false then redis.call('HSET', meta, 'graceUntil'",
    },
  },
  {
    what: 'the ids of a dead server are never free',
    ...{ file: 'membership.lua', was: '  put_away(key, node)\n  doom(key, node)\n', is: '' },
  },
  {
    what: 'a half pair is never ended',
    ...{ file: 'holding.lua', was: 'dissolve(call, row) end\n    redis', is: 'end\n    redis' },
  },
  {
    what: 'a jump of Redis’ clock ends all leases',
    ...{ file: 'membership.lua', was: 'math.min(wall - tonumber(seen), max_step_ms)', is: 'wall - tonumber(seen)' },
  },
  {
    what: 'a lease lasts shorter in Redis than at the server',
    ...{ file: 'holding.lua', was: 'local lease_ms = 3000', is: 'local lease_ms = 1500' },
  },
  {
    what: 'who leaves a chat whose other side is not back waits for ever',
    ...{ file: 'directory.lua', was: 'if not other then call:end_alone(row, update) end', is: '' },
  },
  {
    what: 'who has left is still told to be half of a pair',
    ...{
      file: 'directory.lua',
      was: '  if not other or other.other ~= row.session then return end\n',
      is: '  if true then return end\n',
    },
  },
];

/** The servers and the Lua with this fault. */
export async function withFault({ file, was, is }: Fault): Promise<WorldParts> {
  const root = mkdtempSync(join(tmpdir(), 'statechat-fault-'));
  mkdirSync(join(root, 'src'));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  cpSync('src/cluster', join(root, 'src/cluster'), { recursive: true });
  cpSync('machines', join(root, 'machines'), { recursive: true });
  for (const name of readdirSync('src')) {
    if (name !== 'cluster') symlinkSync(join(process.cwd(), 'src', name), join(root, 'src', name));
  }
  symlinkSync(join(process.cwd(), 'node_modules'), join(root, 'node_modules'));
  const path = join(root, 'src/cluster', file);
  const text = readFileSync(path, 'utf8');
  if (text.split(was).length !== 2) throw new Error(`not once in ${file}: ${was}`);
  writeFileSync(
    path,
    text.replace(was, () => is),
  );
  const load = (name: string): Promise<unknown> => import(pathToFileURL(join(root, 'src/cluster', name)).href);
  const { RedisDirectory } = (await load('redisDirectory.ts')) as { RedisDirectory: WorldParts['Directory'] };
  const { library } = (await load('luaLibrary.ts')) as { library: string };
  const { Peers } = (await load('peers.ts')) as { Peers: WorldParts['PeersClass'] };
  rmSync(root, { recursive: true });
  return { engine: loadLua(library), Directory: RedisDirectory, PeersClass: Peers };
}
