/**
 * The server's command line: which options there are, what they mean, and which values they take.
 *
 * Owns: the reading of arguments into `ServerOptions`. To add an option: its line here, its default in `limits.ts`, its
 * row in the README.
 */
import { InvalidArgumentError, Option } from 'commander';
import { createCommand, version } from './commandLine.ts';
import { limits } from './limits.ts';
import { type LogLevel, logLevels } from './log.ts';
import type { ServerOptions } from './server.ts';
import type { FramingMode } from './wire/framing.ts';

export interface CommandLineOptions extends ServerOptions {
  logLevel: LogLevel;
}

/** Prints help, version or one line about a bad option, and then ends the process, as commander does. */
export function parseOptions(argv: readonly string[]): CommandLineOptions {
  const program = createCommand('statechat', 'statechat')
    .description('A text chat server over TCP. Connect with: npm run client, or nc 127.0.0.1 65432')
    .version(version)
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 picks a free one', wholeNumber(0, 65_535), 65_432)
    .addOption(
      new Option('--framing <mode>', 'auto also takes clients that send no line feeds')
        .choices(['auto', 'lines'])
        .default('auto'),
    )
    .option(
      '--request-timeout <seconds>',
      'time to answer a chat request',
      positiveSeconds,
      limits.requestTimeoutMs / 1000,
    )
    .option(
      '--announce-limit <users>',
      'tell the menu who comes and goes while at most this many are online',
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
      limits.announceLimit,
    )
    .addOption(new Option('--log-level <level>', 'what to log on standard error').choices(logLevels).default('info'))
    .parse(argv as string[], { from: 'user' });
  const options = program.opts<{
    host: string;
    port: number;
    framing: FramingMode;
    requestTimeout: number;
    announceLimit: number;
    logLevel: LogLevel;
  }>();
  return {
    host: options.host,
    port: options.port,
    framing: options.framing,
    requestTimeoutMs: options.requestTimeout * 1000,
    announceLimit: options.announceLimit,
    logLevel: options.logLevel,
  };
}

function wholeNumber(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < min || number > max) {
      throw new InvalidArgumentError(`It must be a whole number from ${min}${max < 1e9 ? ` to ${max}` : ''}.`);
    }
    return number;
  };
}

/** The longest delay a timer takes, in seconds: 2^31 - 1 ms. */
const maxTimerSeconds = 2_147_483;

function positiveSeconds(value: string): number {
  const seconds = Number(value);
  if (!/^\d+(\.\d+)?$/.test(value) || seconds <= 0 || seconds > maxTimerSeconds) {
    throw new InvalidArgumentError(`It must be a number of seconds above 0 and at most ${maxTimerSeconds}.`);
  }
  return seconds;
}
