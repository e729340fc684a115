/**
 * What a program that embeds statechat imports: `import { startServer } from 'statechat'`.
 *
 * Owns: which names are public. Next: `server/server.ts`, docs/embedding.md.
 */
export { type Server, type ServerOptions, startServer } from './server/server.ts';
