/**
 * The log: one JSON line per fact on standard error, never the text of a message.
 *
 * Owns: the levels and where the log goes. Standard output is for the one line that says where the server listens.
 */
import pino from 'pino';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export type Log = pino.Logger;

export function createLog(level: LogLevel): Log {
  return pino({ name: 'statechat', level, base: { pid: process.pid } }, pino.destination({ fd: 2, sync: true }));
}
