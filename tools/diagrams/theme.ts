/**
 * What drawings look like, in light and in dark.
 *
 * Owns: colours and weights, as CSS custom properties, so that a page that holds a drawing can change them. The
 * reader's system chooses between the two sets; `data-theme` on the drawing or around it overrules that.
 * Next: `svg.ts`, `plain.ts` (the same for programs that know no such CSS).
 */

const light = {
  page: '#ffffff',
  root: '#f5f7fa',
  outer: '#e9eef8',
  inner: '#dce5f6',
  box: '#ffffff',
  border: '#8fa0b8',
  line: '#52617a',
  ink: '#101828',
  soft: '#475467',
  faint: '#566175',
  guard: '#a63f04',
  keyword: '#7a2fd2',
  target: '#1a57c2',
  waiting: '#0b6b74',
  pill: '#ffffff',
  pillBorder: '#cfd7e3',
};

const dark: typeof light = {
  page: '#0d1117',
  root: '#141a23',
  outer: '#1a2331',
  inner: '#223048',
  box: '#0f1620',
  border: '#5a6b85',
  line: '#93a4bd',
  ink: '#f0f4fa',
  soft: '#c0cad9',
  faint: '#98a5b8',
  guard: '#fbb36b',
  keyword: '#c9a6ff',
  target: '#85b4ff',
  waiting: '#5fd4dc',
  pill: '#0f1620',
  pillBorder: '#3a475b',
};

type Colour = keyof typeof light;

/** What a rule says: properties of SVG, with the names of colours in the place of colours. */
export type Declarations = Readonly<Record<string, string>>;

const boldInk = { 'font-weight': '700', fill: 'ink' };

/**
 * The rules, by selector; a later one wins. A selector is one element, with its parent before `>` where that counts,
 * and classes only. So an element's own attributes can say the same: `plain.ts`.
 */
export const rules: readonly (readonly [selector: string, Declarations])[] = [
  ['.page', { fill: 'page' }],
  ['text', { fill: 'soft' }],
  ['.box', { fill: 'box', stroke: 'border', 'stroke-width': '1.2' }],
  ['.waiting>.box', { stroke: 'waiting', 'stroke-dasharray': '5 3' }],
  ['.inside>.box', { fill: 'outer' }],
  ['.compound>.box', { fill: 'inner' }],
  ['.compound.depth0>.box', { fill: 'root' }],
  ['.compound.depth1>.box', { fill: 'outer' }],
  ['.ring', { fill: 'none', stroke: 'border', 'stroke-width': '1.2' }],
  ['.rule', { fill: 'none', stroke: 'border', 'stroke-width': '.8', opacity: '.6' }],
  ['.name', { 'font-size': '14px', ...boldInk }],
  ['.count', { 'font-size': '12px', 'font-weight': '700', fill: 'waiting', 'text-anchor': 'end' }],
  ['.tag', { 'font-size': '10.5px', fill: 'waiting' }],
  ['.hourglass', { fill: 'waiting' }],
  ['.dot', { fill: 'ink' }],
  ['.line', { fill: 'none', stroke: 'line', 'stroke-width': '1.4' }],
  ['.head', { fill: 'line' }],
  ['.pill', { fill: 'pill', stroke: 'pillBorder' }],
  ['.mark', { fill: 'transparent' }],
  ['.event', boldInk],
  ['.guard', { 'font-weight': '700', fill: 'guard' }],
  ['.action', { fill: 'faint' }],
  ['.keyword', { 'font-style': 'italic', fill: 'keyword' }],
  ['.target', { 'font-weight': '700', fill: 'target' }],
  ['.legend', { fill: 'faint' }],
  ['.middle', { 'text-anchor': 'middle' }],
  ['.lifeline', { stroke: 'border', 'stroke-dasharray': '4 4' }],
  ['.behind', { fill: 'page' }],
  ['.place>rect', { fill: 'inner', stroke: 'border' }],
  ['.place>text', { 'font-size': '11px', ...boldInk }],
  ['.typed>text', boldInk],
  ['.request>text', { fill: 'guard' }],
  ['.update>text', { fill: 'keyword' }],
  ['.channel>.line', { stroke: 'waiting', 'stroke-width': '2' }],
  ['.channel>.head', { fill: 'waiting' }],
  ['.channel>text', { fill: 'waiting' }],
];

const font = 'Inter,Helvetica,Arial,"Liberation Sans",sans-serif';

export const style = `
.drawing{${properties(light)};font:12px ${font}}
@media (prefers-color-scheme:dark){.drawing{${properties(dark)}}}
[data-theme="light"] .drawing,.drawing[data-theme="light"]{${properties(light)}}
[data-theme="dark"] .drawing,.drawing[data-theme="dark"]{${properties(dark)}}
.drawing text{white-space:pre}
${rules.map(([selector, its]) => `.drawing ${selector}{${written(its, (colour) => `var(--${colour})`)}}`).join('\n')}
`;

/** The font and size of all text, as the attributes of a drawing. */
export const plainFont = `font-family="${font.replaceAll('"', "'")}" font-size="12px" xml:space="preserve"`;

/** Returns the colour that has this name by day; the value itself if it names none. */
export function lightColour(value: string): string {
  return Object.hasOwn(light, value) ? light[value as Colour] : value;
}

function properties(theme: typeof light): string {
  return Object.entries(theme)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');
}

function written(its: Declarations, colour: (name: string) => string): string {
  return Object.entries(its)
    .map(([name, value]) => `${name}:${Object.hasOwn(light, value) ? colour(value) : value}`)
    .join(';');
}
