/** The diagrams in the repository are those of the charts that run, and hold all of their states and transitions. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sessionMachine } from '../../machines/session.machine.ts';
import { charts } from '../../src/chart/charts.ts';
import { graphOf } from '../../src/chart/graph.ts';
import { diagrams } from '../../tools/diagrams/diagrams.ts';
import { declaredBranches } from '../system/branches.ts';

const folder = new URL('../../diagrams/', import.meta.url);
const files = await diagrams();

describe('diagrams/', () => {
  it.each([...files])('%s is up to date (npm run diagrams writes it)', (name, text) => {
    expect(readFileSync(new URL(name, folder), 'utf8')).toBe(text);
  });

  it('is of every file in machines/ that holds a chart', () => {
    const names = readdirSync(new URL('../../machines/', import.meta.url)).filter((name) =>
      name.endsWith('.machine.ts'),
    );
    expect(charts.map(({ id }) => `${id}.machine.ts`).sort()).toEqual(names.sort());
  });

  it('holds nothing else', () => {
    expect(readdirSync(folder).sort()).toEqual([...files.keys()].sort());
  });
});

describe('the graph of the session chart', () => {
  it('has every transition of the chart', () => {
    expect(graphOf(sessionMachine).transitions).toHaveLength(declaredBranches().length);
  });

  it('shows every one of them in the diagram', () => {
    const text = files.get('session.mmd') ?? '';
    const arrows = text
      .split('\n')
      .filter((line) => / --> .* : /.test(line))
      .flatMap((line) => line.split('<br>'));
    const note = /In every state\n([\s\S]*?)\n {2}end note/.exec(text)?.[1]?.split('\n') ?? [];
    expect(arrows.length + note.length).toBe(declaredBranches().length);
  });
});
