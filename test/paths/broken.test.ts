/** Charts broken on purpose: the suites find the fault, and say with which dialogue. */

import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { sessionMachine } from '../../machines/session.machine.ts';
import { inputNamed } from './alphabet.ts';
import { BareChart } from './bareChart.ts';
import { generatedSuites } from './coverage.ts';
import { type Reaction, readGolden } from './golden.ts';
import { InMemory } from './inMemory.ts';
import { observe } from './observe.ts';
import { TcpStage } from './overTcp.ts';
import { type RunOptions, runSuite } from './run.ts';
import { exploreSession } from './sessionGraph.ts';
import type { Suite } from './suites.ts';

const golden = readGolden();
const suites = generatedSuites();

/** The part of a state's definition that the faults below change. */
interface State {
  states: Record<string, State>;
  exit?: unknown;
  on: Record<string, Record<string, unknown> | Record<string, unknown>[]>;
}

/** Returns the session chart with one fault. */
function broken(fault: (states: { state(path: string): State }) => void): typeof sessionMachine {
  const config = JSON.parse(JSON.stringify(sessionMachine.config)) as State;
  fault({ state: (path) => path.split('.').reduce((state, key) => state.states[key] as State, config) });
  return createMachine(config as never).provide(sessionMachine.implementations as never) as never;
}

/** Returns the suites that find the fault, each with its first dialogue. */
async function findings(machine: typeof sessionMachine, options: RunOptions = {}): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const suite of suites) {
    const { failures } = await runSuite(suite, [new BareChart(machine)], golden, { maxFailures: 1, ...options });
    if (failures[0] !== undefined) found[suite.name] = failures[0];
  }
  return found;
}

/** Compares only what can be seen from outside. */
const outputsOnly: RunOptions = { states: false, wiring: false };

describe('a fault in the chart', () => {
  it('is none as long as the chart is only copied', async () => {
    expect(await findings(broken(() => {}))).toEqual({});
  });

  it('that says the wrong sentence is found and judged', async () => {
    const machine = broken(({ state }) => {
      state('online.requesting.awaiting').on['request.declined'] = {
        target: '#session.online.menu',
        actions: { type: 'say', params: { reply: 'askerWithdrew' } },
      };
    });
    expect(await findings(machine)).toMatchInlineSnapshot(`
      {
        "every input in every state": "lior → [id granted] → 1 → [move granted] → golan → [request delivered] → [request declined]
        “ withdrew the request.⏎<menu>” is no sentence of the protocol
        expected “Request denied.⏎<menu>” · {hears presence}
        but saw  “ withdrew the request.⏎<menu>” · {hears presence}",
        "every pair of transitions": "lior → [id granted] → 1 → [move granted] → golan → [request delivered] → - → [request declined]
        “ withdrew the request.⏎<menu>” is no sentence of the protocol
        expected “Request denied.⏎<menu>” · {hears presence}
        but saw  “ withdrew the request.⏎<menu>” · {hears presence}",
        "every transition": "lior → [id granted] → 1 → [move granted] → golan → [request delivered] → [request declined]
        “ withdrew the request.⏎<menu>” is no sentence of the protocol
        expected “Request denied.⏎<menu>” · {hears presence}
        but saw  “ withdrew the request.⏎<menu>” · {hears presence}",
        "state identification (HSI)": "lior → [id granted] → 1 → [move granted] → golan → [request delivered] → lior → [request declined]
        “ withdrew the request.⏎<menu>” is no sentence of the protocol
        expected “Request denied.⏎<menu>” · {hears presence}
        but saw  “ withdrew the request.⏎<menu>” · {hears presence}",
      }
    `);
  });

  it('that leads to the wrong state is found by outputs alone', async () => {
    const machine = broken(({ state }) => {
      const [, ...others] = state('online.confirming.answering').on['line.received'] as Record<string, unknown>[];
      state('online.confirming.answering').on['line.received'] = [
        { guard: 'isYes', target: '#session.online.requesting.awaiting.withdrawing', actions: 'acceptRequest' },
        ...others,
      ];
    });
    expect(await findings(machine, outputsOnly)).toMatchInlineSnapshot(`
      {
        "every input in every state": "lior → [id granted] → [golan asks] → y → [request refused: unknown]
        expected silence
        but saw  “User not found.⏎<menu>”",
        "every pair of transitions": "lior → [id granted] → [golan asks] → y → [request declined again]
        expected “Request denied.⏎The answer never also refuses all that golan asks later.⏎<menu>”
        but saw  “Request denied.⏎<menu>”
        not run: golan",
        "every transition": "lior → [id granted] → [golan asks] → y → [request declined again]
        expected “Request denied.⏎The answer never also refuses all that golan asks later.⏎<menu>”
        but saw  “Request denied.⏎<menu>”",
        "state identification (HSI)": "lior → [id granted] → [golan asks] → y → [request declined again]
        expected “Request denied.⏎The answer never also refuses all that golan asks later.⏎<menu>”
        but saw  “Request denied.⏎<menu>”
        not run: -",
      }
    `);
  });

  it('that listens to what it has to ignore is found by outputs alone', async () => {
    const machine = broken(({ state }) => {
      state('online.chatting.talking').on['chat.started'] = { target: 'leaving' };
    });
    expect(Object.keys(await findings(machine, outputsOnly))).toMatchInlineSnapshot(`
      [
        "state identification (HSI)",
      ]
    `);
  });

  it('that leaves a way for text open is found where that can be seen', async () => {
    const machine = broken(({ state }) => {
      state('online.menu').exit = [];
    });
    expect((await findings(machine))['every state']).toMatchInlineSnapshot(`
      "lior → [id granted] → 2
        expected “Goodbye!⏎” · {hears presence no more} · FIN
        but saw  “Goodbye!⏎” · FIN"
    `);
    expect(await findings(machine, outputsOnly)).toEqual({});
  });

  it('that somebody has reviewed badly into the golden file is found by the judge', async () => {
    const machine = broken(({ state }) => {
      state('online.chatting.leaving').on['chat.ended'] = {
        target: '#session.online.menu',
        actions: { type: 'say', params: { reply: 'partnerLeft' } },
      };
    });
    const reviewedBadly = observe(exploreSession(machine), machine);
    const [everyState, everyTransition] = suites;
    const run = (suite = everyState) => runSuite(suite as never, [new BareChart(machine)], reviewedBadly);
    expect((await run()).failures).toEqual([]);
    expect((await run(everyTransition)).failures).toMatchInlineSnapshot(`
      [
        "lior → [back in the chat] → exit() → [chat ended]
        {"type":"read.partnerLeft","id":"golan"} is forbidden in ‘leavingChat’",
      ]
    `);
  });
});

describe('a server that differs from the golden file in one sentence', () => {
  const from = 'online.menu.choosing (lior)';
  const quits = golden.states.get(from)?.get(inputNamed('2')) as Reaction;
  const otherwise: Reaction = { ...quits, output: { ...quits.output, text: 'Farewell!\n' } };
  const row = new Map(golden.states.get(from)).set(inputNamed('2'), otherwise);
  const reviewed = { ...golden, states: new Map(golden.states).set(from, row) };
  const complaint = 'lior → [id granted] → 2\n  expected “Farewell!⏎” · FIN\n  but saw  “Goodbye!⏎” · FIN';

  it('is found in memory', async () => {
    const { failures } = await runSuite(suites[0] as Suite, [new InMemory()], reviewed);
    expect(failures).toEqual([complaint]);
  });

  it('is found over TCP', async () => {
    const stage = await TcpStage.start();
    const subjects = stage.subjects(8);
    const { failures } = await runSuite(suites[0] as Suite, subjects, reviewed);
    await Promise.all(subjects.map((subject) => subject.close()));
    await stage.stop();
    expect(failures).toEqual([complaint]);
  });
});
