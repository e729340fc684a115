/**
 * The log: one fact per line on standard error, never the text of a message.
 *
 * Owns: the levels, where the log goes, and its form. Standard output is for the lines that say where the server listens.
 * Next: `prettyLog.ts` (how it looks on a terminal).
 */
import pino from 'pino';
import { prettyLine } from './prettyLog.ts';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export const logFormats = ['auto', 'json', 'pretty'] as const;
/** `auto` is for people where standard error is a terminal, and for programs elsewhere. */
export type LogFormat = (typeof logFormats)[number];

export type Log = pino.Logger;

export function createLog(level: LogLevel, format: LogFormat = 'json'): Log {
  const stderr = pino.destination({ fd: 2, sync: true });
  const isPretty = format === 'pretty' || (format === 'auto' && process.stderr.isTTY);
  const destination = isPretty ? { write: (line: string) => stderr.write(prettyLine(line)) } : stderr;
  return pino({ name: 'statechat', level, base: { pid: process.pid } }, destination);
}
