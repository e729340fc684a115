/**
 * Known faults of servers, each looked for with a short dialogue of its own.
 *
 * Owns: which faults have a name, and how each shows. The suites say that something is wrong; this says what it probably is.
 * Next: `testClient.ts`, `../protocol/dialect.ts`.
 */
import { type Dialect, patternOf } from '../protocol/dialect.ts';
import type { Sentence } from '../protocol/sentences.ts';
import { Player, type Target } from './testClient.ts';

export interface Fault {
  readonly name: string;
  /** What to look for in the server's source. */
  readonly hint: string;
}

interface Probe extends Fault {
  /** True if the fault is there. */
  isThere(scene: Scene): Promise<boolean>;
}

let scenes = 0;

/** A few people at the server. */
class Scene {
  readonly dialect: Dialect;
  readonly target: Target;
  readonly #players: Player[] = [];
  readonly #suffix = `${(++scenes).toString(36)}p${process.pid % 1000}`;

  constructor(dialect: Dialect, target: Target) {
    this.dialect = dialect;
    this.target = target;
  }

  async connect(name: string, target = this.target): Promise<Player> {
    const player = await Player.connect(name + this.#suffix, target);
    this.#players.push(player);
    await this.reads(player, { type: 'read.idPrompt' });
    return player;
  }

  async enter(name: string): Promise<Player> {
    const player = await this.connect(name);
    player.send(`${player.id}\n`);
    await this.reads(player, { type: 'read.menu' });
    return player;
  }

  /** Waits for a sentence, and drops everything before it; false if it doesn't come. */
  reads(player: Player, sentence: Sentence): Promise<boolean> {
    const anywhere = new RegExp(patternOf(this.dialect, sentence).source.slice(1), 'i');
    return player.until(() => {
      const match = anywhere.exec(player.unread);
      if (match !== null) player.unread = player.unread.slice(match.index + match[0].length);
      return match !== null;
    });
  }

  async ask(asker: Player, target: Player): Promise<void> {
    asker.send('1\n');
    await this.reads(asker, { type: 'read.targetPrompt' });
    asker.send(`${target.id}\n`);
    await this.reads(target, { type: 'read.question', id: asker.id });
  }

  async chat(asker: Player, target: Player): Promise<void> {
    await this.ask(asker, target);
    target.send('y\n');
    await this.reads(target, { type: 'read.chatStarted', id: asker.id });
    await this.reads(asker, { type: 'read.chatStarted', id: target.id });
  }

  leave(): void {
    for (const player of this.#players) player.destroy();
  }
}

/** What the slow reader is sent at most, in bytes: more than two kernels hold for a connection. */
const mostForSlowReader = 16_000_000;
/** How much longer than usual others may have to wait while a server works that off: a busy one is no stopped one. */
const patience = 8;
const longLine = `${'x'.repeat(3900)}\n`;

const probes: readonly Probe[] = [
  {
    name: 'two lines in one segment are taken for one',
    hint: 'recv() returns what has arrived, which may be two lines or half of one: keep a buffer and take lines off it.',
    async isThere(scene) {
      const [ann, ben] = [await scene.enter('ann'), await scene.enter('ben')];
      ann.send(`1\n${ben.id}\n`);
      return !(await scene.reads(ben, { type: 'read.question', id: ann.id }));
    },
  },
  {
    name: 'a request whose asker vanished leaves the other waiting',
    hint: 'When a connection ends, whoever it was asking or chatting with has to be told and set free.',
    async isThere(scene) {
      const [ann, ben] = [await scene.enter('ann'), await scene.enter('ben')];
      await scene.ask(ann, ben);
      ann.hangUp();
      return !(await scene.reads(ben, { type: 'read.menu' }));
    },
  },
  {
    name: 'the same id twice',
    hint: 'Looking whether an id is free and taking it has to be one step, under one lock.',
    async isThere(scene) {
      const [ann, other] = [await scene.enter('ann'), await scene.connect('ann')];
      other.send(`${ann.id}\n`);
      return scene.reads(other, { type: 'read.menu' });
    },
  },
  {
    name: 'user text can imitate a server line',
    hint: "Every line from a user begins with that user's id, a colon and a blank, and control characters are not passed on.",
    async isThere(scene) {
      const [ann, ben] = [await scene.enter('ann'), await scene.enter('ben')];
      await scene.chat(ann, ben);
      const fake = `${ann.id} left the chat.`;
      ann.send(`${fake}\n`);
      await ben.until(() => ben.unread.includes(fake));
      return new RegExp(`^${fake}`, 'm').test(ben.unread);
    },
  },
  {
    name: 'anything but y counts as no',
    hint: 'An answer that is neither yes nor no is asked again.',
    async isThere(scene) {
      const [ann, ben] = [await scene.enter('ann'), await scene.enter('ben')];
      await scene.ask(ann, ben);
      ben.send('maybe\n');
      return scene.reads(ann, { type: 'read.menu' });
    },
  },
  {
    name: 'one slow reader stops the server',
    hint: 'send() blocks when the other side doesn’t read: never call it while others wait for the same lock or thread.',
    async isThere(scene) {
      const [ann, slow] = [await scene.enter('ann'), await scene.enter('ben')];
      for (const player of [slow, ann]) {
        player.send('3\n');
        await scene.reads(player, { type: 'read.roomJoined' });
      }
      slow.pause();
      for (let sent = 0; sent < mostForSlowReader; sent += 100 * longLine.length) ann.send(longLine.repeat(100));
      ann.transcript.length = 0;
      await new Promise((resolve) => setTimeout(resolve, scene.target.timeoutMs));
      try {
        const eve = await scene.connect('eve', { ...scene.target, timeoutMs: patience * scene.target.timeoutMs });
        eve.send(`${eve.id}\n`);
        return !(await scene.reads(eve, { type: 'read.menu' }));
      } catch (error) {
        // Whoever isn't there any more was not stopped by a reader.
        return (error as NodeJS.ErrnoException).code === undefined;
      }
    },
  },
];

/** Only where somebody has said how long it takes. */
const expiry: Probe = {
  name: 'a request that nobody answers is not over in time',
  hint: 'Whoever asks starts a clock; when it has run out, both are told and set free, unless there was an answer.',
  async isThere(scene) {
    const seconds = scene.dialect.features.requestTimeout ?? 0;
    const [ann, ben] = [await scene.enter('ann'), await scene.enter('ben')];
    await scene.ask(ann, ben);
    await new Promise((resolve) => setTimeout(resolve, 500 * seconds));
    const isEarly = /\n/.test(ann.unread.trimStart());
    await new Promise((resolve) => setTimeout(resolve, 500 * seconds));
    const menu: Sentence = { type: 'read.menu' };
    return isEarly || !((await scene.reads(ann, menu)) && (await scene.reads(ben, menu)));
  },
};

/** The faults that the server has. A probe that gets nowhere names nothing. */
export async function diagnose(dialect: Dialect, target: Target): Promise<Fault[]> {
  const found: Fault[] = [];
  const wanted = dialect.features.requestTimeout === null ? probes : [...probes, expiry];
  for (const { name, hint, isThere } of wanted) {
    const scene = new Scene(dialect, target);
    const isFound = await isThere(scene).catch(() => false);
    scene.leave();
    if (isFound) found.push({ name, hint });
  }
  return found;
}

/** How many faults are looked for. */
export const knownFaults: readonly Fault[] = probes.map(({ name, hint }) => ({ name, hint }));
