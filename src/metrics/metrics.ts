/**
 * Metrics and health checks, for programs on this machine that watch over the server.
 *
 * Owns: the three addresses and what they answer. Next: `../runtime/localHttp.ts` (who may ask), `registry.ts` (the metrics).
 */
import { refuse, send, startLocalHttp } from '../runtime/localHttp.ts';
import type { Log } from '../runtime/log.ts';
import { createRegistry, type Watched } from './registry.ts';

export interface MetricsOptions extends Watched {
  port: number;
  log: Log;
}

export interface Metrics {
  readonly port: number;
  stop(): Promise<void>;
}

/** More than anybody needs who asks every few seconds, so that a check finds its way past those that hang. */
const maxConnections = 64;

const headers = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/** Resolves when it listens, on 127.0.0.1 only; rejects with the system's error if it can't. Port 0 lets the system pick one. */
export async function startMetrics({ port, log, ...watched }: MetricsOptions): Promise<Metrics> {
  const { registry, close } = createRegistry(watched);
  const http = await startLocalHttp({
    port,
    maxConnections,
    headers,
    async answer(_, response, path) {
      switch (path) {
        case '/metrics':
          try {
            send(response, registry.contentType, await registry.metrics());
          } catch (error) {
            log.error({ err: error }, 'the metrics failed');
            refuse(response, 500, 'The metrics failed; the log says why.');
          }
          break;
        case '/healthz':
          send(response, 'text/plain; charset=utf-8', 'ok\n');
          break;
        case '/readyz': {
          const readiness = watched.readiness();
          if (readiness === 'ready') send(response, 'text/plain; charset=utf-8', 'ready\n');
          else refuse(response, 503, readiness);
          break;
        }
        default:
          refuse(response, 404, 'There are /metrics, /healthz and /readyz.');
      }
    },
  }).catch((error) => {
    close();
    throw error;
  });
  log.info({ port: http.port }, 'metrics listening');
  return {
    port: http.port,
    async stop() {
      close();
      await http.stop();
    },
  };
}
