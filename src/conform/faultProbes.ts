/**
 * Known faults of servers, each looked for with a short dialogue of its own.
 *
 * Owns: which faults have a name, and how each shows. The suites say that something is wrong; this says what it probably is.
 * Next: `testClient.ts`, `../protocol/dialect.ts`.
 */
import { type Dialect, patternOf } from '../protocol/dialect.ts';
import type { Sentence } from '../protocol/sentences.ts';
import { type Target, TestClient } from './testClient.ts';

export interface Fault {
  readonly name: string;
  /** What to look for in the server's source. */
  readonly hint: string;
}

interface Probe extends Fault {
  /** True if the fault is there. */
  isThere(session: ProbeSession): Promise<boolean>;
}

let sessions = 0;

/** A few people at the server. */
class ProbeSession {
  readonly dialect: Dialect;
  readonly target: Target;
  readonly #clients: TestClient[] = [];
  readonly #suffix = `${(++sessions).toString(36)}p${process.pid % 1000}`;

  constructor(dialect: Dialect, target: Target) {
    this.dialect = dialect;
    this.target = target;
  }

  async connect(name: string, target = this.target): Promise<TestClient> {
    const client = await TestClient.connect(name + this.#suffix, target);
    this.#clients.push(client);
    await this.reads(client, { type: 'read.idPrompt' });
    return client;
  }

  async enter(name: string): Promise<TestClient> {
    const client = await this.connect(name);
    client.send(`${client.id}\n`);
    await this.reads(client, { type: 'read.menu' });
    return client;
  }

  /** Waits for a sentence, and drops everything before it; false if it doesn't come. */
  reads(client: TestClient, sentence: Sentence): Promise<boolean> {
    const anywhere = new RegExp(patternOf(this.dialect, sentence).source.slice(1), 'i');
    return client.until(() => {
      const match = anywhere.exec(client.unread);
      if (match !== null) client.unread = client.unread.slice(match.index + match[0].length);
      return match !== null;
    });
  }

  async ask(asker: TestClient, target: TestClient): Promise<void> {
    asker.send('1\n');
    await this.reads(asker, { type: 'read.targetPrompt' });
    asker.send(`${target.id}\n`);
    await this.reads(target, { type: 'read.question', id: asker.id });
  }

  async chat(asker: TestClient, target: TestClient): Promise<void> {
    await this.ask(asker, target);
    target.send('y\n');
    await this.reads(target, { type: 'read.chatStarted', id: asker.id });
    await this.reads(asker, { type: 'read.chatStarted', id: target.id });
  }

  leave(): void {
    for (const client of this.#clients) client.destroy();
  }
}

/** What the slow reader is sent at most, in bytes: more than two kernels hold for a connection. */
const maxSlowReaderBytes = 16_000_000;
/** How much longer than usual others may have to wait while a server works that off: a busy one is no stopped one. */
const patience = 8;
const longLine = `${'x'.repeat(3900)}\n`;

const probes: readonly Probe[] = [
  {
    name: 'two lines in one segment are taken for one',
    hint: 'recv() returns what has arrived, which may be two lines or half of one: keep a buffer and take lines off it.',
    async isThere(session) {
      const [ann, ben] = [await session.enter('ann'), await session.enter('ben')];
      ann.send(`1\n${ben.id}\n`);
      return !(await session.reads(ben, { type: 'read.question', id: ann.id }));
    },
  },
  {
    name: 'a request whose asker vanished leaves the other waiting',
    hint: 'When a connection ends, the user it asked or chatted with has to be told and set free.',
    async isThere(session) {
      const [ann, ben] = [await session.enter('ann'), await session.enter('ben')];
      await session.ask(ann, ben);
      ann.hangUp();
      return !(await session.reads(ben, { type: 'read.menu' }));
    },
  },
  {
    name: 'the same id twice',
    hint: 'Looking whether an id is free and taking it has to be one step, under one lock.',
    async isThere(session) {
      const [ann, other] = [await session.enter('ann'), await session.connect('ann')];
      other.send(`${ann.id}\n`);
      return session.reads(other, { type: 'read.menu' });
    },
  },
  {
    name: 'user text can imitate a server line',
    hint: "Every line from a user begins with that user's id, a colon and a blank, and control characters are not passed on.",
    async isThere(session) {
      const [ann, ben] = [await session.enter('ann'), await session.enter('ben')];
      await session.chat(ann, ben);
      const fake = `${ann.id} left the chat.`;
      ann.send(`${fake}\n`);
      await ben.until(() => ben.unread.includes(fake));
      return new RegExp(`^${fake}`, 'm').test(ben.unread);
    },
  },
  {
    name: 'anything but y counts as no',
    hint: 'An answer that is neither yes nor no is asked again.',
    async isThere(session) {
      const [ann, ben] = [await session.enter('ann'), await session.enter('ben')];
      await session.ask(ann, ben);
      ben.send('maybe\n');
      return session.reads(ann, { type: 'read.menu' });
    },
  },
  {
    name: 'one slow reader stops the server',
    hint: 'send() blocks when the other side doesn’t read: never call it while others wait for the same lock or thread.',
    async isThere(session) {
      const [ann, slow] = [await session.enter('ann'), await session.enter('ben')];
      for (const client of [slow, ann]) {
        client.send('3\n');
        await session.reads(client, { type: 'read.roomJoined' });
      }
      slow.pause();
      for (let sent = 0; sent < maxSlowReaderBytes; sent += 100 * longLine.length) ann.send(longLine.repeat(100));
      ann.transcript.length = 0;
      await new Promise((resolve) => setTimeout(resolve, session.target.timeoutMs));
      try {
        const eve = await session.connect('eve', { ...session.target, timeoutMs: patience * session.target.timeoutMs });
        eve.send(`${eve.id}\n`);
        return !(await session.reads(eve, { type: 'read.menu' }));
      } catch (error) {
        // A server that is gone was not stopped by a reader.
        return (error as NodeJS.ErrnoException).code === undefined;
      }
    },
  },
];

/** Only where somebody has said how long it takes. */
const expiry: Probe = {
  name: 'a request that nobody answers is not over in time',
  hint: 'Start a clock for each request. When it has run out without an answer, tell both users and set both free.',
  async isThere(session) {
    const seconds = session.dialect.features.requestTimeout ?? 0;
    const [ann, ben] = [await session.enter('ann'), await session.enter('ben')];
    await session.ask(ann, ben);
    await new Promise((resolve) => setTimeout(resolve, 500 * seconds));
    const isEarly = /\n/.test(ann.unread.trimStart());
    await new Promise((resolve) => setTimeout(resolve, 500 * seconds));
    const menu: Sentence = { type: 'read.menu' };
    return isEarly || !((await session.reads(ann, menu)) && (await session.reads(ben, menu)));
  },
};

/** The faults that the server has. A probe that gets nowhere names nothing. */
export async function runFaultProbes(dialect: Dialect, target: Target): Promise<Fault[]> {
  const found: Fault[] = [];
  const wanted = dialect.features.requestTimeout === null ? probes : [...probes, expiry];
  for (const { name, hint, isThere } of wanted) {
    const session = new ProbeSession(dialect, target);
    const isFound = await isThere(session).catch(() => false);
    session.leave();
    if (isFound) found.push({ name, hint });
  }
  return found;
}

/** How many faults are looked for. */
export const knownFaults: readonly Fault[] = probes.map(({ name, hint }) => ({ name, hint }));
