/**
 * The functions that run inside Redis: their text, and the name that keeps versions apart.
 *
 * Owns: the name, which is made from the text. So other functions have another name, and servers of two versions never
 * call each other's. That they don't share a directory either, `join` in `membership.lua` sees to.
 * Knows nothing of connections. Next: `directory.lua` (who wins), `telling.lua`, `claiming.lua`, `asking.lua`, `holding.lua`,
 * `membership.lua` (who takes part), `redisConnection.ts` (loads the text into Redis).
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Raise it when servers send each other something in another form that the Lua only passes on. */
const wireVersion = 1;

/** All files in one text, since functions of two libraries can't call each other. */
const text = ['directory.lua', 'telling.lua', 'claiming.lua', 'asking.lua', 'holding.lua', 'membership.lua']
  .map((name) => readFileSync(new URL(name, import.meta.url), 'utf8'))
  .join('\n');

/** The library's name in Redis; each function's name begins with it. */
export const libraryName = `statechat_${createHash('sha256').update(`${wireVersion}\n${text}`).digest('hex').slice(0, 12)}`;

export const library = text.replaceAll('LIBRARY_NAME', libraryName);

/** Every key begins with this; the braces keep all of them on one server of a Redis Cluster. */
export function directoryKeyOf(prefix: string): string {
  return `{${prefix}}`;
}

/** Servers that share a Redis and the prefix share their users. */
export const defaultPrefix = 'statechat';
