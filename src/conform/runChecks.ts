/**
 * All checks at a server, and what each has found.
 *
 * Owns: which check is made, that one that has found something is made again before it counts, and what follows from one that
 * has failed. Next: `firstTries.ts`, `checks/all.ts`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dialect, withWording } from '../protocol/dialect.ts';
import { checksFor } from './checks/all.ts';
import type { Check, Stage } from './checks/check.ts';
import { type Fault, NotJudged, Shown, TooSlow } from './checks/findings.ts';
import { ProbeSession } from './checks/probeSession.ts';
import type { OtherWords } from './checks/probeStory.ts';
import { firstTries } from './firstTries.ts';
import { NobodyListens, type Target, TestClient } from './testClient.ts';

/** How much longer a server may take when a check is made again. */
const patience = 2;
/** Between the two, in ms: what was left of the first one is over then. */
const pauseMs = 250;
/** How often the kit tries again if it was too slow itself. */
const maxSlowTries = 5;

type Outcome = 'passed' | 'failed' | 'remark' | 'not yet' | 'not tested';

export interface CheckResult {
  readonly check: Check;
  readonly outcome: Outcome;
  /** What was found, or undefined if nothing was. */
  readonly fault?: Fault;
  readonly who?: string;
  readonly expected?: string;
  readonly read?: string;
  /** Why it was not tested. */
  readonly reason?: string;
  readonly otherWords: readonly OtherWords[];
  readonly story: readonly string[];
  readonly ms: number;
}

export interface ChecksOutcome {
  readonly results: readonly CheckResult[];
  readonly otherWords: readonly OtherWords[];
  /** The dialect with the words that the server really has. */
  readonly dialect: Dialect;
}

export interface ChecksOptions {
  target: Target;
  dialect: Dialect;
  stage?: Stage | undefined;
  /** At most so many at once. */
  connections: number;
  /** Nothing more is tried after the first failure. */
  stopsAtFailure: boolean;
  onProgress(done: number, of: number, failed: number): void;
  /** Brings the server back if it is gone; false if that can't be done. */
  revive(): Promise<boolean>;
}

export async function runChecks(options: ChecksOptions): Promise<ChecksOutcome> {
  const checks = checksFor(options.dialect.features, options.stage);
  const ids = new Set(checks.map(({ id }) => id));
  const outcomes = new Map<string, CheckResult>();
  const otherWords: OtherWords[] = [];
  let { dialect } = options;
  let stopped: string | undefined;
  const passed = await firstTries(checks, options.connections, (check) => firstTry(check, options));
  // What has ended the server is found out when it is tried alone.
  if (!(await listens(options.target))) await options.revive();
  for (const check of checks) {
    const unmet = check.needs.find((id) => ids.has(id) && !isMet(outcomes.get(id)));
    const reason = stopped ?? (unmet && reasonOf(unmet, outcomes.get(unmet)));
    const result =
      passed.get(check.id) ?? (reason === undefined ? await made(check, dialect, options) : untested(check, reason));
    for (const words of result.otherWords) dialect = withWording(dialect, words.reply, words.read);
    otherWords.push(...result.otherWords);
    outcomes.set(check.id, result);
    const failed = [...outcomes.values()].filter(({ outcome }) => outcome === 'failed').length;
    options.onProgress(outcomes.size, checks.length, failed);
    if (options.stopsAtFailure && isFailing(result)) stopped ??= 'what is before it failed';
    if (result.reason === gone) stopped ??= gone;
  }
  return { results: [...outcomes.values()], otherWords, dialect };
}

export function isFailing({ outcome }: CheckResult): boolean {
  return outcome === 'failed' || outcome === 'not yet';
}

const gone = 'the server is gone';

function isMet(result: CheckResult | undefined): boolean {
  return result !== undefined && (result.outcome === 'passed' || result.outcome === 'remark');
}

/** The first of the things that have to pass before: not what is only a consequence itself. */
function reasonOf(id: string, result: CheckResult | undefined): string {
  if (result?.outcome === 'not tested' && result.reason !== undefined) return result.reason;
  return `before that: ${result?.check.rule ?? id}`;
}

function untested(check: Check, reason: string): CheckResult {
  return { check, outcome: 'not tested', reason, otherWords: [], story: [], ms: 0 };
}

async function listens(target: Target): Promise<boolean> {
  try {
    await (await TestClient.connect('', target)).leave();
    return true;
  } catch (error) {
    return !(error instanceof NobodyListens);
  }
}

/** Undefined unless it has passed with just the words of the dialect: anything else is for a try alone. */
async function firstTry(check: Check, { dialect, target }: ChecksOptions): Promise<CheckResult | undefined> {
  const begin = performance.now();
  const { session, error } = await once(check, dialect, target);
  if (error !== undefined || session.otherWords.length > 0) return undefined;
  return { check, outcome: 'passed', story: session.story, otherWords: [], ms: performance.now() - begin };
}

/** A check that has found something is made again, more slowly: only what is found twice counts. */
async function made(check: Check, dialect: Dialect, options: ChecksOptions): Promise<CheckResult> {
  const begin = performance.now();
  let attempt = await once(check, dialect, options.target);
  const isRemark = check.isOpen === true || (check.isFine === true && !dialect.features.strict);
  if (attempt.error !== undefined && !isRemark && !(check.isRace && attempt.error instanceof Shown)) {
    await sleep(pauseMs);
    const { target } = options;
    const again = await once(check, dialect, { ...target, timeoutMs: patience * target.timeoutMs });
    if (again.error instanceof NobodyListens) return await died(check, attempt, options, begin);
    attempt = again;
  }
  const { session, error } = attempt;
  const base = { check, story: session.story, otherWords: session.otherWords, ms: performance.now() - begin };
  if (error === undefined) return { ...base, outcome: 'passed' };
  if (error instanceof Shown) {
    const { fault = check, who, expected, read } = error;
    const outcome = check.isPart && error.fault === undefined ? 'not yet' : isRemark ? 'remark' : 'failed';
    return { ...base, outcome, fault: { name: fault.name, hint: fault.hint }, who, expected, read };
  }
  return { ...base, outcome: 'not tested', reason: error.message };
}

interface Attempt {
  session: ProbeSession;
  error: Shown | NotJudged | NobodyListens | undefined;
}

async function once(check: Check, dialect: Dialect, target: Target): Promise<Attempt> {
  for (let tries = 1; ; tries++) {
    const session = new ProbeSession(dialect, target);
    try {
      await check.run(session);
      return { session, error: undefined };
    } catch (error) {
      if (error instanceof TooSlow && tries < maxSlowTries) continue;
      if (error instanceof TooSlow)
        return { session, error: new NotJudged('this machine is too busy to send bytes in time') };
      if (error instanceof Shown || error instanceof NotJudged || error instanceof NobodyListens)
        return { session, error };
      if ((error as NodeJS.ErrnoException).code === undefined && (error as Error).message !== 'no answer') throw error;
      return { session, error: new NotJudged(`connections can't be made: ${(error as Error).message}`) };
    } finally {
      await session.leave();
    }
  }
}

/** Nobody listens any more: what was done last has ended the server. */
async function died(check: Check, { session }: Attempt, options: ChecksOptions, begin: number): Promise<CheckResult> {
  const isBack = await options.revive();
  const { otherWords, story } = session;
  return {
    ...{ check, outcome: 'failed', story, ms: performance.now() - begin, otherWords },
    fault: {
      name: 'the server ends',
      hint: 'Something that one connection does must not end the server: catch errors where a connection is served.',
    },
    ...{ who: 'everybody', expected: 'that the server goes on', read: 'that nobody listens any more' },
    ...(isBack ? {} : { reason: gone }),
  };
}
