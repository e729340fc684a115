/**
 * What a program that embeds statechat imports: `import { startServer } from 'statechat'`.
 *
 * Owns: which names are public. Next: `server/server.ts`, docs/embedding.md.
 * Why it is the only file here: decision 34, docs/decisions/0034-the-house-as-floors.md.
 */
export type { ServerOptions } from './server/options.ts';
export { type Server, startServer } from './server/server.ts';
