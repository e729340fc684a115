/**
 * The options of `statechat serve`, in one table: flags, environment, configuration file, help, `--print-config` and
 * docs/options.md follow from it.
 *
 * Owns: which options there are, what they mean, and which values they take. To add one: its row here, its default, if it is
 * a limit, in `../config/limits.ts`, and `npm run docs`. Next: `../config/table.ts` (what a row can say), `../config/sources.ts`.
 * Why a table: decision 14, docs/decisions/0014-one-table-of-options.md.
 */

import {
  fileName,
  ipAddresses,
  type Kind,
  networks,
  oneOf,
  origins,
  rate,
  redisAddress,
  redisAddresses,
  redisPrefix,
  seconds,
  secondsOrZero,
  text,
  wholeNumber,
} from '../config/kinds.ts';
import { limitTable } from '../config/limits.ts';
import { readSettings } from '../config/sources.ts';
import type { Row } from '../config/table.ts';
import { type LogFormat, type LogLevel, logFormats, logLevels } from '../runtime/log.ts';
import { version } from '../runtime/version.ts';
import type { ServerOptions } from '../server/options.ts';
import { createCommand, examples } from './command.ts';

export interface CommandLineOptions extends ServerOptions {
  logLevel: LogLevel;
  logFormat: LogFormat;
  /** Server processes on the same port. */
  workers: number;
}

const count = wholeNumber(1);

const kinds: Record<(typeof limitTable)[keyof typeof limitTable]['kind'], Kind<number>> = {
  ...{ count, countOrZero: wholeNumber(0), rate, seconds, secondsOrZero },
};

/** An address of IP version 6 may stand in brackets, as the server itself says it. */
const address: Kind<string> = { ...text, read: (given) => text.read(given).replace(/^\[(.+)\]$/, '$1') };

export const serveOptions: readonly Row<CommandLineOptions>[] = [
  {
    flag: '--host <host>',
    sets: 'host',
    kind: address,
    default: '127.0.0.1',
    meaning: 'address to listen on; 0.0.0.0 for everybody who can reach this machine',
  },
  {
    flag: '--port <port>',
    sets: 'port',
    kind: wholeNumber(0, 65_535),
    default: 65_432,
    meaning: 'port to listen on; 0 picks a free one',
  },
  {
    flag: '--tls-cert <file>',
    sets: 'tlsCert',
    kind: fileName,
    meaning: 'certificate for TLS, in PEM form; needs --tls-key',
  },
  { flag: '--tls-key <file>', sets: 'tlsKey', kind: fileName, meaning: 'its private key, in PEM form' },
  {
    flag: '--tls-port <port>',
    sets: 'tlsPort',
    kind: wholeNumber(0, 65_535),
    meaning: 'port for TLS, beside --port without it; else --port speaks TLS',
  },
  {
    flag: '--password-file <file>',
    sets: 'passwordFile',
    kind: fileName,
    meaning: 'ask for one of its passwords before the ID',
  },
  {
    flag: '--names <file>',
    sets: 'names',
    kind: fileName,
    meaning: 'IDs that only their password gets; a line is made by statechat name ID',
  },
  {
    flag: '--redis <url>',
    sets: 'redis',
    kind: redisAddress,
    meaning: 'share the users with other servers: redis://HOST:PORT',
  },
  {
    flag: '--redis-prefix <name>',
    sets: 'redisPrefix',
    kind: redisPrefix,
    default: 'statechat',
    meaning: 'servers with another name share no users, even on the same Redis',
  },
  {
    flag: '--redis-lines <url>',
    sets: 'redisLines',
    kind: redisAddresses,
    meaning: 'Redis for chat lines between servers, beside --redis; may be repeated. The same for all servers',
  },
  {
    flag: '--workers <n>',
    sets: 'workers',
    kind: count,
    default: 1,
    meaning: 'server processes on the same port; more than one needs --redis',
  },
  {
    flag: '--proxy-protocol [mode]',
    sets: 'proxyProtocol',
    kind: oneOf(['off', 'on']),
    default: 'off',
    impliedValue: 'on',
    meaning: 'every connection comes through a load balancer that says whose it is',
  },
  {
    flag: '--framing <mode>',
    sets: 'framing',
    kind: oneOf(['auto', 'lines']),
    default: 'auto',
    meaning: 'auto also takes clients that send no line feeds',
  },
  ...(Object.keys(limitTable) as (keyof typeof limitTable)[]).map(limitOption),
  {
    flag: '--shared-addresses <list>',
    sets: 'sharedAddresses',
    kind: networks,
    meaning: 'addresses and networks of many people, as 198.51.100.0/24: there a no is about one ID, not the address',
  },
  {
    flag: '--web [port]',
    sets: 'webPort',
    kind: wholeNumber(0, 65_535),
    impliedValue: 65_435,
    meaning: 'serve the chat to browsers, on --host; 0 picks a free port',
  },
  {
    flag: '--web-origin <urls>',
    sets: 'webOrigin',
    kind: origins,
    meaning: 'under which names browsers find it, as https://chat.example.org; only needed if not by its address',
  },
  {
    flag: '--web-clients <who>',
    sets: 'webClients',
    kind: oneOf(['all', 'browsers']),
    default: 'all',
    meaning: 'browsers shuts out other programs that speak WebSocket',
  },
  {
    flag: '--web-proxy <addresses>',
    sets: 'webProxy',
    kind: ipAddresses,
    meaning: 'proxies whose X-Forwarded-For says whom they come from',
  },
  {
    flag: '--viewer [port]',
    sets: 'viewerPort',
    kind: wholeNumber(0, 65_535),
    impliedValue: 65_433,
    meaning: 'serve the live viewer on this machine; 0 picks a free port',
  },
  {
    flag: '--demo [mode]',
    sets: 'demo',
    kind: oneOf(['off', 'on']),
    default: 'off',
    impliedValue: 'on',
    meaning: 'lior and golan chat while nobody is there, for the viewer to show',
  },
  {
    flag: '--metrics [port]',
    sets: 'metricsPort',
    kind: wholeNumber(0, 65_535),
    impliedValue: 65_434,
    meaning: 'serve metrics and health checks on this machine; 0 picks a free port',
  },
  {
    flag: '--admin-socket <path>',
    sets: 'adminSocket',
    kind: fileName,
    meaning: 'Unix socket for the operator: statechat admin --socket PATH',
  },
  {
    flag: '--bans <file>',
    sets: 'bans',
    kind: fileName,
    meaning: "keep the operator's bans in this file, across a restart",
  },
  {
    flag: '--log-level <level>',
    sets: 'logLevel',
    kind: oneOf(logLevels),
    default: 'info',
    meaning: 'what to log on standard error, never the text of a message',
  },
  {
    flag: '--log-format <format>',
    sets: 'logFormat',
    kind: oneOf(logFormats),
    default: 'auto',
    meaning: 'form of the log; auto is pretty on a terminal, json elsewhere',
  },
];

/** What the table of limits says of one, as an option. */
function limitOption(sets: keyof typeof limitTable): Row<CommandLineOptions> {
  const { flag, kind, meaning, default: value } = limitTable[sets];
  return { flag, sets, kind: kinds[kind], meaning, default: value } as Row<CommandLineOptions>;
}

/** Prints what was asked for, or one line about a bad option, and then ends the process, as commander does. */
export function parseOptions(argv: readonly string[], onWarning?: (warning: string) => void): CommandLineOptions {
  const command = createCommand('statechat serve', 'statechat')
    .description('Runs the server. Connect with: statechat connect, or nc 127.0.0.1 65432')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText(
      'after',
      `\nEvery option can be given in the environment, --rate-limit 5 as
STATECHAT_RATE_LIMIT=5, and in the file that --config names, as "rate-limit": 5.
The command line wins over the environment, and that over the file.`,
    )
    .addHelpText(
      'after',
      examples(
        'statechat serve',
        'statechat serve --host 0.0.0.0 --port 7000 --log-level warn',
        'statechat serve --config chat.json --print-config',
      ),
    );
  return { logLevel: 'info', logFormat: 'auto', workers: 1, ...readSettings(command, serveOptions, argv, onWarning) };
}
