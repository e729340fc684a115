/**
 * The places of the boxes, lines and labels of a graph.
 *
 * Owns: what becomes a box, a line or a row in a box, and the input of the layout library. Runs when diagrams are
 * written, never in the server. Knows nothing of colours.
 * Next: `svg.ts`.
 * Why some lines are left out: decision 12, docs/decisions/0012-no-lines-where-more-than-four-would-end.md.
 * Why not in the server: decision 13, docs/decisions/0013-diagrams-are-laid-out-when-they-are-written.md.
 */
import Elk, { type ELK, type ElkExtendedEdge, type ElkNode } from 'elkjs';
import { type Graph, type GraphState, type GraphTransition, placesIn, statesIn } from '../../src/chart/graph.ts';
import { headerWidth, type Inscription, labelOf, rowsOf, size, stackHeight } from './labels.ts';

export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface Box extends Area {
  state: GraphState;
  rows: readonly Inscription[];
}

/**
 * A line stands for all transitions between the same two states. One that leads to an initial state, or from a history
 * state, has no transition.
 */
export interface Line {
  labels: readonly Inscription[];
  points: readonly Point[];
  /** The place of the labels; undefined if there are none. */
  area: Area | undefined;
}

export interface Layout extends Area {
  /** Outer boxes come before inner ones. */
  boxes: readonly Box[];
  /** For each compound state, the dot from which an arrow points to its initial state. */
  dots: readonly Area[];
  lines: readonly Line[];
}

export const padding = { box: 10, label: 6, children: 18, page: 12 };

const dotSize = 10;

/** How a chart is laid out: with how many lines to one state, boxes side by side, and how wide a text may be. */
interface Way {
  maxLinesToOneState: number;
  /** No limit if undefined. */
  maxBoxesAbreast?: number;
  mostOnLine: number;
  mostInBox: number;
  /** Puts boxes in columns as far as lines are straight, which makes a chart with few boxes abreast narrower. */
  inColumns?: true;
}

/**
 * The ways in which a chart may be laid out, the best first. The first one is taken in which the chart is narrow
 * enough, or else the narrowest.
 */
const ways: readonly Way[] = [
  { maxLinesToOneState: 4, mostOnLine: 192, mostInBox: 215 },
  { maxLinesToOneState: 3, mostOnLine: 150, mostInBox: 190 },
  { maxLinesToOneState: 2, maxBoxesAbreast: 2, mostOnLine: 150, mostInBox: 190 },
  { maxLinesToOneState: 4, maxBoxesAbreast: 1, mostOnLine: 150, mostInBox: 190 },
  { maxLinesToOneState: 4, maxBoxesAbreast: 1, mostOnLine: 150, mostInBox: 190, inColumns: true },
  { maxLinesToOneState: 2, maxBoxesAbreast: 1, mostOnLine: 130, mostInBox: 170 },
];

/** Pages of text show a drawing about 880 px wide, where the text of one of this width has 10 px. */
const narrowEnough = 1056;

/** The page and every compound state need these options, because they are not inherited. */
const commonOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.spacing.nodeNodeBetweenLayers': '26',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '10',
  'elk.spacing.nodeNode': '18',
  'elk.spacing.edgeNode': '14',
  'elk.spacing.edgeEdge': '10',
  'elk.randomSeed': '1',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
};

function optionsOf({ maxBoxesAbreast, inColumns }: Way): Record<string, string> {
  if (maxBoxesAbreast === undefined) return commonOptions;
  return {
    ...commonOptions,
    'elk.layered.layering.strategy': 'COFFMAN_GRAHAM',
    'elk.layered.layering.coffmanGraham.layerBound': String(maxBoxesAbreast),
    'elk.layered.compaction.postCompaction.strategy': 'EDGE_LENGTH',
    ...(inColumns && { 'elk.layered.nodePlacement.strategy': 'LINEAR_SEGMENTS' }),
  };
}

/** Returns the height of the part of a box that is above its children. */
function headHeight(rows: readonly Inscription[]): number {
  return size.header + (rows.length === 0 ? 0 : stackHeight(rows) + padding.box);
}

/**
 * The transitions that get no line but a row in their source's box: those that stay there, go to a state inside or to one
 * around it, those with several targets, and those to states at which too many lines would end.
 */
function withoutLineIn({ root, transitions }: Graph, maxLinesToOneState: number): Set<GraphTransition> {
  const places = placesIn(root);
  const isAround = (outer: string, inner: string): boolean => places.get(inner)?.includes(outer) === true;
  const isRow = ({ source, targets: [target, ...others] }: GraphTransition): boolean =>
    target === undefined ||
    others.length > 0 ||
    target === source ||
    isAround(source, target) ||
    isAround(target, source);
  const lines = transitions.filter((each) => !isRow(each));
  const sources = new Map<string | undefined, Set<string>>();
  for (const { source, targets } of lines) sources.set(targets[0], (sources.get(targets[0]) ?? new Set()).add(source));
  const isHub = ({ targets }: GraphTransition): boolean => (sources.get(targets[0])?.size ?? 0) > maxLinesToOneState;
  return new Set(transitions.filter((each) => isRow(each) || isHub(each)));
}

export async function layOut(graph: Graph): Promise<Layout> {
  const wide: Layout[] = [];
  let failure: unknown;
  for (const way of ways) {
    try {
      const layout = await layOutBy(graph, way);
      if (layout.width <= narrowEnough) return layout;
      wide.push(layout);
    } catch (error) {
      // The library has faults of its own in some of its ways. The next one is as right, and a little less narrow.
      failure = error;
    }
  }
  if (wide.length === 0) throw failure;
  return wide.reduce((narrowest, each) => (each.width < narrowest.width ? each : narrowest));
}

async function layOutBy(graph: Graph, way: Way): Promise<Layout> {
  const rows = new Map<string, Inscription[]>();
  const states = statesIn(graph.root);
  const names = new Map(states.map(({ id, name }) => [id, name]));
  const withoutLine = withoutLineIn(graph, way.maxLinesToOneState);
  for (const state of states) {
    const inside = graph.transitions.filter((each) => each.source === state.id && withoutLine.has(each));
    rows.set(state.id, rowsOf(state, inside, names, way.mostInBox));
  }
  const lines = graph.transitions.filter((each) => !withoutLine.has(each));
  const labels = labelsByEnds(lines, way.mostOnLine);
  const options = optionsOf(way);
  const laidOut = await run({
    id: 'page',
    layoutOptions: { ...options, 'elk.padding': around(padding.page) },
    children: [nodeOf(graph.root, rows, options)],
    edges: [...firstEdges(states), ...[...labels].map(([ends, each]) => edgeOf(ends, each))],
  });
  const places = new Map(nodesIn(laidOut).map((node) => [node.id, areaOf(node)]));
  return {
    ...areaOf(laidOut),
    boxes: states.map((state) => ({ ...placeOf(places, state.id), state, rows: rows.get(state.id) ?? [] })),
    dots: states.filter(({ initial }) => initial).map(({ id }) => placeOf(places, dotOf(id))),
    lines: (laidOut.edges ?? []).map((edge) => lineOf(edge, labels.get(edge.id) ?? [])),
  };
}

/** Groups transitions by line: those with the same source and target share one. */
function labelsByEnds(transitions: readonly GraphTransition[], mostOnLine: number): Map<string, Inscription[]> {
  const byEnds = new Map<string, Inscription[]>();
  for (const each of transitions) {
    const ends = JSON.stringify([each.source, each.targets[0]]);
    byEnds.set(ends, [...(byEnds.get(ends) ?? []), labelOf(each, mostOnLine)]);
  }
  return byEnds;
}

function nodeOf(
  state: GraphState,
  rowsById: ReadonlyMap<string, Inscription[]>,
  options: Record<string, string>,
): ElkNode {
  const rows = rowsById.get(state.id) ?? [];
  const width = Math.max(headerWidth(state), ...rows.map((row) => row.width + 2 * padding.box), 90);
  const height = headHeight(rows);
  const place = state.type === 'final' ? { 'elk.layered.layering.layerConstraint': 'LAST' } : {};
  if (state.children.length === 0) return { id: state.id, width, height, layoutOptions: place };
  return {
    id: state.id,
    layoutOptions: {
      ...options,
      'elk.padding': around(padding.children, height + padding.children / 2),
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      // The library turns a drawing that goes down by 90 degrees, except this size.
      'elk.nodeSize.minimum': `(${height}, ${width})`,
    },
    children: [
      ...(state.initial === undefined ? [] : [dotNode(state.id)]),
      ...state.children.map((child) => nodeOf(child, rowsById, options)),
    ],
  };
}

function dotNode(id: string): ElkNode {
  const layoutOptions = { 'elk.layered.layering.layerConstraint': 'FIRST' };
  return { id: dotOf(id), width: dotSize, height: dotSize, layoutOptions };
}

/** The lines that no transition makes: to where a state begins, and from a history state. */
function firstEdges(states: readonly GraphState[]): ElkExtendedEdge[] {
  const layoutOptions = { 'elk.layered.priority.direction': '100', 'elk.layered.priority.straightness': '100' };
  return states.flatMap(({ id, initial, fallbacks }) => [
    ...(initial === undefined ? [] : [{ id: dotOf(id), sources: [dotOf(id)], targets: [initial], layoutOptions }]),
    ...fallbacks.map((to) => ({ id: JSON.stringify([id, 'the first time', to]), sources: [id], targets: [to] })),
  ]);
}

function edgeOf(ends: string, labels: readonly Inscription[]): ElkExtendedEdge {
  const [source, target] = JSON.parse(ends) as [source: string, target: string];
  return {
    id: ends,
    sources: [source],
    targets: [target],
    labels: [
      {
        text: ends,
        width: Math.max(...labels.map(({ width }) => width)) + 2 * padding.label,
        height: stackHeight(labels) + padding.label,
        layoutOptions: { 'elk.edgeLabels.inline': 'true', 'elk.edgeLabels.placement': 'CENTER' },
      },
    ],
  };
}

function lineOf(edge: ElkExtendedEdge, labels: readonly Inscription[]): Line {
  const points = (edge.sections ?? []).flatMap(({ startPoint, bendPoints, endPoint }) => [
    startPoint,
    ...(bendPoints ?? []),
    endPoint,
  ]);
  const [label] = edge.labels ?? [];
  return { labels, points, area: label && areaOf(label) };
}

/** Shortens the library's errors, which hold its whole source. */
async function run(graph: ElkNode): Promise<ElkNode> {
  // With Node's modules, its types say that the class is a namespace.
  const elk: ELK = new (Elk as unknown as new () => ELK)();
  try {
    return await elk.layout(graph);
  } catch (error) {
    throw new Error(`The layout failed: ${String(error).slice(0, 200)}`);
  }
}

function nodesIn(node: ElkNode): ElkNode[] {
  return [node, ...(node.children ?? []).flatMap(nodesIn)];
}

function areaOf({ x = 0, y = 0, width = 0, height = 0 }: Partial<Area>): Area {
  return { x, y, width, height };
}

function placeOf(places: ReadonlyMap<string, Area>, id: string): Area {
  const place = places.get(id);
  if (place === undefined) throw new Error(`${id} has no place in the layout`);
  return place;
}

function dotOf(id: string): string {
  return `first of ${id}`;
}

function around(space: number, top = space): string {
  return `[top=${top},left=${space},bottom=${space},right=${space}]`;
}
