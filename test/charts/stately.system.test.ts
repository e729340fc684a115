/**
 * The charts open in Stately's tools: their parser reads from the text of each file the very chart that runs, state by state and
 * transition by transition. It drops in silence what it doesn't understand, a helper call for example, so only a comparison tells.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { charts } from '../../src/chart/charts.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { partsOf } from './declaredParts.ts';

const folder = new URL('../otherTools/', import.meta.url);
const isInstalled = existsSync(new URL('node_modules/@xstate/machine-extractor', folder));

/** The parser knows no `reenter`; in its reading these transitions stay where they are. And it knows no `output`. */
function lostOf(machine: AnyStateMachine): string[] {
  const reentering = (node: AnyStateNode): string[] => [
    ...[...node.transitions].flatMap(([event, transitions]) =>
      transitions.filter(({ reenter }) => reenter).map(() => `${node.id} on ${event}: reenter`),
    ),
    ...Object.values(node.states).flatMap(reentering),
  ];
  return [...(machine.config.output === undefined ? [] : [`${machine.id}: output`]), ...reentering(machine.root)];
}

for (const machine of charts) {
  describeNeeding(
    '`npm ci --prefix test/otherTools`',
    isInstalled,
    `Stately's parser reads machines/${machine.id}.machine.ts`,
    () => {
      const running = partsOf(machine.config);
      const charts = isInstalled ? read(machine.id) : [];
      const reading = partsOf(charts[0] ?? { id: 'nothing' });

      it('as one chart, with the states that run', () => {
        expect(charts).toHaveLength(1);
        expect([...reading.keys()]).toEqual([...running.keys()]);
      });

      it.each([...running])('%s with all that it declares', (path, declared) => {
        expect(reading.get(path)).toEqual(withoutUnknown(declared));
      });

      it('without losing more than we know of', () => {
        const unknown = [...running].flatMap(([path, { unknown, transitions }]) => [
          ...(unknown as string[]).map((key) => `${path}: ${key}`),
          ...(transitions as Part[]).flatMap((each) => each.unknown.map((key) => `${path} ${each.when}: ${key}`)),
        ]);
        expect(unknown).toEqual(lostOf(machine));
      });
    },
  );
}

interface Part {
  when: string;
  unknown: string[];
}

/** What is left when the parser has met all it doesn't know. */
function withoutUnknown(declared: Record<string, unknown>): Record<string, unknown> {
  const transitions = (declared.transitions as Part[]).map((each) => ({ ...each, unknown: [] }));
  return { ...declared, unknown: [], transitions };
}

function read(name: string): Record<string, unknown>[] {
  const files = [new URL('extract.cjs', folder), new URL(`../../machines/${name}.machine.ts`, import.meta.url)];
  const program = spawnSync(
    process.execPath,
    files.map((file) => fileURLToPath(file)),
    { encoding: 'utf8', timeout: 60_000 },
  );
  if (program.status !== 0) throw new Error(`The parser failed on machines/${name}.machine.ts: ${program.stderr}`);
  return JSON.parse(program.stdout);
}
