/**
 * The results: the figures of all runs, and their table.
 *
 * Owns: the ratios. A ratio is taken within one round, in which every server ran once. The result is the median of all
 * rounds, so that a slow minute of the machine favours no server.
 */
import type { GrowthRow } from './growth.ts';
import { sizes } from './growth.ts';
import type { Figures, Measure } from './scenarios/scenario.ts';
import { median } from './statistics.ts';

export class Results {
  readonly #servers: readonly string[];
  /** `scenario/measure` → server → its figure in each round; NaN if there is none. */
  readonly #figures = new Map<string, Map<string, number[]>>();
  readonly #rows: { key: string; measure: Measure }[] = [];

  /** The first server is the one the others are compared with. */
  constructor(servers: readonly string[]) {
    this.#servers = servers;
  }

  /** Adds the rows of a scenario, before its figures. */
  expect(scenario: string, measures: readonly Measure[]): void {
    for (const measure of measures) {
      const key = `${scenario}/${measure.key}`;
      this.#rows.push({ key, measure });
      this.#figures.set(key, new Map(this.#servers.map((server) => [server, []])));
    }
  }

  /** Adds the figures of one server in this round; none if it failed. */
  add(scenario: string, server: string, measures: readonly Measure[], figures: Figures): void {
    for (const { key } of measures)
      this.#figures
        .get(`${scenario}/${key}`)
        ?.get(server)
        ?.push(figures[key] ?? Number.NaN);
  }

  /** Returns the median of a server's rounds; NaN if there is none. */
  of(scenario: string, measure: string, server: string): number {
    const figures = this.#figures.get(`${scenario}/${measure}`)?.get(server) ?? [];
    return median(figures.filter((figure) => !Number.isNaN(figure)));
  }

  /** Returns one row for each measure: the first server's median, and its ratio to each of the others. */
  table(): string {
    const [first = '', ...others] = this.#servers;
    const head = ['measured', first, ...others.map((other) => `÷ ${other}`)];
    const rows = this.#rows.map(({ key, measure }) => {
      const ours = this.#figures.get(key)?.get(first) ?? [];
      const ratios = others.map((other) => {
        const theirs = this.#figures.get(key)?.get(other) ?? [];
        return ratioCell(ours.map((figure, round) => figure / (theirs[round] ?? Number.NaN)));
      });
      const value = median(ours.filter((figure) => !Number.isNaN(figure)));
      return [measure.title, `${short(value)} ${measure.unit}`.trim(), ...ratios];
    });
    return markdown(head, rows);
  }

  /** Returns the medians of every server. */
  medians(): string {
    const rows = this.#rows.map(({ key, measure }) => {
      const [scenario = '', name = ''] = key.split('/');
      const unit = measure.unit === '' ? '' : `, ${measure.unit}`;
      return [`${measure.title}${unit}`, ...this.#servers.map((server) => short(this.of(scenario, name, server)))];
    });
    return markdown(['measured', ...this.#servers], rows);
  }
}

/** Returns the median, with the lowest and the highest of all rounds. */
function ratioCell(ratios: readonly number[]): string {
  const valid = ratios.filter((ratio) => Number.isFinite(ratio));
  if (valid.length === 0) return '–';
  const middle = median(valid).toFixed(2);
  return valid.length === 1
    ? `**${middle}**`
    : `**${middle}** (${Math.min(...valid).toFixed(2)}–${Math.max(...valid).toFixed(2)})`;
}

export function growthTable(rows: readonly GrowthRow[]): string {
  return markdown(
    ['in the directory, ns', ...sizes.map((size) => `${size.toLocaleString('en')} ids`)],
    rows.map(({ title, ns }) => [title, ...ns.map((value) => value.toFixed(0))]),
  );
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map(line).join('\n');
}

/** Returns a number with three significant digits. */
export function short(value: number): string {
  if (Number.isNaN(value)) return '–';
  return value >= 100
    ? Math.round(value).toLocaleString('en')
    : value >= 10
      ? value.toFixed(1)
      : value >= 0.1 || value === 0
        ? value.toFixed(2)
        : value.toFixed(3);
}
