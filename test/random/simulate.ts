/**
 * Long random lives of six users, until they have done enough.
 *
 * Owns: the seed, and what a failure says. Next: `check.ts`.
 */
import { type Check, check, type Place } from './check.ts';

/** Random, so that every run is a new one; a given one is repeated with STATECHAT_SEED. */
const seed = Number(process.env.STATECHAT_SEED ?? Math.floor(Math.random() * 1_000_000_000));

const choices = 6_000;
const worlds = 10;

/**
 * Runs worlds until this many actions of users have reached their servers; throws the shortest story of what went wrong.
 * Resolves with how often another process took over.
 */
export async function simulate(
  goal: number,
  place: Pick<Place, 'late' | 'limited' | 'handsOver' | 'named'>,
): Promise<number> {
  let steps = 0;
  let handOvers = 0;
  const onSteps: Check['onSteps'] = (more, handedOver) => {
    steps += more;
    handOvers += handedOver;
  };
  for (let batch = 0; steps < goal; batch++) {
    const failure = await check({ ...place, seed: seed + batch, choices, worlds, onSteps });
    if (failure) throw new Error(`STATECHAT_SEED=${seed}\n${failure.report}`);
  }
  return handOvers;
}
