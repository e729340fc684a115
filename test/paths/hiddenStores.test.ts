/**
 * What a running session remembers beside its chart has a bound, and within it changes nothing in the dialogue.
 *
 * The generated suites know the chart's states only, so what they prove holds for the server as far as this is true. Each
 * store is filled, and then the session has to do in every state at every input what was reviewed.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGolden } from './golden.ts';
import { InMemory, type InMemoryOptions } from './inMemory.ts';
import { TcpStage, type TcpSubject } from './overTcp.ts';
import { expectAsReviewed } from './run.ts';
import { exploreSession } from './sessionGraph.ts';
import type { Output, Subject } from './subject.ts';
import { everyBranch, everyInput } from './suites.ts';

const golden = readGolden();
const nodes = exploreSession();

/** Each store that needs no socket, its bound, and how it is filled. */
const stores: Record<string, InMemoryOptions> = {
  'the rate of lines (at most `rateBurst` at once): used up and come back': {
    limits: { rateLimit: 5, rateBurst: 20 },
    disturb: ({ connection, clock }) => {
      for (let line = 0; line < 30; line++) connection.typeRefused('lineNotUtf8');
      clock.increment(60_000);
    },
  },
  'early lines (100 texts, then their sender waits): of a chat that has not started': {
    disturb: ({ session }) => {
      for (let text = 0; text < 99; text++) session.channel.receive(7, 'golan: early\n');
    },
  },
  'the prompt (one line, and where the cursor is): interrupted a thousand times': {
    disturb: ({ session }) => {
      for (let line = 0; line < 1000; line++) session.overhear('golan joined the server.\n');
    },
  },
  'the proofs under way (one of each session): others have typed a password, and wait or go': {
    disturb: ({ proving }) => {
      const others = Array.from({ length: 10 }, () => proving('lior'));
      for (const other of others) other.hangUp();
      proving('golan');
    },
  },
  'the line queue (what one read brings, then reading stops): filled while the reader is slow, and emptied': {
    disturb: ({ connection }) => {
      connection.needsDrain = true;
      for (let line = 0; line < 100; line++) connection.typeRefused('lineNotUtf8');
      connection.drain();
    },
  },
};

describe('a session does as reviewed, whatever was before in', () => {
  it.each(Object.entries(stores))('%s', async (_, options) => {
    await expectAsReviewed('in memory', everyInput(nodes), [new InMemory(options)], golden);
  });
});

/**
 * What the connection keeps: bytes that are sent before each dialogue, and read away. The chart counts no line that is
 * refused, so each of them is no valid UTF-8, as ÿ in this encoding, or is too long.
 */
const bytes: Record<string, Buffer> = {
  'the framing: line ends of another system': Buffer.from('ÿ\r\nÿ\r\n', 'latin1'),
  'the framing (one unfinished line of at most `maxLineBytes`): a line of the greatest length': Buffer.from(
    `${'ÿ'.repeat(4096)}\n`,
    'latin1',
  ),
  'the framing (too much is thrown away up to the line’s end): a line that is too long': Buffer.from(
    `${'x'.repeat(60_000)}\n`,
  ),
  'the send queue (`outboxBytes`): answers to 200 lines at once, more than a socket takes': Buffer.from(
    'ÿ\n'.repeat(200),
    'latin1',
  ),
};

describe('a session over TCP does as reviewed, whatever was before in', () => {
  let stage: TcpStage;
  beforeAll(async () => {
    stage = await TcpStage.start();
  });
  afterAll(() => stage.stop());

  it.each(Object.entries(bytes))('%s', async (_, text) => {
    const subjects = stage.subjects(8).map((subject) => new Disturbed(subject, text));
    await expectAsReviewed('over TCP', everyBranch(nodes), subjects, golden);
    await Promise.all(subjects.map((subject) => subject.close()));
    expect(subjects.every(({ wasDisturbed }) => wasDisturbed)).toBe(true);
  });
});

/** A subject that gets bytes before each dialogue. */
class Disturbed implements Subject {
  readonly hasScreen = true;
  wasDisturbed = false;
  readonly #subject: TcpSubject;
  readonly #bytes: Buffer;

  constructor(subject: TcpSubject, bytes: Buffer) {
    this.#subject = subject;
    this.#bytes = bytes;
  }

  async reset(): Promise<Output> {
    const first = await this.#subject.reset();
    const { text } = await this.#subject.send(this.#bytes);
    this.wasDisturbed = text !== '';
    return first;
  }

  apply(input: Parameters<Subject['apply']>[0]): Output | Promise<Output> {
    return this.#subject.apply(input);
  }

  close(): void | Promise<void> {
    return this.#subject.close();
  }
}
