/**
 * The list of a class: a server and a name on each line.
 *
 * Owns: its form.
 */
import { SetupError } from '../runtime/operatorError.ts';

export interface Student {
  readonly host: string;
  readonly port: number;
  readonly name: string;
}

/** Empty lines and lines that begin with # are passed over. Throws a `SetupError` that names the line of a mistake. */
export function parseClass(text: string, file: string): Student[] {
  const students = text.split(/\r?\n/).flatMap((line, index): Student[] => {
    if (/^\s*(?:#|$)/.test(line)) return [];
    const [server = '', ...name] = line.trim().split(/\s+/);
    const address = parseAddress(server);
    if (address === undefined) throw new SetupError(`${file}, line ${index + 1}: it has to be HOST:PORT and a name.`);
    return [{ ...address, name: name.join(' ') || server }];
  });
  if (students.length === 0) throw new SetupError(`${file}: there is no server in it.`);
  return students;
}

/** HOST:PORT, or PORT on this machine; undefined if it is neither. */
export function parseAddress(text: string): { host: string; port: number } | undefined {
  const [, host = '', port = ''] = /^(?:(.*):)?(\d+)$/.exec(text) ?? [];
  const number = Number(port);
  if (port === '' || number < 1 || number > 65_535) return undefined;
  return { host: host.replace(/^\[|\]$/g, '') || '127.0.0.1', port: number };
}
