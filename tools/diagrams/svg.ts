/**
 * A laid-out graph as SVG text.
 *
 * Owns: the elements and the names by which a page finds them: `data-state` on every state, `data-edge` on every
 * transition, once, and an empty `count` in every box.
 * Next: `layout.ts` (where everything stands), `theme.ts` (what it looks like).
 */
import type { Graph, GraphState } from '../../src/chart/graph.ts';
import { escapeMarkup } from '../../src/runtime/escape.ts';
import { type Inscription, type Role, size, writtenTags } from './labels.ts';
import { type Area, type Box, type Layout, type Line, type Point, padding } from './layout.ts';
import { withPlainAttributes } from './plain.ts';
import { round } from './round.ts';
import { textWidth } from './textWidth.ts';
import { style } from './theme.ts';

const legendHeight = 26;
const legendWidth = { least: 310, withWaiting: 450 };
const headLength = 8;
const headHalf = 4.2;
const cornerRadius = 7;

export function svgOf({ root }: Graph, layout: Layout): string {
  const width = Math.max(Math.ceil(layout.width), hasWaiting(root) ? legendWidth.withWaiting : legendWidth.least);
  const height = Math.ceil(layout.height) + legendHeight;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" class="drawing" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>The ${escapeMarkup(root.name)} chart</title>`,
    `<desc>${escapeMarkup(root.description)}</desc>`,
    `<style>${style}</style>`,
    `<rect class="page" width="${width}" height="${height}" rx="10"/>`,
    ...layout.boxes.map(drawBox),
    ...layout.dots.map(drawDot),
    ...layout.lines.map(drawLine),
    drawLegend(root, padding.page + 2, height - 14),
    '</svg>',
  ].join('\n');
  return `${withPlainAttributes(svg)}\n`;
}

function drawBox(box: Box): string {
  const { state, rows, x, y } = box;
  const isCompound = state.children.length > 0;
  const isFinal = state.type === 'final';
  const kind = isCompound ? 'compound' : isFinal ? 'final' : 'atomic';
  const classes = ['state', kind, `depth${state.depth}`];
  if (state.tags.includes('waiting')) classes.push('waiting');
  const ring = isFinal ? [`<rect class="ring" ${attributes(grown(box, -3))} rx="6"/>`] : [];
  const rule = rows.length > 0 || isCompound ? [ruleOf(box)] : [];
  return [
    `<g class="${classes.join(' ')}" data-state="${escapeMarkup(state.id)}">`,
    titleOf(state.description),
    `<rect class="box" ${attributes(box)} rx="9"/>`,
    ...[...ring, ...rule],
    drawHeader(state, x + padding.box, y),
    `<text class="count" x="${round(x + box.width - padding.box)}" y="${round(y + 19)}"></text>`,
    ...stack(rows, x + padding.box, y + size.header + padding.box / 2, box.width - 2 * padding.box, 'row'),
    '</g>',
  ].join('');
}

function drawHeader(state: GraphState, x: number, y: number): string {
  let at = x + textWidth(state.name, size.name, true) + 4;
  const parts = [`<text class="name" x="${round(x)}" y="${round(y + 19)}">${escapeMarkup(state.name)}</text>`];
  if (state.tags.includes('waiting')) {
    parts.push(hourglass(at, y + 8.5));
    at += size.sign;
  }
  const tags = writtenTags(state);
  if (tags) parts.push(`<text class="tag" x="${round(at)}" y="${round(y + 18.5)}">${escapeMarkup(tags)}</text>`);
  return parts.join('');
}

function hourglass(x: number, y: number): string {
  return `<path class="hourglass" d="M${round(x)} ${round(y)}h9v2l-3.4 3.5 3.4 3.5v2h-9v-2l3.4 -3.5 -3.4 -3.5z"/>`;
}

function ruleOf({ x, y, width }: Box): string {
  return `<path class="rule" d="M${round(x)} ${round(y + size.header)}h${round(width)}"/>`;
}

function drawDot({ x, y, width }: Area): string {
  const radius = width / 2;
  return `<circle class="dot" cx="${round(x + radius)}" cy="${round(y + radius)}" r="${round(radius)}"/>`;
}

function drawLine({ labels, points, area }: Line): string {
  const path = `<path class="line" d="${pathOf(points)}"/><path class="head" d="${headOf(points)}"/>`;
  if (area === undefined) return `<g class="first">${path}</g>`;
  const ids = labels.map(({ transition }) => transition?.id ?? '').join(' | ');
  return [
    `<g class="edge" data-edges="${escapeMarkup(ids)}">${path}`,
    `<rect class="pill" ${attributes(area)} rx="6"/>`,
    ...stack(labels, area.x + padding.label, area.y + padding.label / 2, area.width - 2 * padding.label, 'label'),
    '</g>',
  ].join('');
}

/** Draws inscriptions one below the other. Those of a transition have its id. */
function stack(all: readonly Inscription[], x: number, y: number, width: number, className: string): string[] {
  let top = y;
  return all.map(({ transition, lines, height }) => {
    const texts = lines.map((words, index) => {
      const spans = words.map(({ role, text }) => `<tspan class="${role}">${escapeMarkup(text)}</tspan>`).join(' ');
      return `<text x="${round(index === 0 ? x : x + size.indent)}" y="${round(top + index * size.line + 11.5)}">${spans}</text>`;
    });
    const area = { x: x - 3, y: top, width: width + 6, height };
    top += height + size.gap;
    if (transition === undefined) return texts.join('');
    const mark = `<rect class="mark" ${attributes(area)} rx="3"/>`;
    return `<g class="${className}" data-edge="${escapeMarkup(transition.id)}">${titleOf(transition.description)}${mark}${texts.join('')}</g>`;
  });
}

/** Returns a path with right angles and round corners, which ends where the arrow's head begins. */
function pathOf(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const parts = [`M${at(first)}`];
  for (const [index, point] of rest.entries()) {
    const before = points[index] ?? first;
    const after = points[index + 2];
    if (after === undefined) {
      parts.push(`L${at(towards(point, before, headLength - 1))}`);
    } else {
      const radius = Math.min(cornerRadius, distance(before, point) / 2, distance(point, after) / 2);
      parts.push(`L${at(towards(point, before, radius))}Q${at(point)} ${at(towards(point, after, radius))}`);
    }
  }
  return parts.join('');
}

/** Draws an arrow's head. It is no marker, so that it changes its colour together with the line. */
function headOf(points: readonly Point[]): string {
  const tip = points.at(-1) ?? { x: 0, y: 0 };
  const base = towards(tip, points.at(-2) ?? tip, headLength);
  const across = { x: ((tip.y - base.y) / headLength) * headHalf, y: ((tip.x - base.x) / headLength) * headHalf };
  const left = { x: base.x - across.x, y: base.y + across.y };
  const right = { x: base.x + across.x, y: base.y - across.y };
  return `M${at(tip)}L${at(left)}L${at(right)}z`;
}

function drawLegend(root: GraphState, x: number, y: number): string {
  const words: readonly (readonly [Role, string])[] = [
    ['event', 'event'],
    ['guard', '[only if]'],
    ['action', '/ what is done'],
    ['target', '→ where it leads'],
  ];
  const spans = words.map(([role, text]) => `<tspan class="${role}">${text}</tspan>`).join('  ');
  if (!hasWaiting(root)) return `<text class="legend" x="${x}" y="${y}">${spans}</text>`;
  return `${hourglass(x, y - 9)}<text class="legend" x="${x + 14}" y="${y}">waits for a verdict     ${spans}</text>`;
}

function hasWaiting(state: GraphState): boolean {
  return state.tags.includes('waiting') || state.children.some(hasWaiting);
}

function titleOf(description: string): string {
  return description ? `<title>${escapeMarkup(description)}</title>` : '';
}

function grown({ x, y, width, height }: Area, by: number): Area {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}

function towards(from: Point, to: Point, length: number): Point {
  const share = length / (distance(from, to) || 1);
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

function distance(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

function attributes({ x, y, width, height }: Area): string {
  return `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;
}

function at({ x, y }: Point): string {
  return `${round(x)} ${round(y)}`;
}
