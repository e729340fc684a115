/**
 * What the pairing chart decides, as a table: for each state and event, where the two users are then, and what they hear.
 *
 * Owns: reading the chart. XState itself takes every transition once, when the program starts. To run an actor for each
 * pairing, or to ask XState at each command, would cost a server more than all the rest of the directory.
 * Next: `memoryDirectory.ts`, which carries the decisions out.
 * Why a table: decision 37, docs/decisions/0037-the-directory-reads-the-pairing-chart-as-a-table.md.
 */
import { transition } from 'xstate';
import type { RefusalReason, UserState } from '../../../machines/events.ts';
import {
  type PairingEvent,
  type PairingRole,
  type PairingUpdate,
  pairingMachine,
  type Remembered,
} from '../../../machines/pairing.machine.ts';

/** What one of the two hears. */
export interface Told {
  whom: PairingRole;
  update: PairingUpdate;
  reason?: RefusalReason;
  isRepeated?: true;
}

export interface PairingDecision {
  /** Where the two are from now on. Who is not named stays where they are. */
  readonly places: Readonly<Partial<Record<PairingRole, UserState>>>;
  /** Who hears what, in this order. */
  readonly updates: readonly Told[];
  /** What is kept in mind of it. */
  readonly remembers: readonly Remembered[];
  /** True if the pairing is over. */
  readonly isOver: boolean;
}

/** The states of a pairing in which something can happen to it. */
export type PairingState = 'named' | 'asked' | 'chatting';

/** A decision by the state of the pairing and the type of the event. What the chart ignores is not in it. */
export type PairingDecisions = ReadonlyMap<string, ReadonlyMap<string, PairingDecision>>;

/** Returns the decisions of a chart; of ours by default. */
export function readDecisions(machine: typeof pairingMachine = pairingMachine): PairingDecisions {
  const states = Object.values(machine.states).map((state) => {
    const decisions = (state.ownEvents as PairingEvent['type'][]).map(
      (type) => [type, decisionAt(machine, state.key, type)] as const,
    );
    return [state.key, new Map(decisions)] as const;
  });
  return new Map(states);
}

function decisionAt(machine: typeof pairingMachine, state: string, type: PairingEvent['type']): PairingDecision {
  const before = machine.resolveState({ value: state as PairingState });
  const [after, actions] = transition(machine, before, { type });
  const paramsOf = (name: string): unknown[] =>
    actions.filter((action) => action.type === name).map(({ params }) => params);
  return {
    places: Object.assign({}, ...paramsOf('place')),
    updates: paramsOf('tell') as PairingDecision['updates'],
    remembers: (paramsOf('remember') as { what: Remembered }[]).map(({ what }) => what),
    isOver: after.status === 'done',
  };
}

/** The decisions of our chart. */
export const pairingDecisions = readDecisions();
