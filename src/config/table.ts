/**
 * A table of options: a row says all there is to say about one. Flags, environment, file, help, `--print-config` and the page
 * of options follow from it.
 *
 * Owns: what a row holds and the names that follow from it. Next: `kinds.ts` (which values there are), `sources.ts` (who gives them).
 */
import type { Kind } from './kinds.ts';

interface RowOf<T, Name> {
  /** `--port <port>`, or `--viewer [port]` if it may stand alone. */
  flag: string;
  /** The property that it sets. */
  sets: Name;
  meaning: string;
  kind: Kind<T>;
  /** Its value if nobody gives it; without one, it isn't set then. */
  default?: T;
  /** Its value if it stands alone. In the environment and in a file that is `true`; everywhere `false` is: not set. */
  impliedValue?: T;
}

/** A row for one of the properties of `Values`. */
export type Row<Values> = { [Name in keyof Values]-?: RowOf<NonNullable<Values[Name]>, Name> }[keyof Values];

/** What is the same for the rows of all tables. */
export type AnyRow = RowOf<unknown, PropertyKey>;

/** `port` of `--port <port>`. */
export function nameOf({ flag }: { flag: string }): string {
  return /^--([a-z-]+)/.exec(flag)?.[1] ?? flag;
}

export function variableOf(row: { flag: string }): string {
  return `STATECHAT_${nameOf(row).replaceAll('-', '_').toUpperCase()}`;
}

/** The text of its value if nobody gives it; undefined if it isn't set then. */
export function defaultOf({ default: value, kind }: AnyRow): string | undefined {
  return value === undefined ? undefined : kind.show(value);
}

/** Throws `InvalidArgumentError` for a text that is wrong; returns undefined for one that says: not set. */
export function readValue({ impliedValue, kind }: AnyRow, text: string): unknown {
  if (impliedValue !== undefined && text === 'true') return impliedValue;
  if (impliedValue !== undefined && text === 'false') return undefined;
  return kind.read(text);
}
