/**
 * The files of the page, and the headers with which they are sent.
 *
 * Owns: which files there are, under which paths; and that a browser loads nothing from elsewhere, runs no code but that of
 * these files, and shows the page in no other page. The paths mirror `src/`, so that a module finds another by the path that
 * it has here. Knows nothing of requests.
 */
import { readFileSync } from 'node:fs';
import { protocolTable } from './protocolTable.ts';

export interface PageFile {
  type: string;
  body: Buffer;
}

const own = [
  ...['index.html', 'chat.css', 'parts.css'],
  ...['dialogue.js', 'faces.js', 'link.js', 'log.js', 'main.js', 'ownChart.js', 'settings.js', 'stage.js', 'words.js'],
];
/** What the page has in common with the viewer, the bundled client and the diagrams. */
const shared = ['viewer/page/colours.css', 'viewer/page/drawing.css', 'viewer/page/drawing.js', 'viewer/page/icon.svg'];

const types: Record<string, string> = {
  html: 'text/html',
  css: 'text/css',
  js: 'text/javascript',
  json: 'application/json',
  svg: 'image/svg+xml',
};

export const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-cache',
} as const;

/**
 * Every file by its path, and the protocol as data; a hundred kilobytes together, so they are kept. `port` says
 * where terminals connect; it is asked when somebody comes.
 */
export function readPageFiles(port: () => number): ReadonlyMap<string, PageFile> {
  const names = [...own.map((name) => `web/page/${name}`), ...shared, 'protocol/sentenceReader.js'];
  const files = new Map(names.map((name) => [`/${name}`, fileOf(name, slim(read(`../${name}`)))]));
  const index = files.get('/web/page/index.html');
  if (index !== undefined) files.set('/', index);
  files.set('/diagrams/session.svg', fileOf('session.svg', slimDrawing(read('../../diagrams/session.svg'))));
  const { type } = fileOf('protocol.json', Buffer.alloc(0));
  const table = protocolTable();
  let body: Buffer | undefined;
  return files.set('/protocol.json', {
    type,
    get body() {
      body ??= Buffer.from(JSON.stringify({ ...table, port: port() }));
      return body;
    },
  });
}

function read(name: string): Buffer {
  return readFileSync(new URL(name, import.meta.url));
}

/** Without comments and the blanks at the beginning of lines, as these files have them: a third of what a phone would load. */
function slim(source: Buffer): Buffer {
  const lines = source
    .toString()
    .replaceAll(/^\s*\/\*[\s\S]*?\*\/\s*$/gm, '')
    .replaceAll(/\/\*\* @type [^*]*\*\/ ?/g, '')
    .split('\n');
  const kept = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('//'));
  // A line that ends so goes on in the next one. In HTML the line feed may be a blank between words.
  const isText = kept[0]?.startsWith('<');
  return Buffer.from(isText ? kept.join('\n') : kept.join('\n').replaceAll(/(?<=[;{,([])\n/g, ''));
}

/**
 * Without what a drawing says once more for programs that know no CSS, and without the places for the viewer's counts, the
 * sentences about transitions, which a phone can't show, and the list of those that share a line: they are in the files of
 * `diagrams/` and in the viewer. Corners that are the same everywhere are a rule for all. Without the styles of drawings of
 * two sessions, too.
 */
function slimDrawing(source: Buffer): Buffer {
  const saidTwice =
    / (?:fill|stroke|opacity|stroke-(?:width|dasharray)|font-(?:family|size|style|weight)|text-anchor)="[^"]*"/g;
  const counts = /<text class="count"[^>]*><\/text>/g;
  const sentences = /(?<=>)<title>[^<]*<\/title>|^<desc>[^<]*<\/desc>\n/gm;
  const elsewhere = /^\.drawing \.(?:count|mark|lifeline|behind|place|typed|request|update|channel)\b.*\n/gm;
  const lists = / data-edges="[^"]*"/g;
  const roles = / (?:role|xml:space)="[^"]*"/g;
  // Where a sentence is shown, if a mouse is there.
  const marks = /<rect class="mark"[^>]*\/>/g;
  const corners = /(?<=class="(?:pill|box)"[^>]*) rx="\d+"/g;
  const unneeded = [saidTwice, counts, sentences, elsewhere, lists, roles, marks, corners];
  const [looks = '', drawn = ''] = source.toString().split('</style>');
  const whole = drawn.replaceAll(/\d+\.\d+/g, (number) => String(Math.round(Number(number))));
  const bare = unneeded
    .reduce((text, each) => text.replaceAll(each, ''), `${looks}</style>${whole}`)
    // A line turns without a curve.
    .replaceAll(/L\d+ \d+Q(\d+ \d+) \d+ \d+/g, 'L$1')
    // The words on a line say what they are in one letter; most of them are actions.
    .replaceAll('<tspan class="action">', '<tspan>')
    .replaceAll('.drawing .action{', '.drawing tspan{')
    .replaceAll(/(?<=<tspan class=")(\w)\w+/g, '$1')
    .replaceAll(/(?<=\.drawing \.)(event|guard|keyword|target)\b/g, ([letter = '']) => letter);
  return Buffer.from(bare.replace('</style>', '.drawing .pill{rx:6px}.drawing .box{rx:9px}\n</style>'));
}

function fileOf(name: string, body: Buffer): PageFile {
  return { type: `${types[name.slice(name.lastIndexOf('.') + 1)] ?? 'text/plain'}; charset=utf-8`, body };
}
