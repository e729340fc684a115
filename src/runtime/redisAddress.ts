/**
 * The address of a Redis server, redis://USER:PASSWORD@HOST:PORT/DATABASE.
 *
 * Owns: its form, and one sentence for each mistake, in which no part of the address stands: whatever is wrong with it may
 * be a part of the password. Also how a password is taken out of a text that was meant for something else.
 */
import { SetupError } from './operatorError.ts';
import { Secret } from './secret.ts';

export interface RedisAddress {
  isSecure: boolean;
  host: string;
  port: number;
  username: string | undefined;
  password: Secret | undefined;
  database: number;
  /** For logs and messages: without user name and password. */
  shown: string;
}

const defaultPort = 6379;

/** Throws a `SetupError`, whose message begins with "It", meaning the address. */
export function readRedisAddress(text: string): RedisAddress {
  const [, scheme = '', rest = ''] = /^(rediss?):\/\/(.*)$/is.exec(text) ?? [];
  if (scheme === '') throw new SetupError('It must be redis://HOST:PORT, or rediss://HOST:PORT for TLS.');
  // A password that isn't encoded may hold an @ itself.
  const at = rest.lastIndexOf('@');
  const [username, password] = credentialsOf(at < 0 ? '' : rest.slice(0, at));
  const place = rest.slice(at + 1);
  const form = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?(?:\/(\d{0,9}))?$/i;
  const [, ipv6, name, port = String(defaultPort), database = ''] = form.exec(place) ?? [];
  const host = ipv6 ?? name;
  if (host === undefined || Number(port) > 65_535) {
    throw new SetupError(
      `It must be redis://HOST:PORT/DATABASE, or redis://USER:PASSWORD@HOST:PORT/DATABASE. ${encodingHint}`,
    );
  }
  const isSecure = scheme.toLowerCase() === 'rediss';
  const shown = `${scheme.toLowerCase()}://${at < 0 ? '' : '***@'}${place}`;
  return { isSecure, host, port: Number(port), username, password, database: Number(database), shown };
}

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
