/** The drawings show every state and every transition once, and nothing in them lies on anything else. */
import { describe, expect, it } from 'vitest';
import { charts } from '../../src/chart/charts.ts';
import { type Graph, graphOf } from '../../src/chart/graph.ts';
import { headerWidth, stackHeight } from '../../tools/diagrams/labels.ts';
import { type Area, type Box, type Layout, type Line, layOut, padding } from '../../tools/diagrams/layout.ts';
import { recordChat } from '../../tools/diagrams/recordChat.ts';
import { sequenceOf } from '../../tools/diagrams/sequence.ts';
import { svgOf } from '../../tools/diagrams/svg.ts';

interface Drawing {
  graph: Graph;
  layout: Layout;
  svg: string;
}

const drawings: [name: string, Drawing][] = [];
for (const machine of charts) {
  const graph = graphOf(machine);
  const layout = await layOut(graph);
  drawings.push([machine.id, { graph, layout, svg: svgOf(graph, layout) }]);
}

/** Pages of text show a drawing about so wide, in px. There, text of 12 px has to have 9 px. */
const pageWidth = 880;
const widest = (pageWidth * 12) / 9;

describe.each(drawings)('the drawing of %s', (_, { graph, layout, svg }) => {
  it('can be read on a page of text', () => {
    expect(layout.width).toBeLessThanOrEqual(widest);
  });

  it('shows every state once, with room for a number', () => {
    expect(attributesNamed(svg, 'data-state')).toEqual(statesOf(graph.root).map(({ id }) => id));
    expect(svg.split('<text class="count"')).toHaveLength(statesOf(graph.root).length + 1);
  });

  it('shows every transition once', () => {
    expect(attributesNamed(svg, 'data-edge').sort()).toEqual(graph.transitions.map(({ id }) => id).sort());
  });

  it('names the transitions of a line on that line', () => {
    const lines = svg.split('\n').filter((line) => line.startsWith('<g class="edge"'));
    expect(lines).toHaveLength(layout.lines.filter(({ labels }) => labels.length > 0).length);
    for (const line of lines) {
      const [ids = ''] = attributesNamed(line, 'data-edges');
      expect(attributesNamed(line, 'data-edge')).toEqual(ids.split(' | '));
    }
  });

  it('leads each line from its source to its target', () => {
    for (const { labels, points } of layout.lines) {
      for (const { transition } of labels) {
        expect(touches(boxOf(layout, transition?.source), points.at(0))).toBe(true);
        expect(touches(boxOf(layout, transition?.targets[0]), points.at(-1))).toBe(true);
      }
    }
  });

  it('draws one line for all transitions between two states, and at most four to one state', () => {
    const ends = layout.lines.flatMap(({ labels: [first] }) => (first?.transition ? [first.transition] : []));
    expect(new Set(ends.map(({ source, targets }) => `${source} ${targets[0]}`)).size).toBe(ends.length);
    for (const { targets } of ends)
      expect(ends.filter((each) => each.targets[0] === targets[0]).length).toBeLessThanOrEqual(4);
  });

  it('keeps everything inside the canvas', () => {
    for (const area of [...layout.boxes, ...layout.dots, ...labelAreas(layout)])
      expect(contains(layout, area)).toBe(true);
    for (const point of layout.lines.flatMap(({ points }) => points))
      expect(contains(layout, { ...point, width: 0, height: 0 })).toBe(true);
  });

  it('keeps every box inside its parent, below what is written there, and off its siblings', () => {
    for (const box of layout.boxes) {
      const parent = layout.boxes.find(({ state }) => state.children.includes(box.state));
      if (parent === undefined) continue;
      expect(contains(parent, box)).toBe(true);
      expect(overlap(writtenPartOf(parent), box)).toBe(false);
      const siblings = layout.boxes.filter((other) => other !== box && parent.state.children.includes(other.state));
      expect(siblings.filter((sibling) => overlap(sibling, box))).toEqual([]);
    }
  });

  it('has room in every box for all that is written there', () => {
    for (const box of layout.boxes) {
      expect(box.width).toBeGreaterThanOrEqual(headerWidth(box.state));
      for (const row of box.rows) expect(box.width).toBeGreaterThanOrEqual(row.width + 2 * padding.box);
      if (box.rows.length > 0) expect(box.height).toBeGreaterThan(stackHeight(box.rows));
    }
  });

  it('has room in every label for its text', () => {
    for (const { area, labels } of layout.lines) {
      for (const { width } of labels) expect(area?.width).toBeGreaterThanOrEqual(width + 2 * padding.label);
      if (labels.length > 0) expect(area?.height).toBeGreaterThanOrEqual(stackHeight(labels));
    }
  });

  it('has every label stand on its line', () => {
    for (const line of layout.lines) {
      if (line.area !== undefined) expect(segmentsOf(line).some((each) => overlap(line.area as Area, each))).toBe(true);
    }
  });

  it('keeps labels off each other', () => {
    const areas = labelAreas(layout);
    const pairs = areas.flatMap((one, index) => areas.slice(index + 1).map((other) => [one, other] as const));
    expect(pairs.filter(([one, other]) => overlap(one, other))).toEqual([]);
  });

  it('keeps labels off boxes, but for compound states around one of their ends', () => {
    for (const { area, labels } of layout.lines) {
      if (area === undefined) continue;
      for (const box of layout.boxes.filter((each) => overlap(each, area))) {
        const ends = labels.flatMap(({ transition }) => [transition?.source, ...(transition?.targets ?? [])]);
        expect(ends.some((end) => `${end}.`.startsWith(`${box.state.id}.`))).toBe(true);
        expect(box.state.children).not.toEqual([]);
        expect(contains(box, area)).toBe(true);
        expect(overlap(writtenPartOf(box), area)).toBe(false);
      }
    }
  });

  it('leads no line through what is written', () => {
    const written = layout.boxes.map((box) => (box.state.children.length > 0 ? writtenPartOf(box) : box));
    for (const line of layout.lines) {
      const labels = layout.lines.filter((other) => other !== line).flatMap(({ area }) => area ?? []);
      for (const segment of segmentsOf(line)) {
        expect([...written, ...labels].filter((area) => overlap(area, segment))).toEqual([]);
      }
    }
  });

  it('is the same every time', async () => {
    expect(svgOf(graph, await layOut(graph))).toBe(svg);
  });
});

describe('the drawing of the recorded chat', () => {
  const chat = recordChat();

  it('is of a chat from the menu back to the menu', () => {
    const states = chat.steps.flatMap((step) => (step.kind === 'state' ? [`${step.at}: ${step.text}`] : []));
    for (const user of ['lior', 'golan']) {
      const own = states.filter((text) => text.startsWith(user));
      expect(own.at(0)).toBe(`${user}'s session: menu.choosing`);
      expect(own).toContain(`${user}'s session: chatting.talking`);
      expect(own.at(-1)).toBe(`${user}'s session: menu.choosing`);
    }
  });

  it('has what is said reach the other one', () => {
    const read = chat.steps.flatMap((step) => (step.kind === 'read' ? [`${step.to}: ${step.text}`] : []));
    expect(read).toContain('golan: lior: hey how are u?');
    expect(read).toContain('lior: golan: fine, and you?');
  });

  it('is the same every time', () => {
    expect(sequenceOf(recordChat())).toBe(sequenceOf(chat));
  });
});

function statesOf(state: Graph['root']): Graph['root'][] {
  return [state, ...state.children.flatMap(statesOf)];
}

function attributesNamed(svg: string, name: string): string[] {
  return [...svg.matchAll(new RegExp(` ${name}="([^"]*)"`, 'g'))].map(([, value = '']) => value);
}

function labelAreas({ lines }: Layout): Area[] {
  return lines.flatMap(({ area }) => area ?? []);
}

function boxOf({ boxes }: Layout, id: string | undefined): Box {
  const box = boxes.find(({ state }) => state.id === id);
  if (box === undefined) throw new Error(`No box of ${id}`);
  return box;
}

/** Name and rows of a compound state, above its children. */
function writtenPartOf({ x, y, rows }: Box): Area {
  const width = Math.max(0, ...rows.map((row) => row.width)) + padding.box;
  return { x, y, width, height: rows.length === 0 ? 1 : stackHeight(rows) + 28 };
}

/** As areas without extent across. */
function segmentsOf({ points }: Line): Area[] {
  return points.slice(1).map((point, index) => {
    const before = points[index] ?? point;
    return {
      x: Math.min(before.x, point.x),
      y: Math.min(before.y, point.y),
      width: Math.abs(before.x - point.x),
      height: Math.abs(before.y - point.y),
    };
  });
}

/** A tenth of a pixel is nothing. */
const nothing = 0.1;

function overlap(one: Area, other: Area): boolean {
  return (
    one.x + one.width > other.x + nothing &&
    other.x + other.width > one.x + nothing &&
    one.y + one.height > other.y + nothing &&
    other.y + other.height > one.y + nothing
  );
}

function contains(outer: Area, inner: Area): boolean {
  return (
    inner.x >= outer.x - nothing &&
    inner.y >= outer.y - nothing &&
    inner.x + inner.width <= outer.x + outer.width + nothing &&
    inner.y + inner.height <= outer.y + outer.height + nothing
  );
}

/** True for a point on the border. */
function touches(box: Area, point: { x: number; y: number } = { x: -1, y: -1 }): boolean {
  const dot = { ...point, width: 0, height: 0 };
  const inside = { x: box.x + 1, y: box.y + 1, width: box.width - 2, height: box.height - 2 };
  return contains(box, dot) && !overlap(inside, { x: point.x - 0.5, y: point.y - 0.5, width: 1, height: 1 });
}
