/**
 * What the dictionaries cost as they fill: look-ups, pairings and quits with up to 100,000 ids, in this process.
 *
 * Owns: the measurement of `src/chat/directory/memoryDirectory.ts` alone, without charts or sockets.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { MemoryDirectory } from '../src/chat/directory/memoryDirectory.ts';
import { median } from './statistics.ts';

export const sizes = [1000, 3000, 10_000, 30_000, 100_000] as const;

/** How many of each operation are timed at once. */
const batch = 2000;

export interface GrowthRow {
  readonly title: string;
  /** The time of one operation in ns, for each of `sizes`. */
  readonly ns: number[];
}

type Timed = 'look-up' | 'map' | 'pairing' | 'quit';

const titles: Record<Timed, string> = {
  'look-up': 'look-up of an id',
  map: 'the same in a bare Map',
  pairing: 'pairing (claim an id, leave the menu, ask, accept, leave)',
  quit: 'quit',
};

/** Returns medians of many batches. The sizes take turns, so that a slow moment of the machine hits all of them. */
export async function growth(batches: number): Promise<GrowthRow[]> {
  const directories = sizes.map((size) => new Filled(size));
  const figures = sizes.map(() => ({ 'look-up': [], map: [], pairing: [], quit: [] }) as Record<Timed, number[]>);
  for (let round = -3; round < batches; round++) {
    for (const [index, directory] of directories.entries()) {
      const times = directory.measure();
      // The first rounds are only there to warm up.
      if (round >= 0) for (const key of Object.keys(times) as Timed[]) figures[index]?.[key].push(times[key]);
      await turn();
    }
  }
  return (Object.keys(titles) as Timed[]).map((key) => ({
    title: titles[key],
    ns: figures.map((figure) => median(figure[key])),
  }));
}

/** A directory that holds so many ids, and sometimes a few more. */
class Filled {
  readonly #size: number;
  readonly #directory = new MemoryDirectory((_, update) => {
    if (update.type === 'request.received') this.#pairing = update.pairingId;
    if (update.type === 'id.refused') this.#refusals++;
  });
  /** For comparison: what grows here, too, is the time to reach the memory. */
  readonly #map = new Map<string, { id: string }>();
  #pairing = 0;
  #refusals = 0;
  #newcomers = 0;

  constructor(size: number) {
    this.#size = size;
    for (let number = 0; number < size; number++) {
      this.#directory.send(`s${number}`, { type: 'id.claim', id: `User${number}` });
      this.#map.set(`user${number}`, { id: `User${number}` });
    }
  }

  measure(): Record<Timed, number> {
    const directory = this.#directory;
    const residents = Array.from({ length: batch }, () => Math.floor(Math.random() * this.#size));
    const ids = residents.map((number) => `User${number}`);
    // New strings, because a string that was looked up once is looked up faster the next time.
    const idsForMap = residents.map((number) => `User${number}`);
    const newcomers = residents.map((resident) => {
      const number = ++this.#newcomers;
      return { session: `n${number}`, id: `Newcomer${number}`, host: `s${resident}`, target: `User${resident}` };
    });
    const refusals = this.#refusals;
    const times = {
      'look-up': nsEach(ids, (id) => {
        // Looks the id up, finds it taken, and changes nothing.
        directory.send('visitor', { type: 'id.claim', id });
      }),
      map: nsEach(idsForMap, (id) => {
        if (this.#map.get(id.toLowerCase()) === undefined) throw new Error(`${id} is not found.`);
      }),
      pairing: nsEach(newcomers, ({ session, id, host, target }) => {
        directory.send(session, { type: 'id.claim', id });
        directory.send(session, { type: 'menu.leave', to: 'requesting' });
        directory.send(session, { type: 'request.make', target });
        directory.send(host, { type: 'request.accept', pairingId: this.#pairing });
        directory.send(session, { type: 'chat.leave', pairingId: this.#pairing });
      }),
      quit: nsEach(newcomers, ({ session }) => directory.remove(session)),
    };
    if (this.#refusals - refusals !== ids.length) throw new Error('An id is not found.');
    return times;
  }
}

function nsEach<T>(items: readonly T[], operation: (item: T) => void): number {
  const begin = process.hrtime.bigint();
  for (const item of items) operation(item);
  return Number(process.hrtime.bigint() - begin) / items.length;
}
