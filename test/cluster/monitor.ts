/**
 * Reads every inbox while a test runs: what the shared directory sends its server processes is never a contradiction.
 *
 * Owns: the invariants, checked at each entry of each inbox. No id belongs to two users. Partners name each other, with
 * the same pairing id and fitting states. The batches
 * of one process come in the order of their numbers. Reads the inboxes with a connection of its own.
 */
import { onTestFinished } from 'vitest';
import { defaultPrefix, directoryKeyOf } from '../../src/cluster/luaLibrary.ts';
import type { Incoming, SharedRow } from '../../src/cluster/wireTypes.ts';
import type { RedisServer, TestClient } from '../support/redisServer.ts';

const prefix = `${directoryKeyOf(defaultPrefix)}:in:`;

export class Monitor {
  readonly violations: string[] = [];
  /** Entries that were checked. */
  entries = 0;
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
    const answer = await client.sendCommand([...block, ...inboxes.map(([inbox]) => inbox), ...ids]);
    for (const [inbox, entries] of (answer ?? []) as unknown as [string, [string, string[]][]][]) {
      const view = this.#views.get(inbox) as View;
      for (const [id, fields] of entries) {
        view.last = id;
        this.entries++;
        const wrong = view.read(fields);
        if (wrong !== undefined) this.violations.push(`${inbox} ${id}: ${wrong}`);
      }
    }
  }
}

/** What one server process knows. */
class View {
  last = '0';
  readonly #rows = new Map<string, SharedRow>();
  readonly #numbers = new Map<string, number>();
  /** A snapshot comes in parts. */
  #isWhole = false;

  read(fields: readonly string[]): string | undefined {
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
      if (other.other !== row.session || other.pairingId !== row.pairingId) return `${id}'s partner has another one`;
      const states = [row.state, other.state].sort().join();
      if (states !== 'chatting,chatting' && states !== 'confirming,requesting')
        return `${id} and ${other.id} are ${states}`;
    }
    return undefined;
  }
}
