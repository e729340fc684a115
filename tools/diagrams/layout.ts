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
import type { Graph, GraphState, GraphTransition } from '../../src/chart/graph.ts';
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

/** A line stands for all transitions between the same two states. The one to an initial state has no transition. */
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

function optionsOf({ maxBoxesAbreast }: Way): Record<string, string> {
  if (maxBoxesAbreast === undefined) return commonOptions;
  return {
    ...commonOptions,
    'elk.layered.layering.strategy': 'COFFMAN_GRAHAM',
    'elk.layered.layering.coffmanGraham.layerBound': String(maxBoxesAbreast),
    'elk.layered.compaction.postCompaction.strategy': 'EDGE_LENGTH',
  };
}

/** Returns the height of the part of a box that is above its children. */
function headHeight(rows: readonly Inscription[]): number {
  return size.header + (rows.length === 0 ? 0 : stackHeight(rows) + padding.box);
}

/** True if a transition stays in its source or goes to a state inside. It is written into its source's box. */
function isInside({ source, target }: GraphTransition): boolean {
  return target === undefined || target === source || target.startsWith(`${source}.`);
}

/** The states at which too many lines would end. The transitions to them are written into their sources' boxes, too. */
function hubsOf(transitions: readonly GraphTransition[], maxLinesToOneState: number): Set<string | undefined> {
  const sources = new Map<string | undefined, Set<string>>();
  for (const { source, target } of transitions.filter((each) => !isInside(each)))
    sources.set(target, (sources.get(target) ?? new Set()).add(source));
  return new Set([...sources.keys()].filter((target) => (sources.get(target)?.size ?? 0) > maxLinesToOneState));
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
  const states = allOf(graph.root);
  const hubs = hubsOf(graph.transitions, way.maxLinesToOneState);
  const isRow = (each: GraphTransition) => isInside(each) || hubs.has(each.target);
  for (const state of states) {
    const inside = graph.transitions.filter((each) => each.source === state.id && isRow(each));
    rows.set(state.id, rowsOf(state, inside, way.mostInBox));
  }
  const lines = graph.transitions.filter((each) => !isRow(each));
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

/** Returns all states, outer ones first, in the order of the chart. */
function allOf(state: GraphState): GraphState[] {
  return [state, ...state.children.flatMap(allOf)];
}

/** Groups transitions by line: those with the same source and target share one. */
function labelsByEnds(transitions: readonly GraphTransition[], mostOnLine: number): Map<string, Inscription[]> {
  const byEnds = new Map<string, Inscription[]>();
  for (const each of transitions) {
    const ends = `${each.source} ${each.target}`;
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
  const place = state.isFinal ? { 'elk.layered.layering.layerConstraint': 'LAST' } : {};
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
      {
        id: dotOf(state.id),
        width: dotSize,
        height: dotSize,
        layoutOptions: { 'elk.layered.layering.layerConstraint': 'FIRST' },
      },
      ...state.children.map((child) => nodeOf(child, rowsById, options)),
    ],
  };
}

function firstEdges(states: readonly GraphState[]): ElkExtendedEdge[] {
  return states.flatMap(({ id, initial }) =>
    initial === undefined
      ? []
      : [
          {
            id: dotOf(id),
            sources: [dotOf(id)],
            targets: [initial],
            layoutOptions: { 'elk.layered.priority.direction': '100', 'elk.layered.priority.straightness': '100' },
          },
        ],
  );
}

function edgeOf(ends: string, labels: readonly Inscription[]): ElkExtendedEdge {
  const [source = '', target = ''] = ends.split(' ');
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
