/**
 * The moves of `world.ts`, tried breadth first and at random: the first that breaks a promise comes with the shortest way
 * to it, as a sequence diagram.
 *
 * Owns: where it begins, how far it goes, and that a world of a known shape is not gone on with. There is no way back in
 * a world, so each way is played from its beginning.
 */
import { type Note, World, type WorldParts } from './world.ts';

export interface Bounds {
  /** How many moves behind each beginning. */
  depth: number;
  /** Worlds that are looked at in all. */
  worlds: number;
}

export interface Outcome {
  /** Worlds of different shape, after each of which a calm has brought everybody somewhere. */
  worlds: number;
  /** Ways that were played. */
  ways: number;
  depth: number;
  /** What was broken, with its diagram; empty if nothing was. */
  report: string;
}

const meet = ['ann: claim', 'ben: claim', 'ann: ask'];

const room = ['ann: claim', 'ben: claim', 'ann: room', 'ben: room'];

/** Worth looking at from nearby: nobody there yet, a request, a chat with a line, the room. */
const beginnings: readonly (readonly string[])[] = [
  ['ann: claim'],
  meet,
  [...meet, 'ben: accept', 'ann: say'],
  [...room, 'ann: say'],
];

const chat = [...meet, 'ben: accept'];

interface KnownWay {
  readonly way: readonly string[];
  /** Nobody loses the id on this way. */
  readonly keepsAll?: boolean;
}

/** Ways that have broken a promise once, or would with one of the planted faults; longer than what is tried of itself. */
const known: readonly KnownWay[] = [
  // The last line of a chat comes after its end, is lost, or is lost with the directory, or its server is.
  { way: [...chat, 'ann: say', 'wait 600', 'lines: late', 'ann: say', 'ann: leave', 'lines: open'], keepsAll: true },
  { way: [...chat, 'ann: say', 'wait 600', 'lines: lost', 'ann: say', 'ann: leave', 'wait 2600'], keepsAll: true },
  { way: [...chat, 'ann: say', 'wait 600', 'lines: lost', 'ann: say', 'ann: hang up', 'wait 2600'] },
  {
    way: [...chat, 'ann: say', 'wait 600', 'lines: lost', 'ann: say', 'wait 1300', 'wait 600', 'ann: say', 'ben: say'],
    keepsAll: true,
  },
  // The directory is replaced between the end of a chat and its last line, or is down.
  { way: [...chat, 'ann: say', 'lines: late', 'ann: say', 'ann: hang up', 'Redis: replaced by its replica'] },
  { way: [...chat, 'ann: say', 'lines: late', 'ann: say', 'ann: leave', 'Redis: down', 'wait 600', 'lines: open'] },
  // A line is lost, and the next one is not.
  {
    way: [...chat, 'ann: say', 'wait 600', 'lines: lost', 'ann: say', 'lines: open', 'ann: say', 'wait 2600'],
    keepsAll: true,
  },
  // A line is lost with the users of its server; then that server begins another chat.
  {
    way: [
      ...[...chat, 'ann: say', 'wait 600', 'lines: lost', 'ann: say', 'one: deaf', 'wait 2600', 'wait 1300'],
      ...['one: open', 'wait 2600', 'lines: open', 'ann: claim', 'wait 600', 'ann: ask', 'ben: accept', 'ann: say'],
    ],
  },
  // Lines go through the directory, then the quick way again, which is faster.
  {
    way: [
      ...[...chat, 'ann: say', 'wait 600', 'lines: late', 'ann: say', 'wait 1300', 'wait 600', 'two: mute', 'ann: say'],
      ...['lines: open', 'wait 1300', 'ann: say', 'two: open', 'ann: leave', 'wait 1300'],
    ],
  },
  // A chat is left before the partner's server is back at the new Redis.
  { way: [...chat, 'two: deaf', 'Redis: replaced by its replica', 'ann: leave', 'wait 1300', 'two: open'] },
  // A chat is left while all are refused; then this server is back at the Redis that it had left.
  { way: [...chat, 'Redis: readonly', 'ben: leave', 'wait 600', 'one: deaf', 'wait 1300'] },
  // A server is cut off, and a user elsewhere wants the id of its user: soon, and when the lease is over.
  { way: ['ann: claim', 'one: deaf', 'wait 1300', 'wait 600', 'Ann: claim'] },
  { way: ['ann: claim', 'one: deaf', 'wait 2600', 'wait 600', 'Ann: claim'] },
  {
    way: [
      'ann: claim',
      'one: mute',
      'wait 600',
      'one: still',
      'wait 1300',
      'one: deaf',
      'wait 1300',
      'wait 600',
      'Ann: claim',
    ],
  },
  // A server is refused alone; and still refused when the others are not any more.
  { way: ['ann: claim', 'one: refused', 'wait 2600', 'wait 1300', 'Ann: claim'] },
  {
    way: [
      'ann: claim',
      'Redis: readonly',
      'wait 600',
      'one: refused',
      'Redis: up',
      'wait 2600',
      'wait 600',
      'Ann: claim',
    ],
  },
  // A command is lost with the connection, or its reply is.
  { way: ['ann: claim', 'one: deaf', 'ann: room', 'one: cut', 'one: open', 'wait 600'], keepsAll: true },
  { way: ['ann: claim', 'one: mute', 'ann: room', 'one: cut', 'one: open', 'wait 600'], keepsAll: true },
  // A command is lost with Redis.
  {
    way: ['ann: claim', 'one: deaf', 'ann: room', 'Redis: replaced by its replica', 'one: open', 'wait 1300'],
    keepsAll: true,
  },
  { way: [...chat, 'one: deaf', 'ann: leave', 'Redis: down', 'one: open', 'wait 600'], keepsAll: true },
  // A line is sent again to the next Redis.
  {
    way: [...room, 'one: mute', 'ann: say', 'Redis: down', 'one: open', 'wait 600', 'Redis: starts empty', 'wait 2600'],
    keepsAll: true,
  },
  { way: [...chat, 'ann: say', 'Redis: down', 'Redis: starts empty', 'wait 2600'], keepsAll: true },
  // Redis' clock goes back, and another process begins.
  { way: ['ann: claim', 'Redis: jumps back', 'Redis: replaced by its replica', 'wait 600'], keepsAll: true },
  { way: ['ann: claim', 'Redis: jumps', 'wait 600', 'wait 600'], keepsAll: true },
  { way: ['ann: claim', 'Redis: emptied', 'wait 1300'], keepsAll: true },
  // A claim of a former epoch arrives late.
  {
    way: [
      'one: deaf',
      'ann: claim',
      'one: cut, calls stray',
      'wait 2600',
      'one: open',
      'wait 2600',
      'one: a stray arrives',
    ],
  },
  // A server has not said yet what it holds, and a user elsewhere wants that id.
  { way: ['ann: claim', 'one: deaf', 'Redis: down', 'Redis: starts empty', 'wait 600', 'Ann: claim', 'wait 600'] },
  // One side of a pair is gone, with its server or without.
  { way: [...chat, 'two: dies', 'wait 2600', 'wait 1300'] },
  { way: [...chat, 'two: deaf', 'Redis: replaced by its replica', 'wait 2600', 'wait 1300'] },
  { way: [...chat, 'ann: hang up'] },
];

/** The known ways, each with a calm at its end. Returns what was broken; empty if nothing was. */
export async function replay(parts: WorldParts): Promise<string> {
  return withoutChance(async () => {
    for (const { way, keepsAll } of known) {
      const world = await played(parts, way);
      const wrong = world.violation() ?? (await world.calm()) ?? (keepsAll ? world.letGo : undefined);
      if (wrong !== undefined) return reportOf(parts, way, wrong);
    }
    return '';
  });
}

/** Every way of so many moves, the shortest first; a known shape ends a way. */
export async function explore(parts: WorldParts, { depth, worlds }: Bounds): Promise<Outcome> {
  return withoutChance(async () => {
    const shapes = new Set<string>();
    const outcome: Outcome = { worlds: 0, ways: 0, depth: 0, report: '' };
    let ways: string[][] = beginnings.map((each) => [...each]);
    for (let level = 0; level <= depth && ways.length > 0; level++) {
      outcome.depth = level;
      const longer: string[][] = [];
      for (const way of ways) {
        if (shapes.size >= worlds) return { ...outcome, worlds: shapes.size };
        outcome.ways++;
        const world = await played(parts, way);
        const shape = world.shape();
        const isKnown = shapes.has(shape);
        shapes.add(shape);
        const moves = world.moves();
        const wrong = world.violation() ?? (isKnown ? undefined : await world.calm());
        if (wrong !== undefined) return { ...outcome, worlds: shapes.size, report: await reportOf(parts, way, wrong) };
        if (!isKnown) longer.push(...moves.map((move) => [...way, move]));
      }
      ways = longer;
    }
    return { ...outcome, worlds: shapes.size };
  });
}

/** Long ways by chance, each with a calm at its end. What fails is made as short as leaving out moves makes it. */
export async function wander(
  parts: WorldParts,
  { depth, worlds, seed = 1 }: Bounds & { seed?: number },
): Promise<Outcome> {
  return withoutChance(async () => {
    let random = seed;
    const next = (below: number): number => {
      random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
      return (random >> 8) % below;
    };
    for (let count = 1; count <= worlds; count++) {
      const way = [...(beginnings[next(beginnings.length)] as string[])];
      const world = await played(parts, way);
      for (let step = 0; step < depth && world.violation() === undefined; step++) {
        const moves = world.moves();
        way.push(moves[next(moves.length)] as string);
        await world.make(way.at(-1) as string);
      }
      const wrong = world.violation() ?? (await world.calm());
      if (wrong === undefined) continue;
      return { worlds: count, ways: count, depth, report: await reportOf(parts, await shortened(parts, way), wrong) };
    }
    return { worlds, ways: worlds, depth, report: '' };
  });
}

/** Servers that are cut off come back at a pace of their own, which is by chance. */
async function withoutChance<T>(run: () => Promise<T>): Promise<T> {
  const { random } = Math;
  Math.random = () => 0.5;
  try {
    return await run();
  } finally {
    Math.random = random;
  }
}

async function played(parts: WorldParts, way: readonly string[]): Promise<World> {
  const world = await World.start(parts);
  for (const move of way) await world.make(move);
  return world;
}

async function shortened(parts: WorldParts, way: readonly string[]): Promise<string[]> {
  let shortest = [...way];
  for (let at = shortest.length - 1; at >= 0; at--) {
    const shorter = shortest.toSpliced(at, 1);
    const world = await played(parts, shorter);
    if ((world.violation() ?? (await world.calm())) !== undefined) shortest = shorter;
  }
  return shortest;
}

async function reportOf(parts: WorldParts, way: readonly string[], wrong: string): Promise<string> {
  const notes: Note[] = [];
  const world = await played({ ...parts, note: (note) => notes.push(note) }, way);
  const isAtOnce = world.violation() !== undefined;
  if (!isAtOnce) await world.calm();
  return `${world.violation() ?? wrong}\n${way.join('; ')}\n${diagramOf(notes)}`;
}

function diagramOf(notes: readonly Note[]): string {
  const safe = (text: string): string => text.replaceAll(/[;#]/g, ',');
  const lines = notes.map(({ from, to, text }) =>
    to === undefined ? `  note over ${from}: ${safe(text)}` : `  ${from}->>${to}: ${safe(text)}`,
  );
  const participants = ['ann', 'one', 'ben', 'two', 'Ann', 'three', 'Redis'].map((name) => `  participant ${name}`);
  return ['sequenceDiagram', ...participants, ...lines].join('\n');
}
