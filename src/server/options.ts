/**
 * The options of `startServer`.
 *
 * Owns: the names of the options, and the refusal of every other name. The defaults of limits are in
 * `../config/limits.ts`, the checks of the command line in `../cli/serveOptions.ts`.
 * Next: `server.ts`, docs/embedding.md.
 */
import type { LobbyOptions } from '../chat/lobby.ts';
import { type Limits, limits } from '../config/limits.ts';
import { nearest } from '../config/nearest.ts';
import type { Hash } from '../passwordGate/hash.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Secret } from '../runtime/secret.ts';
import type { FramingMode } from '../transport/lineDecoder.ts';
import type { Inspector } from '../viewer/inspector.ts';
import type { UpgradeOptions } from './upgradeSteps.ts';

/** Descriptors of TCP sockets that listen already, by what is spoken there. */
export interface PassedSockets {
  readonly plain: readonly number[];
  readonly tls: readonly number[];
  /** For the chat's page; then `webPort` only says that there is one. */
  readonly web?: readonly number[];
}

export interface ServerOptions extends Partial<Limits> {
  /** 127.0.0.1 by default: reachable from this machine only. */
  host?: string;
  /** 65432 by default; 0 lets the system pick one. */
  port?: number;
  /**
   * Sockets that listen already; `host`, `port` and `tlsPort` open none then. If there is a certificate and `tls` is
   * empty, `plain` speaks TLS, as `port` does.
   */
  sockets?: PassedSockets | undefined;
  /** Files with the certificate and its private key, in PEM form; without them there is no TLS. */
  tlsCert?: string | undefined;
  tlsKey?: string | undefined;
  /** A port for TLS beside the plain one; without it `port` speaks TLS, if there is a certificate. */
  tlsPort?: number | undefined;
  /** A file with hashes of passwords. Every user has to say one of these; without the file they are not asked. */
  passwordFile?: string | undefined;
  /** A file of names that stay: `ID:HASH` a line. Whoever claims such an id has to say its password. */
  names?: string | undefined;
  /** `on` if every connection comes through a load balancer and begins with its PROXY protocol header. */
  proxyProtocol?: 'on' | 'off' | undefined;
  framing?: FramingMode;
  log?: Log;
  /** The clock of XState and of the transport; the system's by default. */
  clock?: Clock;
  /** The port of the chat's page, on `host`; 0 lets the system pick one. Without it there is no page. */
  webPort?: number | undefined;
  /** Where else the page is, separated by commas: `https://chat.example.org`. Behind a proxy, or under a name. */
  webOrigin?: string | undefined;
  /** `browsers` if only pages may speak WebSocket with the server, and no other programs. */
  webClients?: 'all' | 'browsers' | undefined;
  /** The addresses of proxies that say in X-Forwarded-For whom they come from, separated by commas. */
  webProxy?: string | undefined;
  /** Addresses and networks that many people share, `198.51.100.0/24`, separated by commas: a no there is about one id only. */
  sharedAddresses?: string | undefined;
  /** The port of the live viewer, on 127.0.0.1; 0 lets the system pick one. Without it there is no viewer. */
  viewerPort?: number | undefined;
  /** `on` if lior and golan shall chat while nobody is there. */
  demo?: 'on' | 'off' | undefined;
  /** The port of metrics and health checks, on 127.0.0.1; 0 lets the system pick one. Without it there are none. */
  metricsPort?: number | undefined;
  /** The address of a Redis server, redis://HOST:PORT. Servers with the same one share their directory of users. */
  redis?: string | Secret | undefined;
  /** Servers that share a Redis and this name share their users; `statechat` by default. */
  redisPrefix?: string | undefined;
  /** Redis processes for private chats between servers, with blanks between; the one of `redis` by default. */
  redisLines?: string | Secret | undefined;
  /** Gets what XState reports of the actors, without what users write, addresses, and objects of the program. */
  inspect?: Inspector | undefined;
  /** A Unix socket for the operator (`statechat admin`). Without it there is none. */
  adminSocket?: string | undefined;
  /** A file that keeps the operator's bans; without it they end with the server. */
  bans?: string | undefined;
  /** How an upgrade starts the other process, and the process before, if this one is such an other process. */
  upgrade?: UpgradeOptions | undefined;
  /** Creates the directory, which decides when two users want the same thing; the one in memory by default. */
  createDirectory?: LobbyOptions['createDirectory'];
  /** Hashes passwords; with scrypt by default. */
  hash?: Hash | undefined;
}

/** The options that are no limits. The compiler names those that are missing here. */
const others: Record<Exclude<keyof ServerOptions, keyof Limits>, true> = {
  ...{ host: true, port: true, tlsCert: true, tlsKey: true, tlsPort: true, passwordFile: true, proxyProtocol: true },
  ...{ framing: true, log: true, clock: true, viewerPort: true, metricsPort: true, redis: true, redisPrefix: true },
  ...{ webPort: true, webOrigin: true, webClients: true, webProxy: true, adminSocket: true, bans: true },
  ...{ createDirectory: true, hash: true, inspect: true, demo: true, sockets: true, upgrade: true, names: true },
  ...{ sharedAddresses: true, redisLines: true },
};

export const serverOptionNames: readonly string[] = [...Object.keys(others), ...Object.keys(limits)];

/**
 * Throws a `TypeError` that names the most similar option. Without it, a wrong name in JavaScript would change nothing.
 */
export function refuseUnknownOptions(options: object): void {
  const unknown = Object.keys(options).find((name) => !serverOptionNames.includes(name));
  if (unknown === undefined) return;
  const meant = nearest(unknown, serverOptionNames);
  const hint = meant === undefined ? 'docs/embedding.md lists them.' : `(Did you mean '${meant}'?)`;
  throw new TypeError(`startServer has no option '${unknown}'. ${hint}`);
}
