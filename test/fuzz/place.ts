/**
 * The server as a program of its own, with onlookers: one in the menu, two in the common room, two in a chat.
 *
 * Owns: how a sequence is played, and what has to be true after it: the server runs, the onlookers are served, everybody
 * is gone again, and nothing that anybody or the log has got is unsafe (`screens.ts`).
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { Judge, wrongInLog } from './screens.ts';
import { answerTo, type Step, secret } from './sequences.ts';
import { deadlineMs, Visitor } from './visitor.ts';

interface Onlookers {
  eve: Visitor;
  ann: Visitor;
  amy: Visitor;
  ben: Visitor;
  cat: Visitor;
}

const online = ['amy (in the common room)', 'ann (in the common room)', 'ben (busy)', 'cat (busy)', 'eve (free, you)'];

export class Place {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  #port = 0;
  #log = '';
  #onlookers: Onlookers | undefined;
  #rounds = 0;
  /** Bytes that were sent in all sequences, and that came back to those who sent them. */
  bytes = { sent: 0, read: 0 };
  /** What the latest sequence sent and did, as it can be written down and replayed. */
  played: Step[] = [];

  /** Its limits are the usual ones, but for those that only make people slower. */
  constructor() {
    const args = ['--port', '0', '--rate-limit', '0', '--requests-per-minute', '0', '--log-level', 'info'];
    this.#child = spawn(process.execPath, ['--import', 'tsx', 'src/bin/statechat.ts', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text;
    });
    process.once('exit', this.close);
  }

  static async open(): Promise<Place> {
    const place = new Place();
    await place.#begin();
    return place;
  }

  readonly close = (): void => {
    process.removeListener('exit', this.close);
    this.#child.kill('SIGKILL');
    for (const onlooker of Object.values(this.#onlookers ?? {})) onlooker.destroy();
  };

  /** Throws if anything is wrong during or after these steps. */
  async play(steps: readonly Step[]): Promise<void> {
    const visitors = new Map<number, Visitor>();
    this.played = [];
    try {
      for (const step of steps) {
        let visitor = visitors.get(step.who);
        if (visitor === undefined) {
          visitor = new Visitor(this.#port);
          visitors.set(step.who, visitor);
          await visitor.open();
        }
        await this.#take(step, visitor);
      }
      await this.#leave([...visitors.values()]);
    } finally {
      for (const visitor of visitors.values()) {
        visitor.destroy();
        this.bytes.read += visitor.bytesRead;
      }
    }
    await this.#lookAround();
  }

  async #take(step: Step, visitor: Visitor): Promise<void> {
    if ('answers' in step) {
      const { id, lineEnd, cut } = step.as;
      const line = Buffer.from(answerTo(visitor.screen, step.answers, id) + lineEnd).toString('latin1');
      for (const sends of pieces(line, cut)) await this.#take({ who: step.who, sends }, visitor);
      return;
    }
    this.played.push(step);
    if ('sends' in step) {
      const bytes = Buffer.from(step.sends.repeat(step.times ?? 1), 'latin1');
      this.bytes.sent += bytes.length;
      visitor.send(bytes);
      // Each piece in a segment of its own, mostly.
      await turn();
    } else if ('waits' in step) await visitor.fence();
    else if ('rests' in step) await pause(step.rests);
    else if (step.ends === 'reset') visitor.cut();
    else visitor.halfClose();
  }

  async #leave(visitors: readonly Visitor[]): Promise<void> {
    for (const visitor of visitors) visitor.halfClose();
    for (const visitor of visitors) await visitor.closed();
    for (const visitor of visitors) visitor.look();
  }

  async #begin(): Promise<void> {
    const [line] = await once(this.#child.stdout, 'data', { signal: AbortSignal.timeout(deadlineMs) });
    this.#port = Number(/:(\d+)\n/.exec(String(line))?.[1]);
    const eve = await this.#enter('eve');
    const ann = await this.#enter('ann', new Judge({ knowsRoom: true }));
    const amy = await this.#enter('amy');
    const ben = await this.#enter('ben');
    const cat = await this.#enter('cat');
    ann.say('3');
    await ann.reads('Nobody else is here yet.');
    amy.say('3');
    await amy.reads('2 people are here');
    ben.say('1\ncat');
    await cat.reads('ben wants to chat');
    cat.say('y');
    await ben.reads('Chat started');
    this.#onlookers = { eve, ann, amy, ben, cat };
    for (const onlooker of [eve, ann, amy, ben, cat]) {
      await onlooker.fence();
      onlooker.look();
    }
  }

  async #enter(id: string, judge = new Judge()): Promise<Visitor> {
    const onlooker = new Visitor(this.#port, judge);
    onlooker.say(id);
    await onlooker.reads('4) Who is online\n');
    return onlooker;
  }

  async #lookAround(): Promise<void> {
    const { eve, ann, amy, ben, cat } = this.#onlookers as Onlookers;
    const round = ++this.#rounds;
    await this.#untilAllAreGone(eve);
    // Nobody else reaches the two in the chat, and each of them reads what the other says.
    ben.say(`still there ${round}?`);
    await cat.reads(`there ${round}?\n`);
    cat.say(`yes ${round}`);
    await ben.reads(`yes ${round}\n`);
    expectEqual(cat.look(), `ben: still there ${round}?\n`);
    expectEqual(ben.look(), `cat: yes ${round}\n`);
    // Those in the room have read of everybody who came that they left.
    ann.say(`and you ${round}?`);
    await amy.reads(`ann: and you ${round}?\n`);
    amy.say(`me too ${round}`);
    await ann.reads(`amy: me too ${round}\n`);
    for (const onlooker of [eve, ann, amy]) onlooker.look();
    expectEqual([...ann.judge.roommates].join(), 'amy');
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) throw new Error('the server has ended');
    const wrong = wrongInLog(this.#log, secret);
    if (wrong) throw new Error(wrong);
    this.#log = this.#log.slice(this.#log.lastIndexOf('\n') + 1);
  }

  /** The server hears of a cut cable a moment later. Somebody may have asked eve, who never wants to. */
  async #untilAllAreGone(eve: Visitor): Promise<void> {
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      eve.say('n\n4');
      await eve.fence();
      if (eve.isOver) throw new Error('the connection of the one in the menu has ended');
      const rows = [...eve.look().matchAll(/^(\S+ \([^)]*\))\n/gm)].map(([, row]) => row as string).sort();
      if (rows.join() === online.join()) return;
      if (performance.now() > deadline) throw new Error(`still online: ${rows.join()}`);
      await turn();
    }
  }
}

/** Of so many characters each; 0 for all in one. */
function pieces(text: string, size: number): string[] {
  return size === 0 ? [text] : (text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []);
}

function expectEqual(found: string, expected: string): void {
  if (found !== expected) throw new Error(`${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
}
