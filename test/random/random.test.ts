/** Long random lives of six users: a new seed in every run, printed. */
import { beforeEach, describe, expect, it } from 'vitest';
import { protocolMachine } from '../../machines/protocol.machine.ts';
import { check } from './check.ts';
import { wasRead } from './dialogueTable.ts';
import { hushEndedLobbies } from './xstateWarnings.ts';

/** Random, so that every run is a new one; a given one is repeated with STATECHAT_SEED. */
const seed = Number(process.env.STATECHAT_SEED ?? Math.floor(Math.random() * 1_000_000_000));

/** Actions of users that reach the server. */
const goals = { atOnce: 650_000, late: 300_000, limited: 50_000 };
const progressEvery = 100_000;
const choices = 6_000;
const worlds = 10;

const started = performance.now();
let total = 0;

/** Runs worlds until enough users' actions have reached their servers. */
async function simulate(goal: number, place: { late: boolean; limited?: boolean }): Promise<number> {
  let steps = 0;
  const onSteps = (more: number): void => {
    steps += more;
    if (Math.floor((total + more) / progressEvery) > Math.floor(total / progressEvery)) {
      const ms = Math.round(performance.now() - started);
      console.log(
        `random: seed ${seed}, ${total + more} steps, ${ms} ms${place.late ? ', late answers' : ''}${place.limited ? ', limits' : ''}`,
      );
    }
    total += more;
  };
  for (let batch = 0; steps < goal; batch++) {
    const failure = await check({ ...place, seed: seed + batch, choices, worlds, onSteps });
    if (failure) throw new Error(`STATECHAT_SEED=${seed}\n${failure.report}`);
  }
  return steps;
}

describe('six users who do anything at any moment', () => {
  beforeEach(hushEndedLobbies);

  it('find every promise kept', { timeout: 600_000 }, async () => {
    console.log(`random: STATECHAT_SEED=${seed}`);
    expect(await simulate(goals.atOnce, { late: false })).toBeGreaterThanOrEqual(goals.atOnce);
  });

  it('find every promise kept when the directory answers late', { timeout: 600_000 }, async () => {
    expect(await simulate(goals.late, { late: true })).toBeGreaterThanOrEqual(goals.late);
  });

  it('find every promise kept where the limits of a real server hold', { timeout: 600_000 }, async () => {
    expect(await simulate(goals.limited, { late: false, limited: true })).toBeGreaterThanOrEqual(goals.limited);
    expect(total).toBeGreaterThanOrEqual(1_000_000);
  });

  it('read every sentence of the protocol', () => {
    const read = new Set([...wasRead()].map((step) => step.split(' ')[1]));
    const sentences = protocolMachine.events.filter((event) => event.startsWith('read.'));
    // What can't happen here: there is one server, and it doesn't fail.
    const impossible = ['read.evicted', 'read.fault', 'read.idUnchecked'];
    expect(sentences.filter((sentence) => !read.has(sentence)).sort()).toEqual(impossible);
  });
});
