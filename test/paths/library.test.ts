/** The library's own test paths: `createTestModel` of the session chart, its shortest paths run with `path.test`. */
import { createTestModel } from '@xstate/test';
import { afterAll, describe, expect, it } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { type SessionEvent, sessionMachine } from '../../machines/session.machine.ts';
import { withIdTries } from '../../src/chat/sessionActions.ts';
import { alphabet, dialogueOf, type Input, idTries, inputOf, isLine } from './alphabet.ts';
import { BareChart } from './bareChart.ts';
import { InMemory } from './inMemory.ts';
import { TcpStage } from './overTcp.ts';
import { executorsFor, recognisedBy, StateObserver } from './seen.ts';
import { declaredLeaves } from './sessionGraph.ts';
import type { Subject } from './subject.ts';

const machine = withIdTries(idTries);
const model = createTestModel(machine, { events: alphabet.map(({ event }) => event) });
const paths = model.getShortestPaths().filter((path) => !holdsLineBack(path));

type Path = ReturnType<typeof model.getShortestPaths>[number];

/** The first step of every path is the library's own `xstate.init`. */
function eventsOf(path: Path): SessionEvent[] {
  return path.steps.slice(1).map(({ event }) => event);
}

/** True if a line comes while a verdict is out: the session holds it back, and the chart doesn't get it. */
function holdsLineBack(path: Path): boolean {
  let [snapshot] = initialTransition(machine);
  return eventsOf(path).some((event) => {
    const isHeld = snapshot.hasTag('waiting') && isLine(inputOf(event) as Input);
    [snapshot] = transition(machine, snapshot, event);
    return isHeld;
  });
}

function dialogue(path: Path): string {
  return dialogueOf(eventsOf(path).map((event) => inputOf(event) as Input));
}

async function runPaths(name: string, subjects: readonly Subject[]): Promise<void> {
  const start = performance.now();
  const queue = paths.values();
  const asserted = new Set<string>();
  const executed = new Set<string>();
  await Promise.all(
    subjects.map(async (subject) => {
      const observer = new StateObserver(subject);
      const events = Object.entries(executorsFor(observer)).map(([type, execute]) => [
        type,
        async (step: { event: SessionEvent }) => {
          executed.add(type);
          await execute(step);
        },
      ]);
      const states = Object.entries(recognisedBy).map(([leaf, recognise]) => [
        leaf,
        () => {
          asserted.add(leaf);
          return recognise(observer);
        },
      ]);
      for (const path of queue) {
        await observer.connect();
        await path.test({ events: Object.fromEntries(events), states: Object.fromEntries(states) }).catch((error) => {
          throw new Error(`${dialogue(path)}\n${error.message}`, { cause: error });
        });
      }
    }),
  );
  const steps = paths.reduce((sum, path) => sum + path.steps.length - 1, 0);
  const ms = Math.round(performance.now() - start);
  console.log(`${name}: createTestModel, shortest paths: ${paths.length} dialogues, ${steps} steps, ${ms} ms`);
  expect([...asserted].sort()).toEqual(declaredLeaves(sessionMachine).sort());
  expect([...executed].sort()).toEqual([...sessionMachine.events].sort());
}

describe('createTestModel', () => {
  it('makes paths only of events in the alphabet', () => {
    for (const path of paths) for (const event of eventsOf(path)) expect(alphabet).toContain(inputOf(event));
  });

  it('has an executor for every type of event', () => {
    const executors = executorsFor(new StateObserver(new BareChart()));
    expect(Object.keys(executors).sort()).toEqual([...sessionMachine.events].sort());
  });

  it('has an assertion for every leaf state, and for each step of every path exactly one', () => {
    expect(Object.keys(recognisedBy).sort()).toEqual(declaredLeaves(sessionMachine).sort());
    for (const { state } of paths.flatMap(({ steps }) => steps)) {
      expect(Object.keys(recognisedBy).filter((leaf) => state.matches(leaf as never))).toHaveLength(1);
    }
  });
});

describe('the shortest paths of createTestModel pass', () => {
  it('with the chart alone', async () => {
    await runPaths('chart alone', [new BareChart()]);
  });

  it('in the real lobby', async () => {
    await runPaths('in memory', [new InMemory()]);
  });

  const stages: TcpStage[] = [];
  afterAll(() => Promise.all(stages.map((stage) => stage.stop())));

  it('over TCP', async () => {
    const stage = await TcpStage.start();
    stages.push(stage);
    const subjects = stage.subjects(32);
    await runPaths('over TCP', subjects);
    await Promise.all(subjects.map((subject) => subject.close()));
  });
});
