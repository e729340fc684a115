/**
 * The log: one fact per line on standard error, never the text of a message.
 *
 * Owns: the levels, where the log goes, and its form. Standard output is for the lines that say where the server listens.
 * Next: `prettyLog.ts` (how it looks on a terminal), `outputWriter.ts` (what happens when nobody takes the lines).
 */
import { isatty } from 'node:tty';
import pino from 'pino';
import { standardError } from './outputWriter.ts';
import { prettyLine } from './prettyLog.ts';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export const logFormats = ['auto', 'json', 'pretty'] as const;
/** `auto` is for people where standard error is a terminal, and for programs elsewhere. */
export type LogFormat = (typeof logFormats)[number];

export type Log = pino.Logger;

export function createLog(level: LogLevel, format: LogFormat = 'json'): Log {
  const isPretty = format === 'pretty' || (format === 'auto' && isatty(2));
  const write = (line: string): void => standardError.write(isPretty ? prettyLine(line) : line);
  const log: Log = pino({ name: 'statechat', level, base: { pid: process.pid } }, { write });
  if (level !== 'silent') {
    standardError.onLoss = (lines, reason) => log.error({ lines, reason }, 'lines of the log were lost');
  }
  return log;
}
