/**
 * What a server has logged of its cluster states, beside the chart of a cluster member: is each step one of the chart?
 *
 * Owns: the steps that one event, or the end of one time, can make from each state.
 */
import { clusterMemberMachine } from '../../machines/clusterMember.machine.ts';
import { type GraphState, graphOf } from '../../src/chart/graph.ts';

const { root, transitions } = graphOf(clusterMemberMachine);
const states = new Map(flat(root).map((state) => [state.id, state]));
/** `healthy unresponsive` for every step that there is. */
const steps = new Set(stepsFrom(root, []));

function flat(state: GraphState): GraphState[] {
  return [state, ...state.children.flatMap(flat)];
}

/** A state has the transitions of those around it, too. */
function stepsFrom(state: GraphState, outer: readonly string[]): string[] {
  const sources = [...outer, state.id];
  if (state.children.length > 0) return state.children.flatMap((child) => stepsFrom(child, sources));
  const targets = transitions.filter(({ source }) => sources.includes(source)).flatMap((each) => each.targets);
  return targets.map((target) => `${state.name} ${leafOf(target).name}`);
}

function leafOf(id: string): GraphState {
  const state = states.get(id) as GraphState;
  return state.initial === undefined ? state : leafOf(state.initial);
}

/** The steps in this log that the chart doesn't have. */
export function stepsBesideChart(log: string): string[] {
  const logged = [...log.matchAll(/^\{.*"state":"(\w+)".*"msg":"cluster (?:state|trouble)".*\}$/gm)].map(
    ([, state = '']) => state,
  );
  return logged.map((state, index) => `${logged[index - 1] ?? 'starting'} ${state}`).filter((step) => !steps.has(step));
}
