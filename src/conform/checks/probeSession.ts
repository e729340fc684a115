/**
 * A few people at the server, for one check.
 *
 * Owns: their connections, what they do, and how they are brought into a place. Next: `../testClient.ts`.
 */
import type { Dialect } from '../../protocol/dialect.ts';
import type { Name } from '../ids.ts';
import { type Target, TestClient } from '../testClient.ts';
import { ProbeReader } from './probeReader.ts';
import { quoted } from './probeStory.ts';
import { menu, read } from './says.ts';

export class ProbeSession extends ProbeReader {
  readonly target: Target;
  readonly #clients: TestClient[] = [];

  constructor(dialect: Dialect, target: Target) {
    super(dialect);
    this.target = target;
    this.hasTwoServers = target.also !== undefined;
  }

  /** A second one of the same name has another id: the first one's may not be free yet, which is a question of its own. */
  async connect(name: Name, given?: string): Promise<TestClient> {
    const earlier = [...this.names.values()].filter((each) => each.startsWith(name)).length;
    const letter = earlier === 0 ? '' : (earlier + 9).toString(36);
    const id = given ?? this.id(name) + letter;
    const isSecond = this.#clients.length % 2 === 1 && this.target.also !== undefined;
    const client = await TestClient.connect(id, isSecond ? { ...this.target, ...this.target.also } : this.target);
    this.#clients.push(client);
    const called = given === undefined ? name + letter : name;
    this.names.set(client, called);
    this.story.push(`${called} connects`);
    return client;
  }

  /** Somebody who has read the first prompt. */
  async guest(name: Name, id?: string): Promise<TestClient> {
    const client = await this.connect(name, id);
    await this.needs(client, read('idPrompt'));
    return client;
  }

  /** Somebody in the menu. */
  async enter(name: Name, id?: string): Promise<TestClient> {
    const client = await this.guest(name, id);
    this.type(client, client.id);
    await this.needs(client, menu);
    return client;
  }

  async enterAll<T extends Name[]>(...people: T): Promise<{ [K in keyof T]: TestClient }> {
    const clients: TestClient[] = [];
    for (const name of people) clients.push(await this.enter(name));
    return clients as { [K in keyof T]: TestClient };
  }

  /** Somebody who is asked whom to chat with. */
  async naming(name: Name): Promise<TestClient> {
    const client = await this.enter(name);
    await this.choose(client);
    return client;
  }

  async choose(asker: TestClient): Promise<void> {
    this.type(asker, '1');
    await this.needs(asker, read('targetPrompt'));
  }

  async ask(asker: TestClient, target: TestClient): Promise<void> {
    await this.choose(asker);
    this.type(asker, target.id);
    await this.needs(target, { type: 'read.question', id: asker.id });
  }

  async chat(asker: TestClient, target: TestClient): Promise<void> {
    await this.ask(asker, target);
    this.type(target, 'y');
    await this.needs(target, { type: 'read.chatStarted', id: asker.id });
    await this.needs(asker, { type: 'read.chatStarted', id: target.id });
  }

  /** Two people in a chat. */
  async pair(first: Name = 'ann', second: Name = 'ben'): Promise<[TestClient, TestClient]> {
    const [ann, ben] = await this.enterAll(first, second);
    await this.chat(ann, ben);
    return [ann, ben];
  }

  async room(...people: TestClient[]): Promise<void> {
    for (const client of people) {
      this.type(client, '3');
      await this.needs(client, read('roomJoined'));
      if (this.features.headCount) await this.needs(client, { type: 'read.roomCount', count: 0 });
    }
    await this.settle();
    for (const client of people) this.forget(client);
  }

  /** One line in one write. */
  type(client: TestClient, text: string, end = '\n'): void {
    this.tell(client, end === '\n' ? `types ${quoted(text)}` : `sends ${quoted(text + end)}`);
    client.send(text + end);
  }

  hangUp(client: TestClient): void {
    this.tell(client, 'hangs up');
    client.hangUp();
  }

  reset(client: TestClient): void {
    this.tell(client, 'is cut off (RST)');
    client.reset();
  }

  /** Everybody goes, in order. */
  async leave(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.leave()));
  }
}
