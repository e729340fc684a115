/**
 * What a run of the tests says while it goes on, and what it skipped: one line of progress, and at the end one line about what
 * this machine lacks.
 *
 * Owns: these two lines. What failed and the totals are printed by Vitest's own reporter "minimal", which `vitest.config.ts`
 * lists after this one.
 */
import type { Reporter, TestCase, TestModule, TestSpecification } from 'vitest/node';

/** Where nobody watches, for example in a log, a line is added now and then. */
const everyMs = process.stdout.isTTY ? 500 : 20_000;

export class QuietReporter implements Reporter {
  #files = 0;
  #filesDone = 0;
  #passed = 0;
  #failed = 0;
  #beganAt = 0;
  #timer: NodeJS.Timeout | undefined;

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    this.#files = specifications.length;
    this.#beganAt = performance.now();
    this.#timer = setInterval(() => this.#show(), everyMs).unref();
  }

  onTestCaseResult(test: TestCase): void {
    const { state } = test.result();
    if (state === 'passed') this.#passed++;
    if (state === 'failed') this.#failed++;
  }

  onTestModuleEnd(): void {
    this.#filesDone++;
    // The next reporter may have something to say about this file.
    this.#erase();
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    clearInterval(this.#timer);
    this.#erase();
    const missing = new Map<string, number>();
    for (const suite of modules.flatMap((module) => [...module.children.allSuites()])) {
      const [, what] = /\[needs (.*)\]$/.exec(suite.name) ?? [];
      if (what !== undefined) missing.set(what, (missing.get(what) ?? 0) + [...suite.children.allTests()].length);
    }
    if (missing.size === 0) return;
    const list = [...missing].map(([what, tests]) => `${what} (${tests} ${tests === 1 ? 'test' : 'tests'})`);
    console.log(`\n Missing on this machine, so skipped: ${list.join(', ')}.`);
  }

  #show(): void {
    const seconds = Math.round((performance.now() - this.#beganAt) / 1000);
    const failed = this.#failed > 0 ? `, ${this.#failed} failed` : '';
    const text = ` ${this.#filesDone} of ${this.#files} files, ${this.#passed} tests passed${failed}, ${seconds} s`;
    process.stdout.write(process.stdout.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
  }

  #erase(): void {
    if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
  }
}
