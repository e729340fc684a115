/** A session does the same however often its user has been there: long random dialogues, and faults that need many visits. */
import { describe, expect, it } from 'vitest';
import { assign, createMachine } from 'xstate';
import { sessionMachine } from '../../machines/session.machine.ts';
import { BareChart } from './bareChart.ts';
import { readGolden } from './golden.ts';
import { InMemory } from './inMemory.ts';
import { runSuite } from './run.ts';
import type { Suite } from './suites.ts';
import { randomWalk } from './walk.ts';

const golden = readGolden();
const steps = 1500;

/** Every run walks other ways; a failure names the seeds. */
const seeds = Array.from({ length: 4 }, () => Math.floor(Math.random() * 1e9));
const walks = seeds.map((seed) => randomWalk(golden, seed, steps));
const suite: Suite = { name: `random walks from ${seeds}`, sequences: walks.map(({ inputs }) => inputs) };

/** What a guard is asked with. */
interface Asked {
  context: { menus: number };
}

/** The session chart, in which from the sixth time on that the menu is shown a choice is none. */
function forgetsAfterFiveMenus(choice: string): typeof sessionMachine {
  // biome-ignore lint/suspicious/noExplicitAny: the configuration is taken apart and changed without its types.
  const config: any = structuredClone(sessionMachine.config);
  const { choosing } = config.states.online.states.menu.states;
  choosing.entry = ['countMenu', choosing.entry].flat();
  config.context = { ...config.context, menus: 0 };
  const { implementations } = sessionMachine;
  const guards = implementations.guards as unknown as Record<string, (args: Asked) => boolean>;
  const countMenu = assign({ menus: ({ context }: Asked) => Math.min(context.menus + 1, 6) } as never);
  return createMachine(config, {
    ...implementations,
    guards: { ...guards, [choice]: (args: Asked) => args.context.menus <= 5 && guards[choice]?.(args) },
    actions: { ...implementations.actions, countMenu },
  } as never) as never;
}

describe('a long dialogue', () => {
  it('comes to every state many times', () => {
    for (const { visits } of walks) {
      const leaves = new Map<string, number>();
      for (const [label, count] of visits) {
        const leaf = label.replace(/ .*/, '');
        leaves.set(leaf, (leaves.get(leaf) ?? 0) + count);
      }
      const all = [...golden.states.keys()].map((label) => label.replace(/ .*/, ''));
      const counted = all.filter((leaf) => !/^closed|^online\.away|^identifying/.test(leaf));
      for (const leaf of new Set(counted)) expect(leaves.get(leaf) ?? 0, leaf).toBeGreaterThan(10);
    }
  });

  it.each([
    ['the chart alone', BareChart],
    ['a session in the real lobby', InMemory],
  ])('of %s goes on as reviewed', async (_, subject) => {
    const { failures } = await runSuite(suite, [new subject()], golden);
    expect(failures).toEqual([]);
  });

  it.each(['choosesConnect', 'choosesRoom', 'choosesList'])(
    'finds a menu in which %s holds five times only',
    async (choice) => {
      const faulty = [new BareChart(forgetsAfterFiveMenus(choice))];
      const { failures } = await runSuite(suite, faulty, golden, { maxFailures: 1, states: false });
      expect(failures).not.toEqual([]);
    },
  );
});
