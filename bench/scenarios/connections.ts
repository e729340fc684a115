/**
 * Users come and go while many are there already.
 *
 * Owns: CPU time and resident memory for one more connection (connect, give an id, read the menu; then leave) at rising
 * numbers of connections.
 */
import type { RunningServer } from '../servers.ts';
import { User } from '../user.ts';
import type { Figures, Scenario } from './scenario.ts';

/** How many users come and go at once in a measurement, and how often. */
const batch = 1000;
const rounds = 3;

/** How many connect at the same time: ngircd lets ten wait, and an eleventh waits a second longer. */
const abreast = 8;

/** There are several source addresses, so that no address runs out of ports. */
const addresses = 32;

export const connections: Scenario = {
  name: 'connections',
  measures: ({ levels }) =>
    levels.flatMap((level, index) => {
      const before = levels[index - 1];
      return [
        { key: `come ${level}`, title: `one more connection at ${thousands(level)}: CPU to the menu`, unit: 'µs' },
        { key: `go ${level}`, title: `one fewer at ${thousands(level)}: CPU`, unit: 'µs' },
        {
          key: `kb ${level}`,
          title: `resident memory above the fresh server's, per connection, at ${thousands(level)}`,
          unit: 'kB',
        },
        ...(before === undefined
          ? []
          : [
              {
                key: `more kb ${level}`,
                title: `resident memory for each more, ${thousands(before)} to ${thousands(level)}`,
                unit: 'kB',
              },
            ]),
      ];
    }),
  async run(server, { levels }) {
    const crowd = new Crowd(server);
    const { process: child, kind } = server;
    const figures: Figures = {};
    const freshKb = child.residentKb();
    for (let warmUp = 0; warmUp < 3; warmUp++) {
      await crowd.grow(batch);
      await crowd.shrink(batch);
    }
    let levelBefore = 0;
    let kbBefore = 0;
    for (const level of levels) {
      if (level > (kind.maxConnections ?? level)) break;
      await crowd.grow(level - batch - crowd.size);
      let comeMs = 0;
      let goMs = 0;
      for (let round = 0; round < rounds; round++) {
        comeMs += await cpuOf(child, () => crowd.grow(batch));
        if (round === 0) {
          const kb = child.residentKb();
          figures[`kb ${level}`] = (kb - freshKb) / level;
          if (levelBefore > 0) figures[`more kb ${level}`] = (kb - kbBefore) / (level - levelBefore);
          levelBefore = level;
          kbBefore = kb;
        }
        goMs += await cpuOf(child, () => crowd.shrink(batch));
      }
      figures[`come ${level}`] = (comeMs * 1000) / (batch * rounds);
      figures[`go ${level}`] = (goMs * 1000) / (batch * rounds);
    }
    crowd.scatter();
    return figures;
  },
};

async function cpuOf(child: RunningServer['process'], work: () => Promise<void>): Promise<number> {
  const before = child.cpuMs();
  await work();
  await child.settle();
  return child.cpuMs() - before;
}

class Crowd {
  readonly #server: RunningServer;
  readonly #users: User[] = [];
  #last = 0;

  constructor(server: RunningServer) {
    this.#server = server;
  }

  get size(): number {
    return this.#users.length;
  }

  async grow(count: number): Promise<void> {
    let left = count;
    const comer = async (): Promise<void> => {
      while (left-- > 0) await this.#add();
    };
    await Promise.all(Array.from({ length: abreast }, comer));
  }

  async #add(): Promise<void> {
    const number = ++this.#last;
    const { port, dialect } = this.#server;
    const user = await User.connect(`u${number.toString(36)}`, port, `127.0.0.${2 + (number % addresses)}`);
    await dialect.arrive(user);
    this.#users.push(user);
  }

  /** Lets the users who came last leave. */
  async shrink(count: number): Promise<void> {
    const leaving = this.#users.splice(-count);
    for (const user of leaving) this.#server.dialect.leave(user);
    await Promise.all(leaving.map((user) => user.closed()));
  }

  scatter(): void {
    for (const user of this.#users) user.destroy();
  }
}

function thousands(number: number): string {
  return number.toLocaleString('en');
}
