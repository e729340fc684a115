/**
 * Lines for standard error or standard output that never make the process wait, and never end it.
 *
 * Owns: the lines that wait while the output takes none (a full disk, a pipe that nobody reads, a terminal that is stopped
 * or gone), how many may wait, which of them are lost, and the last try at the end of the process. Knows nothing of what
 * the lines say. Next: `log.ts`.
 */
import { constants, fstatSync, openSync, write, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** What may wait: some 5,000 lines of the log. Beyond that the oldest are lost, because the last ones say what happened. */
const maxWaitingBytes = 1_048_576;
const maxChunkBytes = 65_536;
/** So long a line may wait for others that go with it, in ms: three writes cost as much as XState does for a connection. */
const gatherMs = 10;
/** A reader may go on at any moment; a disk that is full stays full for longer. */
const retryWhenFullMs = 50;
const retryAfterErrorMs = 1000;
/** At the end of the process, how long the last lines may take. */
const lastWordsMs = 500;
const lastWordsPauseMs = 10;

/** The lines that were lost since the last report, and the system's code for what was wrong with the output. */
type LossListener = (lines: number, code: string) => void;

class OutputWriter {
  readonly #fd: 1 | 2;
  /** Opened at the first line. */
  #output: { descriptor: number; mayBlock: boolean } | undefined;
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** What the system has been asked to write, or what it left of that: the rest of a line, and whole ones behind it. */
  #chunk: Buffer = Buffer.alloc(0);
  #isWriting = false;
  /** Runs until more is written. */
  #pause: NodeJS.Timeout | undefined;
  #lostLines = 0;
  #unreportedLines = 0;
  #code = 'EAGAIN';
  readonly #whenEmpty: (() => void)[] = [];
  /** Called when the output takes lines again after some were lost. */
  onLoss: LossListener = () => {};

  constructor(fd: 1 | 2) {
    this.#fd = fd;
  }

  /** Lines that were lost so far. */
  get lostLines(): number {
    return this.#lostLines;
  }

  /** One line or several, with their line feeds. */
  write(lines: string): void {
    this.#open();
    const line = Buffer.from(lines);
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    while (this.#waitingBytes > maxWaitingBytes) this.#lose();
    if (!this.#isWriting) this.#startIn(gatherMs);
  }

  /** Resolves when nothing waits any more, and at the latest after `limitMs`. */
  async flush(limitMs = lastWordsMs): Promise<void> {
    if (!this.#hasMore) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, limitMs);
      this.#whenEmpty.push(() => {
        clearTimeout(late);
        resolve();
      });
    });
  }

  #open(): { descriptor: number; mayBlock: boolean } {
    if (this.#output === undefined) {
      this.#output = withoutWaiting(this.#fd);
      process.on('exit', () => this.#writeLastWords());
    }
    return this.#output;
  }

  get #hasMore(): boolean {
    return this.#chunk.length > 0 || this.#waiting.length > 0;
  }

  #lose(): void {
    this.#waitingBytes -= this.#waiting.shift()?.length ?? 0;
    this.#lostLines++;
    this.#unreportedLines++;
  }

  /** If it does not start already. */
  #startIn(ms: number): void {
    this.#pause ??= setTimeout(() => {
      this.#pause = undefined;
      this.#start();
    }, ms).unref();
  }

  #start(): void {
    if (!this.#fillChunk()) return;
    this.#isWriting = true;
    // One at a time: the order of two would be the system's choice.
    write(this.#open().descriptor, this.#chunk, (error, written) => this.#onWritten(error, written));
  }

  /** False if there is nothing to write. */
  #fillChunk(): boolean {
    if (this.#chunk.length > 0) return true;
    const lines: Buffer[] = [];
    let bytes = 0;
    while (this.#waiting.length > 0 && bytes < maxChunkBytes) {
      const line = this.#waiting.shift() as Buffer;
      lines.push(line);
      bytes += line.length;
    }
    this.#waitingBytes -= bytes;
    this.#chunk = Buffer.concat(lines);
    return bytes > 0;
  }

  #onWritten(error: NodeJS.ErrnoException | null, written: number): void {
    this.#isWriting = false;
    if (error !== null) {
      this.#code = error.code ?? 'unknown';
      this.#startIn(error.code === 'EAGAIN' ? retryWhenFullMs : retryAfterErrorMs);
      return;
    }
    this.#chunk = this.#chunk.subarray(written);
    // A whole chunk waits for no others.
    if (this.#chunk.length > 0 || this.#waitingBytes >= maxChunkBytes) this.#start();
    else if (this.#hasMore) this.#startIn(gatherMs);
    // Now that there is room: the report must push no other line out.
    if (this.#unreportedLines > 0) {
      const lines = this.#unreportedLines;
      this.#unreportedLines = 0;
      this.onLoss(lines, this.#code);
    }
    if (!this.#hasMore) for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }

  /** At the end of the process nothing is asynchronous any more. */
  #writeLastWords(): void {
    const { descriptor, mayBlock } = this.#open();
    if (mayBlock) {
      // Node would wait for the system before it ends, perhaps for ever.
      if (this.#isWriting) process.kill(process.pid, 'SIGKILL');
      return;
    }
    // What was being written is written: its result only hasn't come back yet.
    if (this.#isWriting) this.#chunk = Buffer.alloc(0);
    const deadline = performance.now() + lastWordsMs;
    while (this.#fillChunk()) {
      try {
        this.#chunk = this.#chunk.subarray(writeSync(descriptor, this.#chunk));
      } catch (error) {
        const isFull = (error as NodeJS.ErrnoException).code === 'EAGAIN';
        if (!isFull || performance.now() > deadline) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lastWordsPauseMs);
      }
    }
  }
}

/**
 * The same output, so that a write that finds no room fails with EAGAIN. `mayBlock` where it waits instead, for as long as a
 * user likes: a terminal of another user, which can't be opened. A file takes what there is room for, or fails.
 */
function withoutWaiting(fd: 1 | 2): { descriptor: number; mayBlock: boolean } {
  const isTerminal = isatty(fd);
  const stat = fstatSync(fd);
  if (isTerminal || stat.isFIFO()) {
    try {
      // Opened once more, because other programs share the one that was handed over, and may not be ready for EAGAIN.
      const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
      return { descriptor: openSync(`/dev/fd/${fd}`, flags), mayBlock: false };
    } catch {
      if (isTerminal) return { descriptor: fd, mayBlock: true };
    }
  }
  // Node's own stream of a pipe or a socket makes it so, from the moment when it is asked for, and undoes it at the end.
  if (stat.isFIFO() || stat.isSocket()) void (fd === 1 ? process.stdout : process.stderr);
  return { descriptor: fd, mayBlock: false };
}

export const standardOutput = new OutputWriter(1);
export const standardError = new OutputWriter(2);
