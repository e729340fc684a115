/** Long random lives of six people: a new seed in every run, printed. */
import { beforeEach, describe, expect, it } from 'vitest';
import { dialogueMachine } from '../../machines/dialogue.ts';
import { check } from './check.ts';
import { wasRead } from './dialogueTable.ts';
import { hushEndedLobbies } from './xstateWarnings.ts';

/** Random, so that every run is a new one; a given one is repeated with STATECHAT_SEED. */
const seed = Number(process.env.STATECHAT_SEED ?? Math.floor(Math.random() * 1_000_000_000));

/** Actions of users that reach the server. */
const goals = { atOnce: 700_000, late: 300_000 };
const progressEvery = 100_000;
const choices = 6_000;
const worlds = 10;

const started = performance.now();
let total = 0;

/** Runs worlds until enough users' actions have reached their servers. */
async function simulate(late: boolean, goal: number): Promise<number> {
  let steps = 0;
  const onSteps = (more: number): void => {
    steps += more;
    if (Math.floor((total + more) / progressEvery) > Math.floor(total / progressEvery)) {
      const ms = Math.round(performance.now() - started);
      console.log(`random: seed ${seed}, ${total + more} steps, ${ms} ms${late ? ', late answers' : ''}`);
    }
    total += more;
  };
  for (let batch = 0; steps < goal; batch++) {
    const failure = await check({ late, seed: seed + batch, choices, worlds, onSteps });
    if (failure) throw new Error(`STATECHAT_SEED=${seed}\n${failure.report}`);
  }
  return steps;
}

describe('six people who do anything at any moment', () => {
  beforeEach(hushEndedLobbies);

  it('find every promise kept', { timeout: 600_000 }, async () => {
    console.log(`random: STATECHAT_SEED=${seed}`);
    expect(await simulate(false, goals.atOnce)).toBeGreaterThanOrEqual(goals.atOnce);
  });

  it('find every promise kept when the directory answers late', { timeout: 600_000 }, async () => {
    expect(await simulate(true, goals.late)).toBeGreaterThanOrEqual(goals.late);
    expect(total).toBeGreaterThanOrEqual(1_000_000);
  });

  it('read every sentence of the protocol', () => {
    const read = new Set([...wasRead()].map((step) => step.split(' ')[1]));
    const sentences = dialogueMachine.events.filter((event) => event.startsWith('read.'));
    // What can't happen here: there is one server, it doesn't fail, and its limits are out of reach.
    const impossible = ['read.evicted', 'read.fault', 'read.limit'];
    expect(sentences.filter((sentence) => !read.has(sentence)).sort()).toEqual(impossible);
  });
});
