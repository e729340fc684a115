/**
 * The address of the Redis that holds the directory: one server, or several that know together which one it is.
 *
 * Owns: its form, and one sentence for each mistake, in which no part of the address stands: whatever is wrong with it may
 * be a part of the password. Also how a password is taken out of a text that was meant for something else.
 * Next: `../cluster/redisPlace.ts` (asks the several servers).
 */
import { SetupError } from './operatorError.ts';
import { Secret } from './secret.ts';

/** Where a server listens: at a port, or at a socket of this machine. */
export type RedisPlace = { host: string; port: number } | { path: string };

export interface RedisAddress {
  /** Who knows which server it is: the address itself, the Sentinels at these places, or any node of the Cluster. */
  knownBy: 'address' | 'sentinel' | 'cluster';
  places: readonly RedisPlace[];
  /** What the Sentinels call it; empty without them. */
  primaryName: string;
  isSecure: boolean;
  username: string | undefined;
  password: Secret | undefined;
  database: number;
  /** For logs and messages: without user name and password. */
  shown: string;
}

/** What stands behind the user and the password. */
interface Form {
  readonly knownBy: RedisAddress['knownBy'];
  /** Where no port is given; undefined for a form without ports. */
  readonly defaultPort: number | undefined;
  /** Its groups: the hosts or the path, the name of the primary, the database. */
  readonly place: RegExp;
  readonly looks: string;
}

const host = String.raw`(?:\[[\da-f:.]+\]|[\w.-]+)(?::\d{1,5})?`;
const hosts = `${host}(?:,${host})*`;

const forms: Readonly<Record<string, Form>> = {
  redis: {
    ...{ knownBy: 'address', defaultPort: 6379, looks: 'HOST:PORT/DATABASE' },
    place: new RegExp(String.raw`^(${host})()(?:/(\d{0,9}))?$`, 'i'),
  },
  unix: {
    ...{ knownBy: 'address', defaultPort: undefined, looks: '/PATH/OF/THE/SOCKET?db=DATABASE' },
    place: /^(\/[^?#]+)()(?:\?db=(\d{1,9}))?$/,
  },
  sentinel: {
    ...{ knownBy: 'sentinel', defaultPort: 26_379, looks: 'HOST:PORT,HOST:PORT/NAME/DATABASE' },
    place: new RegExp(String.raw`^(${hosts})/([\w.-]+)(?:/(\d{0,9}))?$`, 'i'),
  },
  cluster: {
    ...{ knownBy: 'cluster', defaultPort: 6379, looks: 'HOST:PORT,HOST:PORT' },
    place: new RegExp(`^(${hosts})()()/?$`, 'i'),
  },
};

const schemes = /^(?:(rediss?)|(?:redis\+)?(unix)|rediss?\+(sentinel|cluster)):\/\/(.*)$/is;

/** Throws a `SetupError`, whose message begins with "It", meaning the address. */
export function readRedisAddress(text: string): RedisAddress {
  const [, one = '', socket = '', many = '', rest = ''] = schemes.exec(text) ?? [];
  const form = forms[(one && 'redis') || (socket && 'unix') || many.toLowerCase()];
  if (form === undefined)
    throw new SetupError(`It must be redis://HOST:PORT, or rediss://HOST:PORT for TLS. ${others}`);
  const scheme = text.slice(0, text.indexOf(':')).toLowerCase();
  // A password that isn't encoded may hold an @ itself.
  const at = rest.lastIndexOf('@');
  const [username, password] = credentialsOf(at < 0 ? '' : rest.slice(0, at));
  const given = rest.slice(at + 1);
  const [, where = '', primaryName = '', database = ''] = form.place.exec(given) ?? [];
  const places = placesOf(where, form.defaultPort);
  if (where === '' || places.some((place) => 'port' in place && place.port > 65_535)) {
    const hint = one && given.includes(',') ? ' Several hosts need redis+sentinel:// or redis+cluster://.' : '';
    throw new SetupError(
      `It must be ${scheme}://${form.looks}, or ${scheme}://USER:PASSWORD@${form.looks}.${hint} ${encodingHint}`,
    );
  }
  return {
    ...{ knownBy: form.knownBy, places, primaryName, isSecure: scheme.startsWith('rediss'), username, password },
    database: Number(database),
    shown: `${scheme}://${at < 0 ? '' : '***@'}${given}`,
  };
}

/** Hosts with commas between, or a path if there is no port to listen at. */
function placesOf(where: string, defaultPort: number | undefined): RedisPlace[] {
  if (defaultPort === undefined) return [{ path: where }];
  return where.split(',').map((each) => {
    const [, ipv6, name = '', port = String(defaultPort)] = /^(?:\[(.+)\]|([^:]*))(?::(\d+))?$/.exec(each) ?? [];
    return { host: ipv6 ?? name, port: Number(port) };
  });
}

const others = 'docs/scale-out.md has the forms for a Unix socket, Sentinels and a Cluster.';

/** What stands for the password, and all before it, in a text that may hold an address. */
export function withoutPassword(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]*:\/\/).*@/gis, '$1***@');
}

const encodingHint = 'In a password, write @ as %40, / as %2F, ? as %3F, # as %23, % as %25 and a blank as %20.';

function credentialsOf(text: string): [username: string | undefined, password: Secret | undefined] {
  const [, username = '', password] = /^([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  if (/[\s/?#\\]/.test(text)) {
    throw new SetupError(`It has a user name or a password with a character that must be encoded. ${encodingHint}`);
  }
  try {
    return [
      username === '' ? undefined : decodeURIComponent(username),
      password === undefined || password === '' ? undefined : new Secret(decodeURIComponent(password)),
    ];
  } catch {
    throw new SetupError(`It has a % in its user name or password that begins no code of a character. ${encodingHint}`);
  }
}
