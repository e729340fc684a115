/**
 * A runner of Vitest's that can be called again and again within one run, for chosen tests, and that tells nobody.
 *
 * Owns: which tests run, which of the faults each of them passes, and that the first test that fails is the last. Vitest
 * itself would load everything anew for each fault, which takes longer than the tests do.
 */
import { TestRunner } from 'vitest';
import { startTests } from 'vitest/internal/browser';

type Test = Parameters<TestRunner['onBeforeRunTask']>[0];
type Suite = Parameters<TestRunner['onBeforeRunSuite']>[0];

/** What Stryker's code in the sources reads and writes. */
export interface Stryker {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number;
  hitLimit?: number;
  mutantCoverage?: { static: Record<string, number>; perTest: Record<string, Record<string, number>> };
}

const globals = globalThis as { __stryker__?: Stryker };
globals.__stryker__ ??= {};
export const stryker: Stryker = globals.__stryker__;

/** How long each test took, by its id, in ms: the first time, while all faults sleep. */
export const tookMs: Record<string, number> = {};

export interface Failure {
  readonly file: string;
  readonly test: string;
  readonly message: string;
}

/** Enough to know what failed; a message can hold all that was read. */
const maxMessageUnits = 300;

/** The one that Vitest has made; the others share its way of importing. */
let first: MutantRunner | undefined;

export class MutantRunner extends TestRunner {
  #chosen: ReadonlySet<string> | undefined;
  failure: Failure | undefined;

  constructor(...args: ConstructorParameters<typeof TestRunner>) {
    super(...args);
    first ??= this;
  }

  /** True for the one that Vitest has made. */
  get isFirst(): boolean {
    return first === this;
  }

  /** Runs these tests of a file, all of them if none are named, up to the first that fails. */
  async runFile(path: string, tests?: ReadonlySet<string>): Promise<Failure | undefined> {
    const runner = new MutantRunner((this as unknown as { config: never }).config);
    const { moduleRunner, _otel } = first as unknown as Record<string, unknown>;
    Object.assign(runner, { moduleRunner, _otel });
    runner.#chosen = tests;
    const [file] = (await startTests([path], runner as never)) as unknown as [Suite];
    const message = errorOf(file);
    return runner.failure ?? (message === undefined ? undefined : { file: path, test: '', message });
  }

  /** A file that has run is evaluated anew, or it would have no tests. */
  override importFile(path: string, source: 'collect' | 'setup') {
    const { evaluatedModules } = (this as unknown as { workerState: { evaluatedModules: EvaluatedModules } })
      .workerState;
    const module = evaluatedModules.getModuleById(path);
    if (module) evaluatedModules.invalidateModule(module);
    stryker.currentTestId = undefined;
    return super.importFile(path, source);
  }

  override async onBeforeRunTask(test: Test): Promise<void> {
    if (this.#chosen && !this.#chosen.has(nameOf(test))) test.mode = 'skip';
    if (this.failure) test.mode = 'skip';
    await super.onBeforeRunTask(test);
  }

  override onBeforeTryTask(test: Test): void {
    stryker.currentTestId = idOf(test);
    stryker.hitCount = 0;
    super.onBeforeTryTask(test);
  }

  /** Nothing here has snapshots, which these would close for all runners. */
  override onAfterRunFiles(): void | Promise<void> {}
  override async onAfterRunSuite(): Promise<void> {}

  override onAfterRunTask(test: Test): void {
    super.onAfterRunTask(test);
    tookMs[idOf(test)] ??= test.result?.duration ?? 0;
    if (test.result?.state !== 'fail' || this.failure) return;
    const message = test.result.errors?.[0]?.message ?? '';
    this.failure = { file: test.file.filepath, test: nameOf(test), message: message.slice(0, maxMessageUnits) };
  }
}

interface EvaluatedModules {
  getModuleById(id: string): object | undefined;
  invalidateModule(module: object): void;
}

/** Path and name of a test, as the coverage calls it. */
function idOf(test: Test): string {
  return `${test.file.filepath}#${nameOf(test)}`;
}

/** What went wrong before a test could run: in the file itself, or in what a group of tests needs. */
function errorOf({ result, tasks }: Suite): string | undefined {
  const suites = tasks.filter((task) => task.type === 'suite');
  return result?.errors?.[0]?.message ?? suites.map(errorOf).find((error) => error !== undefined);
}

function nameOf(test: Test): string {
  return test.suite ? `${nameOf(test.suite as never)} > ${test.name}` : test.name;
}
