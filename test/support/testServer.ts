/** A server in this process for one test: on a free port, stopped when the test ends. */
import { onTestFinished } from 'vitest';
import type { ServerOptions } from '../../src/server/options.ts';
import { type Server, startServer } from '../../src/server/server.ts';
import { unlimited } from './unlimited.ts';

export async function startTestServer(options: ServerOptions = {}): Promise<Server> {
  const server = await startServer({ ...unlimited, port: 0, ...options });
  onTestFinished(() => server.stop());
  return server;
}
