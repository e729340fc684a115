/**
 * `npm run fuzz -- [--seconds N] [--seed N]`: random bytes, random dialogues, random frames of WebSocket, beside each other, so
 * many seconds (60), each against a server that runs as a program, with observers in the menu, in the room and in a chat.
 *
 * Owns: what is sent. After every sequence the server must run, the observers must be served, and nothing that anybody has
 * read may be unsafe (`screens.ts`). Ends with exit code 1 and the shortest sequence that was found; such a one belongs
 * into `corpus.json`, which `corpus.test.ts` replays.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { writeNames } from '../support/passwordGates.ts';
import { menuEnd, menuOptions } from '../support/wireTexts.ts';
import corpus from './corpus.json' with { type: 'json' };
import { anyFrames, textOfFrames } from './frames.ts';
import { shownByTelnet, wrongInLog, wrongOnScreen } from './screens.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string' }, seed: { type: 'string' } } });
const seconds = Number(values.seconds ?? 60);
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000_000));
const deadlineMs = 10_000;
/** Sequences between two looks at the clock. */
const perBatch = 100;
/** Part of every line that is said and of a password, and of no id, as no id has such a sign: it must not be in the log. */
const secret = 'sesame!';
/** An id that only its password gets. */
const named: [id: string, password: string] = ['ned', `${secret} ned`];

interface Sequence {
  chunks: Buffer[];
  /** It goes to the port of the page. */
  isWeb?: boolean;
  end: 'fin' | 'reset' | 'silence';
}

class FuzzObserver {
  readonly socket: Socket;
  #bytes = Buffer.alloc(0);
  isOver = false;
  readonly #isWeb: boolean;
  #look = (): void => {};

  constructor(port: number, isWeb = false) {
    this.#isWeb = isWeb;
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (bytes) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
      this.#look();
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.isOver = true;
      this.#look();
    });
  }

  say(text: string): void {
    this.socket.write(`${text}\n`);
  }

  /** What is wrong with what was read since the last look. */
  judge(): string | undefined {
    const wrong = wrongOnScreen(this.#isWeb ? textOfFrames(this.#bytes) : shownByTelnet(this.#bytes));
    const kept = this.#bytes.lastIndexOf(10) + 1;
    if (wrong === undefined) this.#bytes = this.#bytes.subarray(kept);
    return wrong;
  }

  async reads(text: string): Promise<void> {
    const deadline = AbortSignal.timeout(deadlineMs);
    while (!this.#bytes.includes(text)) {
      if (this.isOver) throw new Error(`the connection of an observer has ended: ${this.#bytes}`);
      if (deadline.aborted) throw new Error(`an observer is not served: ${text} does not come`);
      await Promise.race([new Promise<void>((resolve) => (this.#look = resolve)), once(deadline, 'abort')]);
    }
  }
}

class Place {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  port = 0;
  #webPort = 0;
  log = '';
  readonly #folder = mkdtempSync(join(tmpdir(), 'statechat-fuzz-'));
  #observers: FuzzObserver[] = [];
  sequences = 0;
  bytes = 0;

  constructor() {
    writeNames(join(this.#folder, 'names'), named);
    const ports = ['--port', '0', '--web', '0', '--names', join(this.#folder, 'names')];
    const limits = ['--rate-limit', '0', '--room-rate', '0', '--requests-per-minute', '0', '--asked-per-minute', '0'];
    this.child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', 'serve', ...ports, ...limits], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.log += text;
    });
  }

  async open(): Promise<void> {
    const [lines] = (await once(this.child.stdout, 'data')) as [Buffer];
    this.port = Number(/:(\d+)\n/.exec(String(lines))?.[1]);
    this.#webPort = Number(/:(\d+)\/\n/.exec(String(lines))?.[1]);
    rmSync(this.#folder, { recursive: true });
    const [eve, ann, ben, cat] = await Promise.all(['eve', 'ann', 'ben', 'cat'].map((id) => this.#enter(id)));
    if (!eve || !ann || !ben || !cat) throw new Error('nobody came');
    ann.say('3');
    await ann.reads('Joined common room.');
    ben.say('1');
    ben.say('cat');
    await cat.reads('ben wants to chat');
    cat.say('y');
    await ben.reads('Chat started');
    this.#observers = [eve, ann, ben, cat];
  }

  async #enter(id: string): Promise<FuzzObserver> {
    const observer = new FuzzObserver(this.port);
    observer.say(id);
    await observer.reads(menuEnd);
    return observer;
  }

  /** Throws if anything is wrong after this. */
  async play({ chunks, end, isWeb = false }: Sequence): Promise<void> {
    this.sequences++;
    const stranger = new FuzzObserver(isWeb ? this.#webPort : this.port, isWeb);
    await once(stranger.socket, 'connect');
    for (const chunk of chunks) {
      this.bytes += chunk.length;
      if (stranger.isOver) break;
      stranger.socket.write(chunk);
      if (chunk.length % 2) await turn();
    }
    if (end === 'reset') stranger.socket.resetAndDestroy();
    else stranger.socket.end();
    if (!stranger.isOver) await Promise.race([once(stranger.socket, 'close'), turnsOf(deadlineMs)]);
    await this.#lookAround(stranger);
  }

  async #lookAround(stranger: FuzzObserver): Promise<void> {
    const [eve, ann, ben, cat] = this.#observers as [FuzzObserver, FuzzObserver, FuzzObserver, FuzzObserver];
    // Somebody may have asked eve.
    eve.say('n');
    eve.say('4');
    await eve.reads('eve (');
    ben.say(`still there ${this.sequences}`);
    await cat.reads(`ben: still there ${this.sequences}\n`);
    for (const observer of [stranger, eve, ann, ben, cat]) {
      const wrong = observer.judge();
      if (wrong) throw new Error(`somebody reads ${wrong}`);
    }
    if (ann.isOver || this.child.exitCode !== null) throw new Error('the server has ended, or somebody’s connection');
    const wrong = wrongInLog(this.log, secret);
    if (wrong) throw new Error(wrong);
    this.log = this.log.slice(this.log.lastIndexOf('\n') + 1);
  }
}

async function turnsOf(ms: number): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, ms).unref());
  throw new Error(`a connection that has ended is not closed within ${ms} ms`);
}

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');
const known = corpus.map(([, text]) => bytesOf(text as string));
const anyChunk = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(...known),
  fc.constantFrom('\n', '\r\n', 'zoe\n', '3\n', 'exit()\n', '1\n', 'ann\n', 'eve\n', '2\n', 'ned\n').map(bytesOf),
  fc.nat(70_000).map((length) => Buffer.alloc(length, 'x')),
  fc.string({ unit: 'binary', maxLength: 100 }).map((text) => Buffer.from(`${text}\n`)),
);
const anyEnd = fc.constantFrom<Sequence['end']>('fin', 'fin', 'reset');
const anyBytes: fc.Arbitrary<Sequence> = fc.record({ chunks: fc.array(anyChunk, { maxLength: 20 }), end: anyEnd });

/** What users type, at the right moment or not; what they say holds the secret. */
const anyLine = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(...menuOptions, 'y', 'n', 'exit()', 'eve', 'ann', 'ben', 'nobody', '', '9', ...named),
  },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }).map((text) => `${secret} ~${text}`) },
  { weight: 1, arbitrary: fc.constantFrom(...known.map((bytes) => bytes.toString('latin1'))) },
);
const anyDialogue: fc.Arbitrary<Sequence> = fc
  .record({
    id: fc.oneof({ weight: 3, arbitrary: fc.stringMatching(/^[a-z]{4,8}$/) }, fc.constant('ned')),
    lines: fc.array(anyLine, { maxLength: 25 }),
    lineEnd: fc.constantFrom('\n', '\r\n'),
    cut: fc.nat(7),
    end: anyEnd,
  })
  .map(({ id, lines, lineEnd, cut, end }) => {
    const bytes = Buffer.from([id, ...lines, ''].join(lineEnd));
    const chunks = [];
    for (let at = 0; at < bytes.length; at += cut * 20 + 1) chunks.push(bytes.subarray(at, at + cut * 20 + 1));
    return { chunks, end };
  });

async function run(title: string, sequences: fc.Arbitrary<Sequence>): Promise<boolean> {
  let place: Place | undefined;
  const began = performance.now();
  let told = 0;
  let count = 0;
  let bytes = 0;
  const property = fc.asyncProperty(sequences, async (sequence) => {
    if (place === undefined) {
      place = new Place();
      await place.open();
    }
    try {
      await place.play(sequence);
    } catch (error) {
      place.child.kill('SIGKILL');
      place = undefined;
      throw error;
    }
    count++;
    bytes += sequence.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const passed = Math.floor((performance.now() - began) / 10_000);
    if (passed > told) console.error(`${title}: ${count} sequences, ${passed * 10} s`);
    told = passed;
  });
  // The clock is looked at between sequences only, so that one that hangs is a failure and not the end of the time.
  let result = await fc.check(property, { seed, numRuns: perBatch });
  for (let batch = 1; !result.failed && performance.now() - began < seconds * 1000; batch++) {
    result = await fc.check(property, { seed: seed + batch, numRuns: perBatch });
  }
  place?.child.kill('SIGKILL');
  const { failed } = result;
  console.log(
    `fuzz, ${title}: seed ${result.seed}, ${count} sequences, ${bytes} bytes, ${failed ? 'FAILED' : 'all served, all safe'}`,
  );
  if (!failed) return true;
  const [shortest] = result.counterexample as [Sequence];
  console.log(
    `${result.errorInstance}\n${JSON.stringify(Buffer.concat(shortest.chunks).toString('latin1'))}, then ${shortest.end}`,
  );
  return false;
}

const anyWebSocket: fc.Arbitrary<Sequence> = fc
  .record({ chunks: anyFrames, end: anyEnd })
  .map((sequence) => ({ ...sequence, isWeb: true }));

/** Beside each other, for each waits for its server half of the time. */
const good = await Promise.all([run('bytes', anyBytes), run('dialogues', anyDialogue), run('frames', anyWebSocket)]);
process.exit(good.every(Boolean) ? 0 : 1);
