/** The server as a child of the soak: listens, and tells its parent what it holds whenever it is asked. */
import { readdirSync } from 'node:fs';
import { startServer } from '../../src/server/server.ts';

export interface Held {
  port: number;
  heapBytes: number;
  files: number;
  sessions: number;
  online: number;
  waitingBytes: number;
}

const server = await startServer({ port: 0, rateLimit: 0, requestsPerMinute: 0, askedPerMinute: 0, declineWaitMs: 0 });

process.on('message', () => {
  // Twice, because what a finalizer lets go is collected only then.
  for (let time = 0; time < 2; time++) (globalThis as { gc?: () => void }).gc?.();
  process.send?.({
    port: server.port,
    heapBytes: process.memoryUsage().heapUsed,
    files: readdirSync('/proc/self/fd').length,
    sessions: server.lobby.sessions.size,
    online: server.lobby.directory.onlineCount,
    waitingBytes: server.waitingBytes,
  } satisfies Held);
});
