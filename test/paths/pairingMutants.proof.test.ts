/** Every fault of the pairing chart is noticed by users in dialogues or explorations, or makes no difference to any. */
import { expect, it } from 'vitest';
import { pairingMachine } from '../../machines/pairing.machine.ts';
import type { Notify } from '../../src/chat/directory/directory.ts';
import { MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';
import { type PairingDecisions, readDecisions } from '../../src/chat/directory/pairingDecisions.ts';
import { ask, type Circle, circles, everyDecision } from '../decisions/directoryGraph.ts';
import { type Decision, Explored } from '../decisions/explored.ts';
import { noteFigures } from '../support/figures.ts';
import { Composite } from '../system/composite.ts';
import { type ExploreOptions, explore } from '../system/explore.ts';
import type { RestoreDirectory } from '../system/moves.ts';
import { multiUserOptions, multiUserSuites, withoutPrefixes } from './multiUserPaths.ts';
import { hunt } from './mutantHunt.ts';
import { mutantsOf } from './mutants.ts';

type Restore = RestoreDirectory;

function directoryWith(decisions: PairingDecisions): Restore {
  class Faulty extends MemoryDirectory {
    constructor(...[notify, options, askedBefore]: ConstructorParameters<typeof MemoryDirectory>) {
      super(notify, { ...options, decisions }, askedBefore);
    }
  }
  return (snapshot, notify, options) => MemoryDirectory.restore(snapshot, notify, Faulty, options);
}

/** What each session hears, in order, and the rows. Between sessions there is no order that anybody could see. */
function answer(restore: Restore, { state: { snapshot }, question, circle: { askRules } }: Decision): string {
  const told = new Map<string, unknown[]>();
  const notify: Notify = (to, update) => void told.set(to, [...(told.get(to) ?? []), update]);
  const directory = restore(snapshot, notify, { askRules });
  try {
    ask(directory, question);
  } catch {
    return 'fails';
  }
  return JSON.stringify([[...told].sort(([a], [b]) => (a < b ? -1 : 1)), directory.snapshot()]);
}

/** What is kept in mind is looked at when somebody is named, and changed by an answer. */
const minded = ['request.make', 'request.decline', 'asker.refuse'];

/** What it decides, as text: the directory reads nothing else of a chart. */
function tableOf(decisions: PairingDecisions): string {
  return JSON.stringify([...decisions].map(([state, inState]) => [state, [...inState]]));
}

/** Every decision that three users can ask for, of those who name somebody or have a partner: nobody else is in a pairing. */
function allDecisions(): Decision[] {
  return Object.values<Circle>(circles).flatMap((circle) =>
    everyDecision(circle).flatMap((state) =>
      state.decisions
        .filter(({ question: { asked } }) => !circle.remembers || minded.includes(asked.type))
        // Who has an id is refused another one, whatever the chart says.
        .filter(({ question: { asked } }) => asked.type !== 'id.claim' && asked.type !== 'id.take')
        .filter(({ question: { session } }) =>
          state.snapshot.rows.some((row) => row.session === session && !['menu', 'commonRoom'].includes(row.state)),
        )
        .map(({ question }) => ({ state, question, circle })),
    ),
  );
}

const explorations: ExploreOptions[] = [
  { users: 2, underWay: 1, evictions: true, lateClocks: true },
  { users: 2, underWay: 1, evictions: false, lateClocks: true, remembers: true, askedPerMinute: 1 },
];

/** The decisions that sessions ask for: there are commands that no session sends at that moment. */
function decisionsOfSessions(): Decision[] {
  const explored = new Explored();
  for (const options of explorations) {
    const restoreDirectory = explored.directory(options.remembers ?? false);
    expect(explore({ ...options, restoreDirectory })).toMatchObject({ complete: true, stuck: 0 });
  }
  return explored.decisions;
}

/** An error in the directory would cost a user the connection. */
function isFound(options: ExploreOptions): boolean {
  try {
    return explore(options).violation !== undefined;
  } catch {
    return true;
  }
}

it('every fault of the pairing chart is noticed, or proved to be none', () => {
  const { inputs, pairs } = multiUserSuites();
  const dialogues = withoutPrefixes([...inputs, ...pairs]);
  const truth = directoryWith(readDecisions());
  const answers = (restore: Restore, decisions: readonly Decision[]) =>
    decisions.map((decision) => answer(restore, decision));
  const isSame = (restore: Restore, decisions: readonly Decision[], right: readonly string[]): boolean =>
    decisions.every((decision, at) => answer(restore, decision) === right[at]);
  const [all, asked] = [allDecisions(), decisionsOfSessions()];
  const [right, rightOfSessions] = [answers(truth, all), answers(truth, asked)];
  const count = { byDialogues: 0, byExploration: 0, same: 0, neverComes: 0 };
  const survivors: string[] = [];
  const mutants = mutantsOf(pairingMachine, ['pairing.ended', 'pairing.chatting']);
  const fateOf = (restoreDirectory: Restore): keyof typeof count | 'survives' => {
    if (isSame(restoreDirectory, all, right)) return 'same';
    if (hunt(new Composite({ ...multiUserOptions, restoreDirectory }), dialogues).killed) return 'byDialogues';
    // Where each of these is decided the same, an exploration can find nothing.
    if (isSame(restoreDirectory, asked, rightOfSessions)) return 'neverComes';
    return explorations.some((options) => isFound({ ...options, restoreDirectory })) ? 'byExploration' : 'survives';
  };
  const fates = new Map([[tableOf(readDecisions()), 'same' as ReturnType<typeof fateOf>]]);
  for (const { name, create } of mutants) {
    const decisions = readDecisions(create());
    const fate = fates.get(tableOf(decisions)) ?? fateOf(directoryWith(decisions));
    fates.set(tableOf(decisions), fate);
    if (fate === 'survives') survivors.push(name);
    else count[fate]++;
  }
  noteFigures('pairingFaults', { ...count, survivors: survivors.length });
  console.log(
    `${mutants.length} faults of the pairing chart: ${count.byDialogues} noticed in dialogues, ` +
      `${count.byExploration} in an exploration, ${count.same} decide the same always, ` +
      `${count.neverComes} take a command that no session sends then`,
  );
  expect(survivors).toEqual([]);
});
