/**
 * Many worlds in a row, and the shortest story of a failure in one of them.
 *
 * Owns: how fast-check drives worlds, how a failure is found again (seed and path), and its report: for each user what
 * they did, typed and read, with the numbers of the moves.
 */
import fc from 'fast-check';
import { type Choices, ChoicesArbitrary } from './choices.ts';
import { RandomWorld, type WorldOptions } from './randomWorld.ts';

/** How a failure is found again. */
export interface Place extends Pick<WorldOptions, 'late' | 'limited' | 'handsOver' | 'named'> {
  seed: number;
  /** fast-check's path; without it, as many worlds as wanted run from the beginning. */
  path?: string;
  /** How many choices a world has: a path is valid only together with this number. */
  choices: number;
}

export interface Failure extends Place {
  violation: string;
  /** How many moves the shortest story has. */
  moves: number;
  report: string;
}

export interface Check extends Place {
  worlds: number;
  /** What is broken on purpose. */
  broken?: Pick<WorldOptions, 'createDirectory' | 'createSocket'>;
  /** How long the search for a shorter story may take, in ms. */
  shrinkingMs?: number;
  /** Gets after each world how many actions reached the server, and how often another process took over. */
  onSteps?: (steps: number, handOvers: number) => void;
}

export async function check({
  worlds,
  broken,
  shrinkingMs = 40_000,
  onSteps,
  ...place
}: Check): Promise<Failure | undefined> {
  const { late, limited, handsOver, named, seed, path, choices } = place;
  const options = { late, limited, handsOver, named, ...broken };
  let failedAt = Number.POSITIVE_INFINITY;
  const property = fc.asyncProperty(new ChoicesArbitrary(choices), async (story) => {
    if (Date.now() - failedAt > shrinkingMs) return;
    const world = new RandomWorld(options);
    const violation = await world.run(story);
    onSteps?.(world.checker.steps, world.handOvers);
    if (violation === undefined) return;
    failedAt = Math.min(failedAt, Date.now());
    throw new Error(violation);
  });
  const details = await fc.check(property, {
    seed,
    numRuns: worlds,
    // A path leads to a story that is already short.
    ...(path !== undefined && { path, endOnFailure: true }),
  });
  if (!details.failed) return undefined;
  const [story] = details.counterexample ?? [new Int32Array()];
  const found = { ...place, path: details.counterexamplePath ?? '' };
  const { violation, transcript } = await notify(story, options);
  const report = [
    `${violation}`,
    `found again by ${JSON.stringify(found)}`,
    `after ${story.length} moves:`,
    transcript,
  ];
  return { ...found, violation: violation ?? '', moves: story.length, report: report.join('\n') };
}

/** Plays a story again and writes down what each user saw. */
async function notify(
  story: Choices,
  options: WorldOptions,
): Promise<{ violation: string | undefined; transcript: string }> {
  const screens = new Map<string, string[]>();
  let move = 0;
  const world = new RandomWorld({
    ...options,
    onScreen: (user, kind, text) => {
      const lines = screens.get(user) ?? [];
      screens.set(user, lines);
      const sign = { typed: '>', read: ' ', did: '*' }[kind];
      for (const line of text.split('\n')) {
        if (line !== '' || kind === 'typed') lines.push(`  ${String(move).padStart(5)} ${sign} ${line}`);
      }
    },
  });
  const violation = await world.run(
    (function* () {
      for (const choice of story) {
        move++;
        yield choice;
      }
      move++;
    })(),
  );
  const transcript = [...screens].map(([user, lines]) => `${user}\n${lines.join('\n')}`).join('\n');
  return { violation, transcript };
}
