/**
 * The faults that Stryker knows, put into source files all at once: each is asleep until it is chosen by its number.
 *
 * Owns: how Stryker's instrumenter is called, and how a fault is named. Knows nothing of tests.
 */
import { readFileSync } from 'node:fs';
import { Instrumenter } from '@stryker-mutator/instrumenter';

export interface Mutant {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The line as it stands, what of it is replaced, and by what: a name that holds when other lines change. */
  readonly name: string;
  /** Where in the file it begins and ends, in UTF-16 units. */
  readonly from: number;
  readonly to: number;
  readonly replacement: string;
  /** The whole file with this fault, where it can't sleep among the others. */
  readonly text?: string;
}

export interface Instrumented {
  /** Path → source with all faults in it. */
  readonly sources: Record<string, string>;
  mutants: Mutant[];
}

const quiet = { isDebugEnabled: () => false, debug() {}, info() {}, warn: console.warn };

export async function instrument(files: readonly string[]): Promise<Instrumented> {
  const originals = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));
  const inputs = [...originals].map(([name, content]) => ({ name, content, mutate: true }));
  // biome-ignore lint/suspicious/noExplicitAny: of the logger it uses these methods only.
  const { files: changed, mutants } = await new Instrumenter(quiet as any).instrument(inputs, {
    plugins: null,
    excludedMutations: [],
    ignorers: [],
  });
  return {
    sources: Object.fromEntries(changed.map(({ name, content }) => [name, content])),
    mutants: mutants.map(({ id, fileName: file, location: { start, end }, replacement }) => {
      const source = originals.get(file) as string;
      const lines = source.split('\n');
      const at = ({ line, column }: { line: number; column: number }): number =>
        lines.slice(0, line).reduce((sum, text) => sum + text.length + 1, 0) + column;
      const [from, to] = [at(start), at(end)];
      const change = `${inShort(source.slice(from, to))} → ${inShort(replacement)}`;
      const name = `${inShort(lines[start.line] as string, 100)} | ${change}`;
      return { id, file, line: start.line + 1, column: start.column + 1, name, from, to, replacement };
    }),
  };
}

function inShort(code: string, most = 60): string {
  const line = code.replaceAll(/\s+/g, ' ').trim();
  return line.length <= most ? line : `${line.slice(0, most)}…`;
}
