/**
 * What can be given to `startServer`.
 *
 * Owns: the names of the options, and the refusal of every other name. Defaults of limits are in `../config/limits.ts`; what
 * is right on the command line is in `../cli/serveOptions.ts`. Next: `server.ts`, docs/embedding.md.
 */
import type { LobbyOptions } from '../chat/lobby.ts';
import { type Limits, limits } from '../config/limits.ts';
import { nearest } from '../config/nearest.ts';
import type { Hash } from '../passwordGate/hash.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Secret } from '../runtime/secret.ts';
import type { FramingMode } from '../transport/lineDecoder.ts';

export interface ServerOptions extends Partial<Limits> {
  /** 127.0.0.1 by default: reachable from this machine only. */
  host?: string;
  /** 65432 by default; 0 lets the system pick one. */
  port?: number;
  /** Files with the certificate and its private key, in PEM form; without them there is no TLS. */
  tlsCert?: string | undefined;
  tlsKey?: string | undefined;
  /** A port for TLS beside the plain one; without it `port` speaks TLS, if there is a certificate. */
  tlsPort?: number | undefined;
  /** A file with hashes of passwords, one of which everybody has to say; without it nobody is asked. */
  passwordFile?: string | undefined;
  /** `on` if every connection comes through a load balancer that says so in a PROXY protocol header. */
  proxyProtocol?: 'on' | 'off' | undefined;
  framing?: FramingMode;
  log?: Log;
  /** XState's clock and the transport's; the system's by default. */
  clock?: Clock;
  /** Where the live viewer listens, on 127.0.0.1; 0 lets the system pick a port. Without it there is no viewer. */
  viewerPort?: number | undefined;
  /** Where metrics and health checks are, on 127.0.0.1; 0 lets the system pick a port. Without it there are none. */
  metricsPort?: number | undefined;
  /** The address of a Redis server, redis://HOST:PORT: this process shares its directory of users with others. */
  redis?: string | Secret | undefined;
  /** Who decides when two want the same thing; in memory by default. */
  createDirectory?: LobbyOptions['createDirectory'];
  /** What passwords are hashed with; scrypt by default. */
  hash?: Hash | undefined;
}

/** What is no limit. The compiler names what is missing here. */
const others: Record<Exclude<keyof ServerOptions, keyof Limits>, true> = {
  ...{ host: true, port: true, tlsCert: true, tlsKey: true, tlsPort: true, passwordFile: true, proxyProtocol: true },
  ...{ framing: true, log: true, clock: true, viewerPort: true, metricsPort: true, redis: true },
  ...{ createDirectory: true, hash: true },
};

export const serverOptionNames: readonly string[] = [...Object.keys(others), ...Object.keys(limits)];

/** Throws a `TypeError` that names the nearest right name: in JavaScript a wrong one would silently change nothing. */
export function refuseUnknownOptions(options: object): void {
  const unknown = Object.keys(options).find((name) => !serverOptionNames.includes(name));
  if (unknown === undefined) return;
  const meant = nearest(unknown, serverOptionNames);
  const hint = meant === undefined ? 'docs/embedding.md lists them.' : `(Did you mean '${meant}'?)`;
  throw new TypeError(`startServer has no option '${unknown}'. ${hint}`);
}
