/**
 * The server's command line: which options there are, what they mean, and which values they take. Each can also be given in the
 * environment: `--max-connections` as `STATECHAT_MAX_CONNECTIONS`; the command line wins.
 *
 * Owns: the reading of arguments into `ServerOptions`. To add a limit: its line here, its default in `limits.ts`, its
 * row in the README.
 */
import { InvalidArgumentError, Option } from 'commander';
import { createCommand, version } from './commandLine.ts';
import { type Limits, limits } from './limits.ts';
import { type LogLevel, logLevels } from './log.ts';
import type { ServerOptions } from './server.ts';
import type { FramingMode } from './wire/framing.ts';

export interface CommandLineOptions extends ServerOptions {
  logLevel: LogLevel;
}

interface LimitOption {
  flag: string;
  limit: keyof Limits;
  meaning: string;
  /** Times are given in seconds and kept in ms. */
  unit: 'count' | 'seconds' | 'perSecond';
  /** 0 means that there is no limit. */
  zeroIsNone?: true;
}

const limitOptions: readonly LimitOption[] = [
  { flag: '--max-connections <n>', limit: 'maxConnections', meaning: 'connections at once', unit: 'count' },
  {
    ...{ flag: '--max-per-address <n>', limit: 'maxPerAddress', unit: 'count', zeroIsNone: true },
    meaning: "connections at once from one address, this machine's excepted",
  },
  { flag: '--id-timeout <seconds>', limit: 'idTimeoutMs', meaning: 'time to give an id', unit: 'seconds' },
  { flag: '--id-tries <n>', limit: 'idTries', meaning: 'refused ids before the connection ends', unit: 'count' },
  {
    ...{ flag: '--handshake-timeout <seconds>', limit: 'handshakeMs', unit: 'seconds' },
    meaning: 'time for the TLS handshake',
  },
  {
    ...{ flag: '--password-tries <n>', limit: 'passwordTries', unit: 'count' },
    meaning: 'wrong passwords before the connection ends',
  },
  {
    ...{ flag: '--password-checks <n>', limit: 'passwordChecks', unit: 'count' },
    meaning: 'passwords checked at the same time',
  },
  {
    ...{ flag: '--password-queue <n>', limit: 'passwordQueue', unit: 'count' },
    meaning: 'passwords that may wait for their check',
  },
  { flag: '--max-line <bytes>', limit: 'maxLineBytes', meaning: 'longest line', unit: 'count' },
  {
    ...{ flag: '--max-unterminated <bytes>', limit: 'maxUnterminatedBytes', unit: 'count' },
    meaning: 'bytes without a line feed before the connection ends',
  },
  {
    ...{ flag: '--rate-limit <lines>', limit: 'rateLimit', unit: 'perSecond', zeroIsNone: true },
    meaning: 'lines per second from one person in the long run',
  },
  {
    ...{ flag: '--rate-burst <lines>', limit: 'rateBurst', unit: 'count' },
    meaning: 'lines from one person that may come at once',
  },
  {
    ...{ flag: '--requests-per-minute <n>', limit: 'requestsPerMinute', unit: 'count', zeroIsNone: true },
    meaning: 'chat requests per minute from one person',
  },
  {
    ...{ flag: '--request-timeout <seconds>', limit: 'requestTimeoutMs', unit: 'seconds' },
    meaning: 'time to answer a chat request',
  },
  {
    ...{ flag: '--outbox-soft <bytes>', limit: 'outboxSoftBytes', unit: 'count' },
    meaning: 'bytes waiting for a reader from which on senders wait',
  },
  {
    ...{ flag: '--outbox <bytes>', limit: 'outboxBytes', unit: 'count' },
    meaning: 'bytes that may wait for one slow reader',
  },
  {
    ...{ flag: '--outbox-total <bytes>', limit: 'outboxTotalBytes', unit: 'count' },
    meaning: 'bytes that may wait for all slow readers',
  },
  {
    ...{ flag: '--stall-timeout <seconds>', limit: 'stallMs', unit: 'seconds' },
    meaning: 'time a reader may take nothing',
  },
  {
    ...{ flag: '--idle-timeout <seconds>', limit: 'idleMs', unit: 'seconds', zeroIsNone: true },
    meaning: 'time a person may type nothing',
  },
  {
    ...{ flag: '--keep-alive <seconds>', limit: 'keepAliveMs', unit: 'seconds', zeroIsNone: true },
    meaning: 'silence before the system asks whether the other side is there',
  },
  {
    ...{ flag: '--announce-limit <users>', limit: 'announceLimit', unit: 'count' },
    meaning: 'tell the menu who comes and goes while at most this many are online',
  },
];

const fileOptions: readonly [flags: string, meaning: string][] = [
  ['--tls-cert <file>', 'certificate for TLS, in PEM form; needs --tls-key'],
  ['--tls-key <file>', 'its private key, in PEM form'],
  ['--password-file <file>', 'ask for one of its passwords before the ID'],
];

/** Prints help, version or one line about a bad option, and then ends the process, as commander does. */
export function parseOptions(argv: readonly string[]): CommandLineOptions {
  const program = createCommand('statechat', 'statechat')
    .description('A text chat server over TCP. Connect with: npm run client, or nc 127.0.0.1 65432')
    .version(version)
    .addOption(fromEnvironment(new Option('--host <host>', 'address to listen on').default('127.0.0.1')))
    .addOption(
      fromEnvironment(
        new Option('--port <port>', 'port to listen on; 0 picks a free one')
          .default(65_432)
          .argParser(wholeNumber(0, 65_535)),
      ),
    )
    .addOption(
      fromEnvironment(
        new Option('--framing <mode>', 'auto also takes clients that send no line feeds')
          .choices(['auto', 'lines'])
          .default('auto'),
      ),
    );
  for (const [flags, meaning] of fileOptions) program.addOption(fromEnvironment(new Option(flags, meaning)));
  program.addOption(
    fromEnvironment(
      new Option('--tls-port <port>', 'port for TLS, beside --port without it; else --port speaks TLS').argParser(
        wholeNumber(0, 65_535),
      ),
    ),
  );
  for (const each of limitOptions) program.addOption(fromEnvironment(optionOf(each)));
  program
    .addOption(
      fromEnvironment(
        new Option('--log-level <level>', 'what to log on standard error').choices(logLevels).default('info'),
      ),
    )
    .addHelpText('after', '\nEvery option can be given in the environment:\n--rate-limit 5 as STATECHAT_RATE_LIMIT=5.')
    .parse(argv as string[], { from: 'user' });
  const { host, port, framing, logLevel, tlsCert, tlsKey, tlsPort, passwordFile, ...rest } = program.opts<{
    tlsCert?: string;
    tlsKey?: string;
    tlsPort?: number;
    passwordFile?: string;
    host: string;
    port: number;
    framing: FramingMode;
    logLevel: LogLevel;
  }>();
  const values = rest as Record<string, number>;
  const limited = limitOptions.map((each) => [
    each.limit,
    inMs(each, values[optionOf(each).attributeName()] as number),
  ]);
  const access = { tlsCert, tlsKey, tlsPort, passwordFile };
  return { host, port, framing, logLevel, ...access, ...Object.fromEntries(limited) };
}

function optionOf({ flag, limit, meaning, unit, zeroIsNone }: LimitOption): Option {
  const preset = unit === 'seconds' ? limits[limit] / 1000 : limits[limit];
  const least = zeroIsNone || limit === 'announceLimit' ? 0 : 1;
  const option = new Option(flag, zeroIsNone ? `${meaning}; 0 for no limit` : meaning).default(preset);
  if (unit === 'count') return option.argParser(wholeNumber(least, Number.MAX_SAFE_INTEGER));
  return option.argParser(decimal(unit === 'seconds' ? 'seconds' : 'lines per second', Boolean(zeroIsNone)));
}

function inMs({ unit }: LimitOption, value: number): number {
  return unit === 'seconds' ? value * 1000 : value;
}

function fromEnvironment(option: Option): Option {
  return option.env(`STATECHAT_${option.name().replaceAll('-', '_').toUpperCase()}`);
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

function decimal(unit: string, mayBeZero: boolean): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^\d+(\.\d+)?$/.test(value) || (number <= 0 && !mayBeZero) || number > maxTimerSeconds) {
      const least = mayBeZero ? 'from 0' : 'above 0 and at most';
      throw new InvalidArgumentError(
        `It must be a number of ${unit} ${least}${mayBeZero ? ' to' : ''} ${maxTimerSeconds}.`,
      );
    }
    return number;
  };
}
