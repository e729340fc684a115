/**
 * The functions that run inside Redis: their text, and the names that keep versions apart.
 *
 * Owns: the version. Change the number, here and in the Lua, with every change of the Lua or of `wireTypes.ts`. Servers
 * of different versions at one Redis then share nothing, where otherwise each would misread what the other one writes.
 * Knows nothing of connections. Next: `directory.lua` (who wins), `membership.lua` (who takes part),
 * `redisConnection.ts` (loads the text into Redis).
 */
import { readFileSync } from 'node:fs';

/** The library's name in Redis; each function's name begins with it. */
export const libraryName = 'statechat3';

/** Every key begins with this; the braces keep them on one server of a Redis Cluster. */
export const directoryKey = `{${libraryName}}`;

/** Both files in one text, since functions of two libraries can't call each other. */
export const library = ['directory.lua', 'membership.lua']
  .map((name) => readFileSync(new URL(name, import.meta.url), 'utf8'))
  .join('\n');
