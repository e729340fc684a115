/**
 * Every state that one session can reach, and what every input of the alphabet does there.
 *
 * Owns: the graph of the session chart itself, found breadth-first; a node is a state value with its context. Inputs
 * that a state ignores are edges too, back to the same node and without a branch. Lines are left out in states tagged
 * `waiting`, because the session holds them back until the verdict is in. Where nobody is connected, what a user does is ignored. Knows nothing of what is shown.
 */
import { type AnyStateMachine, initialTransition, type SnapshotFrom, transition } from 'xstate';
import { type SessionEvent, sessionMachine } from '../../machines/session.machine.ts';
import { withIdTries } from '../../src/chat/sessionActions.ts';
import { alphabet, freshFirst, type Input, idTries, isLine, isPersons } from './alphabet.ts';

export type SessionSnapshot = SnapshotFrom<typeof sessionMachine>;

export interface Node {
  /** `online.confirming.answering (lior, golan #1)`; unique. */
  readonly label: string;
  /** The leaf state: `online.confirming.answering`. */
  readonly path: string;
  readonly snapshot: SessionSnapshot;
  /** A shortest way to get here. */
  readonly reachedBy: readonly Input[];
  /** What each input does here, without lines if the session holds them back. */
  readonly edges: Map<Input, Edge>;
}

export interface Edge {
  readonly source: Node;
  readonly input: Input;
  readonly target: Node;
  /** The transition of the chart, `<source> <event>[<index>]`; undefined for an input that is ignored. */
  readonly branch: string | undefined;
}

/** Returns all nodes in the order in which they were found, the initial one first. */
export function exploreSession(chart: typeof sessionMachine = sessionMachine): readonly Node[] {
  const machine = withIdTries(idTries, chart);
  const nodes = new Map<string, Node>();
  const [initial] = initialTransition(machine);
  const nodeOf = (snapshot: SessionSnapshot, reachedBy: readonly Input[]): Node => {
    const label = labelOf(snapshot);
    let node = nodes.get(label);
    if (node === undefined) {
      node = { label, path: pathOf(snapshot.value), snapshot, reachedBy, edges: new Map() };
      nodes.set(label, node);
    }
    return node;
  };
  nodeOf(initial, []);
  for (const node of nodes.values()) {
    for (const input of freshFirst(alphabet, node.reachedBy)) {
      if (node.snapshot.hasTag('waiting') && isLine(input)) continue;
      const isOver = node.path === 'online.away' && isPersons(input);
      const branch = isOver ? undefined : branchOf(machine, node.snapshot, input.event);
      const [snapshot] = branch === undefined ? [node.snapshot] : transition(machine, node.snapshot, input.event);
      const target = nodeOf(snapshot, [...node.reachedBy, input]);
      node.edges.set(input, { source: node, input, target, branch });
    }
  }
  return [...nodes.values()];
}

/** Returns every transition that a chart declares, as `<source> <event>[<index>]`. */
export function declaredBranches(machine: AnyStateMachine): string[] {
  const branches: string[] = [];
  const visit = (stateNode: typeof machine.root): void => {
    for (const [type, transitions] of stateNode.transitions) {
      for (const index of transitions.keys()) branches.push(`${stateNode.id} ${type}[${index}]`);
    }
    for (const child of Object.values(stateNode.states)) visit(child as typeof machine.root);
  };
  visit(machine.root);
  return branches;
}

/** Returns every leaf state that a chart declares, as `online.menu.choosing`. */
export function declaredLeaves(machine: AnyStateMachine): string[] {
  const leavesOf = (stateNode: typeof machine.root): string[] => {
    const children = Object.values(stateNode.states) as (typeof stateNode)[];
    return children.length === 0 ? [stateNode.path.join('.')] : children.flatMap(leavesOf);
  };
  return leavesOf(machine.root);
}

/** Returns the transition that an event takes; undefined if the state has none for it, or if the session is over. */
function branchOf(machine: typeof sessionMachine, snapshot: SessionSnapshot, event: SessionEvent): string | undefined {
  if (snapshot.status !== 'active') return undefined;
  const [taken] = machine.getTransitionData(snapshot, event) ?? [];
  if (taken === undefined) return undefined;
  const siblings = taken.source.transitions.get(taken.eventType) ?? [];
  return `${taken.source.id} ${taken.eventType}[${siblings.indexOf(taken as never)}]`;
}

/** Returns the name of a state, with its context. */
export function labelOf({ value, context }: Pick<SessionSnapshot, 'value' | 'context'>): string {
  const { userId, claimedId, partner, pairingId, refusedIds } = context;
  const pairing = partner || pairingId ? `${partner} #${pairingId}` : '';
  const known = [userId, claimedId, pairing, refusedIds > 0 ? `${refusedIds} refused` : ''].filter(
    (part) => part !== '',
  );
  return known.length === 0 ? pathOf(value) : `${pathOf(value)} (${known.join(', ')})`;
}

function pathOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[key, inner]] = Object.entries(value as object) as [[string, unknown]];
  return `${key}.${pathOf(inner)}`;
}
