/**
 * The kinds of values that options take: numbers, times, words, any text.
 *
 * Owns: which texts are right for a kind, what they mean, and the sentence about a wrong one. Knows none of the options.
 */
import { isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';
import { SetupError } from '../runtime/operatorError.ts';
import { readRedisAddress } from '../runtime/redisAddress.ts';
import { Secret } from '../runtime/secret.ts';
import { nearest } from './nearest.ts';

export interface Kind<T> {
  /** What the text means; throws `InvalidArgumentError` with a sentence on what it must be. */
  read(text: string): T;
  /** The text that `read` takes for the value. */
  show(value: T): string;
  /** What it is in a configuration file. */
  json: 'number' | 'string';
  /** All that it may be, if these are few. */
  choices?: readonly string[];
  /** No text that was given for it is ever shown, not even a wrong one. */
  isSecret?: true;
  /** Given twice on a command line, it is both texts with a blank between; otherwise the latter counts. */
  mayBeRepeated?: true;
}

/** Why a text is wrong that must not be shown: it looks like a secret that belongs elsewhere. */
export class HiddenValueError extends InvalidArgumentError {}

export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): Kind<number> {
  return {
    json: 'number',
    show: String,
    read(text) {
      const number = Number(text);
      if (!/^\d+$/.test(text) || number < min || number > max) {
        throw new InvalidArgumentError(`It must be a whole number from ${min}${max < 1e9 ? ` to ${max}` : ''}.`);
      }
      return number;
    },
  };
}

/** Lines per second. */
export const rate: Kind<number> = {
  json: 'number',
  show: String,
  read: (text) => decimal(text, 'lines per second', true),
};

/** Given in seconds, kept in ms. */
export const seconds: Kind<number> = secondsFrom(false);

/** The same, and 0 is a value. */
export const secondsOrZero: Kind<number> = secondsFrom(true);

export function oneOf<T extends string>(choices: readonly T[]): Kind<T> {
  return {
    json: 'string',
    show: String,
    choices,
    read(text) {
      const choice = choices.find((each) => each === text);
      if (choice !== undefined) return choice;
      const meant = nearest(text, choices);
      throw new InvalidArgumentError(
        `Allowed choices are ${choices.join(', ')}.${meant === undefined ? '' : ` (Did you mean ${meant}?)`}`,
      );
    },
  };
}

/** Any text but an empty one: a name, an address, a file. */
export const text: Kind<string> = {
  json: 'string',
  show: String,
  read(given) {
    if (given === '') throw new InvalidArgumentError('It must not be empty.');
    return given;
  },
};

/** Addresses of pages, separated by commas: `https://chat.example.org`. */
export const origins: Kind<string> = listOf('the beginning of an address, as https://chat.example.org', (each) => {
  const url = URL.canParse(each) ? new URL(each) : undefined;
  const isWhole = url !== undefined && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href;
  return isWhole ? url.origin : undefined;
});

/** Addresses of machines, separated by commas. */
export const ipAddresses: Kind<string> = listOf('an IP address', (each) => (isIP(each) === 0 ? undefined : each));

/** Addresses of machines and networks, separated by commas: `198.51.100.7,2001:db8::/32`. */
export const networks: Kind<string> = listOf('an IP address or a network, as 198.51.100.0/24', (each) => {
  const [address = '', bits, ...more] = each.split('/');
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address) as 0 | 4 | 6];
  const isNumber = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest);
  return longest > 0 && isNumber && more.length === 0 ? each : undefined;
});

/** Several of one kind, separated by commas; `read` returns undefined for what is none of it. */
function listOf(what: string, read: (each: string) => string | undefined): Kind<string> {
  return {
    json: 'string',
    show: String,
    read(given) {
      const all = given.split(',').map((each) => read(each.trim()));
      if (all.includes(undefined)) throw new InvalidArgumentError(`It must be ${what}; several with commas between.`);
      return all.join(',');
    },
  };
}

/** The name of a file, and not what was meant to be in it. */
export const fileName: Kind<string> = {
  ...text,
  read(given) {
    if (/[\r\n]|-----BEGIN |^\$scrypt\$/.test(given)) {
      throw new HiddenValueError('It must be the name of a file, not what is in it.');
    }
    return text.read(given);
  },
};

/** The address of a Redis server, which may hold a password. */
export const redisAddress: Kind<Secret> = {
  json: 'string',
  isSecret: true,
  show: String,
  read(given) {
    try {
      return new Secret(given, readRedisAddress(given).shown);
    } catch (error) {
      throw error instanceof SetupError ? new HiddenValueError(error.message) : error;
    }
  },
};

/** Several of them, with blanks between; the option may be repeated instead. */
export const redisAddresses: Kind<Secret> = {
  json: 'string',
  isSecret: true,
  mayBeRepeated: true,
  show: String,
  read(given) {
    const all = given.split(/\s+/).filter(Boolean);
    if (all.length === 0) throw new InvalidArgumentError('It must be an address, or several with blanks between.');
    return new Secret(given, all.map((each) => redisAddress.read(each).toString()).join(' '));
  },
};

/** What the keys in Redis begin with. */
export const redisPrefix: Kind<string> = {
  ...text,
  read(given) {
    if (!/^[\w.:-]{1,64}$/.test(given)) {
      throw new InvalidArgumentError('It must be 1 to 64 letters, digits, dots, colons, hyphens or underscores.');
    }
    return given;
  },
};

function secondsFrom(mayBeZero: boolean): Kind<number> {
  return {
    json: 'number',
    show: (ms) => String(ms / 1000),
    read: (given) => decimal(given, 'seconds', mayBeZero) * 1000,
  };
}

/** The longest delay a timer takes, in seconds: 2^31 - 1 ms. */
const maxTimerSeconds = 2_147_483;

function decimal(given: string, unit: string, mayBeZero: boolean): number {
  const number = Number(given);
  if (!/^\d+(\.\d+)?$/.test(given) || (number <= 0 && !mayBeZero) || number > maxTimerSeconds) {
    const range = mayBeZero ? 'from 0 to' : 'above 0 and at most';
    throw new InvalidArgumentError(`It must be a number of ${unit} ${range} ${maxTimerSeconds}.`);
  }
  return number;
}
