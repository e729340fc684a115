/**
 * Reads every inbox while a test runs: what the shared directory sends its server processes is never a contradiction.
 *
 * Owns: the invariants, checked at each entry of each inbox. No id belongs to two users. Partners name each other, with
 * the same pairing id and fitting states. The batches of one process come in the order of their numbers. Reads the inboxes
 * with a connection of its own. What a process has read is thrown away soon: where the monitor was slower, it goes on with
 * the rows as they are.
 */
import { onTestFinished } from 'vitest';
import { defaultPrefix, directoryKeyOf } from '../../src/cluster/luaLibrary.ts';
import type { Incoming, SharedRow } from '../../src/cluster/wireTypes.ts';
import type { RedisServer, TestClient } from '../support/redisServer.ts';

const prefix = `${directoryKeyOf(defaultPrefix)}:in:`;
const rowsKey = `${directoryKeyOf(defaultPrefix)}:rows`;

type Entry = [id: string, fields: string[]];

export class Monitor {
  readonly violations: string[] = [];
  /** Entries that were checked. */
  entries = 0;
  /** How often some were thrown away before they were read. */
  jumps = 0;
  readonly #views = new Map<string, View>();
  #client: TestClient | undefined;
  #isOver = false;

  static async watch(redis: RedisServer): Promise<Monitor> {
    const monitor = new Monitor();
    void monitor.#run(redis);
    onTestFinished(() => {
      monitor.#isOver = true;
      monitor.#client?.destroy();
    });
    return monitor;
  }

  async #run(redis: RedisServer): Promise<void> {
    while (!this.#isOver) {
      try {
        this.#client = await redis.client();
        for (;;) await this.#look(this.#client);
      } catch {
        // Redis is down just now.
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async #look(client: TestClient): Promise<void> {
    for (const inbox of (await client.sendCommand(['KEYS', `${prefix}*`])) as unknown as string[]) {
      if (!this.#views.has(inbox)) this.#views.set(inbox, new View());
    }
    const inboxes = [...this.#views];
    const block = ['XREAD', 'BLOCK', '20', 'STREAMS'];
    const ids = inboxes.map(([, { last }]) => last);
    if (inboxes.length === 0) return;
    await client.sendCommand([...block, ...inboxes.map(([inbox]) => inbox), ...ids]);
    for (const [inbox, view] of inboxes) await this.#read(client, inbox, view);
  }

  async #read(client: TestClient, inbox: string, view: View): Promise<void> {
    const transaction = client.multi().addCommand(['XREAD', 'STREAMS', inbox, view.last]);
    const answers = transaction.addCommand(['XINFO', 'STREAM', inbox]).addCommand(['HVALS', rowsKey]).exec();
    // A process that joins again has no inbox for a moment.
    const [streams, info, rows] = (await answers.catch(() => [])) as unknown as [
      ...[[string, Entry[]][] | null, (string | number)[], string[]],
    ];
    if (info === undefined) return;
    const entries = streams?.[0]?.[1] ?? [];
    const added = Number(info[info.indexOf('entries-added') + 1]);
    if (view.hasAll(entries, added)) for (const entry of entries) this.#check(inbox, entry, view);
    else {
      this.jumps++;
      view.jump(entries, added, rows);
    }
  }

  #check(inbox: string, [id, fields]: Entry, view: View): void {
    this.entries++;
    const wrong = view.read(id, fields);
    if (wrong !== undefined) this.violations.push(`${inbox} ${id}: ${wrong}`);
  }
}

/** What one server process knows. */
class View {
  last = '0';
  /** How many entries the inbox had when the last one was read. */
  #count = 0;
  readonly #rows = new Map<string, SharedRow>();
  readonly #numbers = new Map<string, number>();
  /** A snapshot comes in parts. */
  #isWhole = false;

  /** True if these are all entries that have come since the last one, or since the process has joined again. */
  hasAll(entries: readonly Entry[], added: number): boolean {
    const beginning = entries.findLastIndex(([, fields]) => isBeginning(fields));
    return beginning === -1 ? this.#count + entries.length === added : entries.length - beginning === added;
  }

  /** Some entries are gone: the rows are these now. */
  jump(entries: readonly Entry[], added: number, rows: readonly string[]): void {
    this.last = entries.at(-1)?.[0] ?? this.last;
    this.#count = added;
    this.#numbers.clear();
    this.#rows.clear();
    for (const row of rows.map((json) => JSON.parse(json) as SharedRow)) this.#rows.set(row.session, row);
  }

  read(id: string, fields: readonly string[]): string | undefined {
    this.last = id;
    this.#count++;
    const record = new Map(fields.flatMap((name, at) => (at % 2 ? [] : [[name, fields[at + 1] as string]])));
    const items = JSON.parse(record.get('d') ?? '[]') as Incoming[];
    const source = record.get('s');
    const number = Number(record.get('k'));
    if (source !== undefined) {
      if (number <= (this.#numbers.get(source) ?? 0)) return `batch ${number} of ${source} comes again`;
      this.#numbers.set(source, number);
    }
    for (const item of items) {
      const wrong = this.#take(item);
      if (wrong !== undefined) return wrong;
    }
    return this.#isWhole ? this.#contradiction() : undefined;
  }

  #take(item: Incoming): string | undefined {
    if (item[0] === 'snapshot') {
      this.#rows.clear();
      this.#numbers.clear();
      this.#count = 1;
      this.#isWhole = false;
    } else if (item[0] === 'leaseAck') this.#isWhole = true;
    else if (item[0] === 'row') this.#rows.set(item[1].session, item[1]);
    else if (item[0] === 'gone') this.#rows.delete(item[1]);
    return undefined;
  }

  #contradiction(): string | undefined {
    const ids = new Set<string>();
    for (const row of this.#rows.values()) {
      const id = row.id.toLowerCase();
      if (ids.has(id)) return `${id} belongs to two`;
      ids.add(id);
      if (row.other === '') {
        if (row.state === 'chatting' || row.state === 'confirming') return `${id} is ${row.state} with nobody`;
        continue;
      }
      const other = this.#rows.get(row.other);
      // After a failover, the partner's process has a few seconds to confirm the pairing.
      if (other === undefined) continue;
      if (other.other !== row.session || other.pairingId !== row.pairingId)
        return `${id}'s partner has another one: ${JSON.stringify([row, other, this.#rows.get(other.other)])}`;
      const states = [row.state, other.state].sort().join();
      if (states !== 'chatting,chatting' && states !== 'confirming,requesting')
        return `${id} and ${other.id} are ${states}`;
    }
    return undefined;
  }
}

/** The first entry of an inbox has a snapshot. */
function isBeginning(fields: readonly string[]): boolean {
  return fields[fields.indexOf('d') + 1]?.startsWith('["snapshot"]', 1) ?? false;
}
