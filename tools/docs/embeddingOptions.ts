/**
 * The table of options in `docs/embedding.md`, from the server's table of options.
 *
 * Owns: the table's form, and the rows of options that the command line doesn't have. All else on the page is written
 * by hand.
 * Next: `../../src/cli/serveOptions.ts`, `../../src/server/options.ts` (which names there are).
 */
import { serveOptions } from '../../src/cli/serveOptions.ts';
import { limits } from '../../src/config/limits.ts';
import { type AnyRow, nameOf } from '../../src/config/table.ts';
import { serverOptionNames } from '../../src/server/options.ts';

interface PageRow {
  name: string;
  default: string;
  meaning: string;
}

const head = '| Option | Unit | Default | Meaning |\n| --- | --- | --- | --- |\n';

const notOnTheCommandLine: readonly PageRow[] = [
  {
    name: 'lingerMs',
    default: code(limits.lingerMs),
    meaning: 'how long a user who was told goodbye may take to close',
  },
  { name: 'drainMs', default: code(limits.drainMs), meaning: 'how long `stop()` waits before it cuts connections off' },
  {
    name: 'sockets',
    default: 'none',
    meaning:
      '`plain`, `tls` and `web`: descriptors of sockets that listen already; `host` and `port` open none beside them',
  },
  {
    name: 'upgrade',
    default: 'none',
    meaning: 'how the operator’s `upgrade` starts the process that takes over; see `src/cli/upgrade.ts`',
  },
  { name: 'log', default: 'nothing is logged', meaning: 'a pino logger' },
  {
    name: 'clock',
    default: "the system's",
    meaning: '`setTimeout`, `clearTimeout` and `now` (in ms), for tests that step the time',
  },
  {
    name: 'createDirectory',
    default: 'in memory',
    meaning: 'makes the directory of users, which decides when two want the same; not together with `redis`',
  },
  {
    name: 'inspect',
    default: 'nobody',
    meaning:
      'a function, or an object with `next`, that gets what XState reports: [Watching the actors](#watching-the-actors)',
  },
  { name: 'hash', default: 'scrypt', meaning: 'how passwords are hashed; for tests, where scrypt takes too long' },
];

/** Returns the page with a new table. Throws if the page has no such table, or if an option has no row. */
export function withEmbeddingOptions(page: string): string {
  const start = page.indexOf(head);
  if (start === -1) throw new Error('docs/embedding.md has no table of options.');
  const end = page.indexOf('\n\n', start);
  const shared = (serveOptions as unknown as readonly AnyRow[]).filter(({ sets }) => isOption(sets)).map(pageRowOf);
  const rows = [...shared, ...notOnTheCommandLine];
  const missing = serverOptionNames.filter((option) => !rows.some(({ name }) => name === option));
  if (missing.length > 0) throw new Error(`docs/embedding.md needs a row for ${missing.join(', ')}.`);
  return page.slice(0, start) + head + rows.map(lineOf).join('\n') + page.slice(end);
}

function isOption(name: PropertyKey): boolean {
  return serverOptionNames.includes(String(name));
}

function pageRowOf({ sets, default: value, kind, meaning }: AnyRow): PageRow {
  const choices = kind.choices === undefined ? '' : `; ${kind.choices.map(code).join(', ')}`;
  return {
    name: String(sets),
    default: value === undefined ? '' : code(value),
    meaning: `${meaning.replace(/--[a-z-]+/g, propertyOf)}${choices}`,
  };
}

/** Returns `tlsKey` for `--tls-key`. */
function propertyOf(flag: string): string {
  const row = serveOptions.find((each) => `--${nameOf(each)}` === flag);
  return row === undefined ? flag : `\`${row.sets}\``;
}

function lineOf(row: PageRow): string {
  return `| \`${row.name}\` | ${unitOf(row.name)} | ${row.default} | ${row.meaning} |`;
}

function unitOf(name: string): string {
  return name.endsWith('Ms') ? 'ms' : name.endsWith('Bytes') ? 'bytes' : '';
}

/** Returns a value as it is written in a program. */
function code(value: unknown): string {
  return `\`${typeof value === 'string' ? `'${value}'` : String(value)}\``;
}
