/**
 * `npm run fuzz -- [--seconds N] [--seed N] [--mode bytes|dialogues|both]`: the corpus, then random bytes, then random dialogues,
 * so many seconds each (60), against a server that runs as a program and has onlookers (`place.ts`).
 *
 * Owns: the command line, the search, and the report. Ends with exit code 1 if anything was found, and prints the seed and the
 * shortest such sequence as a line for `corpus.json`, which every run replays, and so does `corpus.test.ts`.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { Place } from './place.ts';
import { anyBytes, anyDialogue, knownSequences, type Step } from './sequences.ts';

const modes = { bytes: anyBytes, dialogues: anyDialogue };
/** Between two looks at the clock. */
const sequencesPerBatch = 100;
/** How long the shortest sequence is looked for, in ms. */
const shrinkMs = 60_000;

const { values } = parseArgs({
  options: { seconds: { type: 'string' }, seed: { type: 'string' }, mode: { type: 'string' } },
});
const seconds = Number(values.seconds ?? 60);
const firstSeed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000_000));
const chosen = (['bytes', 'dialogues'] as const).filter((mode) => [undefined, 'both', mode].includes(values.mode));
if (!(seconds > 0) || !Number.isSafeInteger(firstSeed) || chosen.length === 0) {
  console.error('usage: npm run fuzz -- [--seconds N] [--seed N] [--mode bytes|dialogues|both]');
  process.exit(2);
}

/** One server after the other: a new one as soon as anything was wrong with the last. */
class Run {
  sequences = 0;
  bytesSent = 0;
  bytesRead = 0;
  failures = 0;
  /** What was played when something was wrong the last time. */
  failed: Step[] = [];
  #place: Place | undefined;
  readonly #began = performance.now();
  #told = 0;

  async play(steps: readonly Step[], title: string): Promise<void> {
    this.#place ??= await Place.open();
    const place = this.#place;
    const { sent, read } = place.bytes;
    try {
      await place.play(steps);
    } catch (error) {
      this.failed = place.played;
      this.close();
      throw error;
    } finally {
      this.sequences++;
      this.bytesSent += place.bytes.sent - sent;
      this.bytesRead += place.bytes.read - read;
    }
    const tens = Math.floor((performance.now() - this.#began) / 10_000);
    if (tens > this.#told) console.error(`fuzz: ${tens * 10} s, ${title}: ${this.figures}`);
    this.#told = tens;
  }

  get figures(): string {
    return `${this.sequences} sequences, ${this.bytesSent} bytes sent, ${this.bytesRead} bytes read, ${this.failures} failures`;
  }

  close(): void {
    this.#place?.close();
    this.#place = undefined;
  }
}

const run = new Run();

async function replayCorpus(): Promise<void> {
  for (const [title, steps] of knownSequences) {
    try {
      await run.play(steps, 'corpus');
    } catch (error) {
      report(`corpus, ${title}`, error);
    }
  }
}

/** Until the time is over or something is found. */
async function search(mode: keyof typeof modes): Promise<void> {
  const property = fc.asyncProperty(modes[mode], (steps) => run.play(steps, mode));
  const deadline = performance.now() + seconds * 1000;
  for (let seed = firstSeed; performance.now() < deadline; seed++) {
    const found = await fc.check(property, {
      ...{ seed, numRuns: sequencesPerBatch, endOnFailure: true },
      // Between two sequences, so that one that hangs isn't taken for the end of the time.
      ...{ skipAllAfterTimeLimit: Math.max(1, deadline - performance.now()) },
    });
    if (!found.failed) continue;
    if (found.counterexample === null) break;
    const asFound = { error: found.errorInstance, steps: run.failed };
    console.error(`fuzz: ${mode}, seed ${seed}: ${found.errorInstance}; looking for the shortest sequence`);
    const shrunk = await fc.check(property, {
      ...{ seed, path: found.counterexamplePath as string },
      ...{ skipAllAfterTimeLimit: shrinkMs },
    });
    const isAlone = shrunk.failed && shrunk.counterexample !== null;
    if (!isAlone) run.failed = asFound.steps;
    report(
      `${mode}, --seed ${seed}${isAlone ? '' : ' (not again at a new server)'}`,
      isAlone ? shrunk.errorInstance : asFound.error,
    );
    break;
  }
  run.close();
}

function report(title: string, error: unknown): void {
  run.failures++;
  console.log(`fuzz: FAILED: ${title}: ${error}\n${JSON.stringify([title, run.failed])}`);
}

await replayCorpus();
run.close();
for (const mode of chosen) await search(mode);
console.log(`fuzz: ${chosen.join(' and ')}, seed ${firstSeed}: ${run.figures}`);
process.exit(run.failures === 0 ? 0 : 1);
