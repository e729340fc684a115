/**
 * Child processes, and what the system measures of them.
 *
 * Owns: every process the bench starts. It ends them by their id, also when it is interrupted, and touches no other
 * process. Reads /proc, so it runs on Linux only.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const stopMs = 10_000;
const running = new Set<ChildProcess>();

process.on('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(130));
}

function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Milliseconds of a clock tick, the unit of CPU time in /proc. */
const tickMs = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

export class Child {
  readonly #process: ChildProcess;
  /** The text that it has written to standard output, if that is kept. */
  output = '';
  #onOutput: () => void = () => {};

  constructor(file: string, args: readonly string[], { keepOutput = false, cwd = process.cwd() } = {}) {
    this.#process = spawn(file, args, { cwd, stdio: ['ignore', keepOutput ? 'pipe' : 'ignore', 'ignore'] });
    running.add(this.#process);
    this.#process.once('error', () => this.#gone());
    this.#process.once('exit', () => this.#gone());
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
      this.#onOutput();
    });
  }

  get isRunning(): boolean {
    return running.has(this.#process);
  }

  /** Returns the user and system time of all its threads so far, in ms. */
  cpuMs(): number {
    const stat = readFileSync(`/proc/${this.#process.pid}/stat`, 'utf8');
    // The name, in parentheses, may hold blanks. The third field comes after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * tickMs;
  }

  /** The time for which its first thread has computed so far, in ms. Unlike `cpuMs` it is exact. */
  firstThreadMs(): number {
    return Number(readFileSync(`/proc/${this.#process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  }

  residentKb(): number {
    const status = readFileSync(`/proc/${this.#process.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
  }

  /** Resolves when the process has had nothing to do for 60 ms, or after 3 s. */
  async settle(): Promise<void> {
    const deadline = Date.now() + 3000;
    let quiet = 0;
    for (let before = this.cpuMs(); quiet < 3 && Date.now() < deadline; ) {
      await sleep(20);
      const now = this.cpuMs();
      quiet = now === before ? quiet + 1 : 0;
      before = now;
    }
  }

  /** Resolves when the output holds the text; rejects if the process ends before. */
  async says(text: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const check = () => {
        if (this.output.includes(text)) resolve();
        else if (!this.isRunning) reject(new Error(`A process ended before it said "${text}".`));
      };
      this.#onOutput = check;
      this.#process.once('close', check);
      check();
    });
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    if (!this.isRunning) return;
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGTERM');
    const deadline = setTimeout(() => this.#process.kill('SIGKILL'), stopMs);
    await gone;
    clearTimeout(deadline);
  }

  #gone(): void {
    running.delete(this.#process);
    this.#onOutput();
  }
}
