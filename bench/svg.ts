/**
 * Small pictures of figures: bars and lines.
 *
 * Owns: what they look like. Colours follow the reader's light or dark scheme. Every figure is also written as a number
 * or on an axis.
 */
import { escapeMarkup } from '../src/runtime/escape.ts';
export interface BarPanel {
  title: string;
  /** NaN if a server has no figure. */
  bars: { label: string; value: number; text: string }[];
}

export interface LinePanel {
  title: string;
  /** The points of the horizontal axis, at equal distances. */
  ticks: string[];
  lines: { label: string; values: number[] }[];
  format: (value: number) => string;
}

const panelWidth = 420;
const margin = 20;
const series = ['a', 'b', 'c', 'd'];

/** What programs see that know no style sheets. */
const plain: Readonly<Record<string, string>> = {
  title: 'font-weight="600"',
  quiet: 'fill="#59636e"',
  ground: 'fill="#ffffff"',
  axis: 'stroke="#d1d9e0"',
  a: 'fill="#0969da" stroke="#0969da"',
  b: 'fill="#8c959f" stroke="#8c959f"',
  c: 'fill="#bc4c00" stroke="#bc4c00"',
  d: 'fill="#8250df" stroke="#8250df"',
};

const style = `<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 } .quiet { fill: #59636e } .ground { fill: #ffffff } .axis { stroke: #d1d9e0 }
.a { fill: #0969da; stroke: #0969da } .b { fill: #8c959f; stroke: #8c959f }
.c { fill: #bc4c00; stroke: #bc4c00 } .d { fill: #8250df; stroke: #8250df }
.line { fill: none; stroke-width: 2 } text.a, text.b, text.c, text.d { stroke: none }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc } .quiet { fill: #9198a1 } .ground { fill: #0d1117 } .axis { stroke: #3d444d }
.a { fill: #4493f8; stroke: #4493f8 } .b { fill: #9198a1; stroke: #9198a1 }
.c { fill: #f0883e; stroke: #f0883e } .d { fill: #ab7df8; stroke: #ab7df8 }
}
</style>`;

/** Returns panels in two columns, each with a scale of its own. A server has the same colour in all of them. */
export function barChart(title: string, panels: readonly BarPanel[]): string {
  const rowHeight = 22;
  const labelWidth = 120;
  const height = 46 + Math.max(...panels.map(({ bars }) => bars.length)) * rowHeight;
  return page(title, panels.length, height, (index) => {
    const { title: panelTitle, bars } = panels[index] as BarPanel;
    const largest = Math.max(...bars.map(({ value }) => value).filter((value) => !Number.isNaN(value)), 0);
    const room = panelWidth - labelWidth - 90;
    const rows = bars.map(({ label, value, text: figure }, row) => {
      const y = 30 + row * rowHeight;
      const width = Number.isNaN(value) || largest === 0 ? 0 : Math.max(1, (value / largest) * room);
      return [
        text(labelWidth - 8, y + 12, label, 'quiet', 'end'),
        `<rect ${classed(series[row % series.length] as string)} x="${labelWidth}" y="${y}" width="${round(width)}" height="15" rx="2"/>`,
        text(labelWidth + width + 6, y + 12, figure),
      ].join('');
    });
    return text(0, 14, panelTitle, 'title') + rows.join('\n');
  });
}

/** Returns panels in two columns, with axes from zero upwards. */
export function lineChart(title: string, panels: readonly LinePanel[]): string {
  const plot = { left: 60, top: 30, width: panelWidth - 170, height: 150 };
  return page(title, panels.length, plot.top + plot.height + 40, (index) => {
    const { title: panelTitle, ticks, lines, format } = panels[index] as LinePanel;
    const all = lines.flatMap(({ values }) => values).filter((value) => !Number.isNaN(value));
    const largest = niceAbove(Math.max(...all, 0));
    const x = (tick: number) => plot.left + (ticks.length === 1 ? 0.5 : tick / (ticks.length - 1)) * plot.width;
    const y = (value: number) => plot.top + plot.height * (1 - value / largest);
    const grid = [0, largest / 2, largest].map(
      (value) =>
        `<path ${classed('axis')} d="M${plot.left} ${y(value)}H${plot.left + plot.width}"/>` +
        text(plot.left - 8, y(value) + 4, format(value), 'quiet', 'end'),
    );
    const marks = ticks.map((tick, at) => text(x(at), plot.top + plot.height + 20, tick, 'quiet', 'middle'));
    const labelsAt = apart(lines.map(({ values }) => y(values.filter((value) => !Number.isNaN(value)).at(-1) ?? 0)));
    const drawn = lines.map(({ label, values }, line) => {
      const name = series[line % series.length] as string;
      const points = values.flatMap((value, at) => (Number.isNaN(value) ? [] : [[round(x(at)), round(y(value))]]));
      if (points.length === 0) return '';
      return [
        `<path class="line ${name}" style="fill:none" fill="none" ${strokeOf(name)} d="M${points.map(([px, py]) => `${px} ${py}`).join('L')}"/>`,
        ...points.map(([px, py]) => `<circle ${classed(name)} cx="${px}" cy="${py}" r="3"/>`),
        text(plot.left + plot.width + 10, (labelsAt[line] ?? 0) + 4, label, name),
      ].join('');
    });
    return text(0, 14, panelTitle, 'title') + [...grid, ...marks, ...drawn].join('\n');
  });
}

function page(title: string, panels: number, panelHeight: number, draw: (index: number) => string): string {
  const columns = Math.min(2, panels);
  const rows = Math.ceil(panels / columns);
  const width = margin + columns * (panelWidth + margin);
  const height = 50 + rows * (panelHeight + 10);
  const drawn = Array.from({ length: panels }, (_, index) => {
    const left = margin + (index % columns) * (panelWidth + margin);
    const top = 50 + Math.floor(index / columns) * (panelHeight + 10);
    return `<g transform="translate(${left} ${top})">${draw(index)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img">`,
    `<title>${escapeMarkup(title)}</title>`,
    style,
    `<rect ${classed('ground')} width="${width}" height="${height}"/>`,
    text(margin, 28, title, 'title'),
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

function text(x: number, y: number, content: string, name = '', anchor = 'start'): string {
  const look = `${classed(name)} font-family="sans-serif" font-size="13"`.replace(/ stroke="[^"]*"/, '');
  return `<text ${look} x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escapeMarkup(content)}</text>`;
}

function classed(name: string): string {
  return [`class="${name}"`, plain[name] ?? ''].join(' ').trim();
}

function strokeOf(name: string): string {
  return `${/stroke="[^"]*"/.exec(plain[name] ?? '')?.[0] ?? ''} stroke-width="2"`;
}

/** Returns places at which labels don't cover each other. */
function apart(places: readonly number[]): number[] {
  const result = [...places];
  const order = places.map((_, index) => index).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  for (let next = 1; next < order.length; next++) {
    const above = order[next - 1] as number;
    const below = order[next] as number;
    result[below] = Math.max(result[below] ?? 0, (result[above] ?? 0) + 15);
  }
  return result;
}

/** Returns the next 1, 2 or 5 times a power of ten. */
function niceAbove(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((step) => step * power >= value) ?? 10) * power;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
