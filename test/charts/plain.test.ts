/** Programs that know no CSS, or none with custom properties, see the drawings in the colours of the day. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { declarationsFor, withPlainAttributes } from '../../tools/diagrams/plain.ts';
import { lightColour } from '../../tools/diagrams/theme.ts';

const folder = new URL('../../diagrams/', import.meta.url);
const drawings = readdirSync(folder).filter((name) => name.endsWith('.svg'));

describe('an element of a drawing', () => {
  it('gets what the rules say for its classes, and for the element around it', () => {
    const box = { tag: 'rect', classes: ['box'] };
    expect(declarationsFor(box, undefined)).toEqual({ fill: 'box', stroke: 'border', 'stroke-width': '1.2' });
    expect(declarationsFor(box, { tag: 'g', classes: ['state', 'compound', 'depth1', 'waiting'] })).toMatchObject({
      ...{ fill: 'outer', stroke: 'waiting', 'stroke-dasharray': '5 3' },
    });
  });

  it('gets nothing from a rule for the children of an element that is further away', () => {
    const svg = withPlainAttributes('<g class="waiting"><g class="state"><rect class="box"/></g></g>');
    expect(svg).not.toContain('stroke-dasharray');
  });
});

describe.each(drawings)('diagrams/%s', (name) => {
  const svg = readFileSync(new URL(name, folder), 'utf8');

  it('has a colour on everything that is filled or stroked', () => {
    const shapes = [...svg.matchAll(/<(rect|path|circle|text|tspan)\s([^>]*)>/g)];
    expect(shapes.length).toBeGreaterThan(10);
    expect(shapes.filter(([, , its = '']) => !/\b(fill|stroke)="(#[0-9a-f]{6}|none)"/.test(its))).toEqual([]);
  });

  it('names no colour outside its style sheet by a custom property', () => {
    expect(svg.replace(/<style>[^<]*<\/style>/, '')).not.toContain('var(');
    expect(svg).toContain(`class="page"`);
    expect(svg).toContain(` fill="${lightColour('page')}"`);
  });
});
