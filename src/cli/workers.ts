/**
 * `statechat serve --workers N`: several server processes on one port, which share their directory like any others.
 *
 * Owns: starting them, passing on what the operator orders, and a new one for each that has died. Only the first process hears
 * signals: the system sends those of a terminal to all of them, and each would count them twice. What a server does when
 * it is told to stop is `serve.ts`'s business.
 */
import cluster, { type Worker } from 'node:cluster';
import type { Log } from '../runtime/log.ts';
import { standardOutput } from '../runtime/outputWriter.ts';
import { hearOrders, type Order, orders } from './orders.ts';

/** Before a worker that has died is replaced, in ms: one that dies at once shouldn't keep a core busy. */
const restartMs = 1000;

/** The place of this worker among the others, from 0; undefined in a process that has none. */
export function workerPlace(): number | undefined {
  return cluster.isWorker ? Number(process.env.STATECHAT_WORKER_PLACE) : undefined;
}

/** In a worker, the orders come from the first process; its end is one too. */
export function onOrders(listener: (order: Order) => void): void {
  if (!cluster.isWorker) {
    hearOrders(listener);
    return;
  }
  for (const order of orders) process.on(order, () => {});
  process.on('message', (order: Order) => listener(order));
  process.on('disconnect', () => listener('SIGTERM'));
}

/** Says what a person should read on standard output; of several workers' greetings, the first is enough. */
export function announce(lines: readonly string[]): void {
  if (cluster.isWorker) process.send?.(lines);
  else standardOutput.write(`${lines.join('\n')}\n`);
}

/** Runs until all workers have ended; resolves with the exit code. */
export async function runWorkers(count: number, log: Log): Promise<number> {
  const places = new Map<Worker, number>();
  let listening = 0;
  let isStopping = false;
  let exitCode = 0;
  const start = (place: number): void => {
    const worker = cluster.fork({ STATECHAT_WORKER_PLACE: String(place) });
    places.set(worker, place);
    worker.on('message', (lines: string[]) => {
      if (++listening !== count) return;
      announce([...lines, `${count} workers share it.`]);
    });
  };
  const pass = (order: Order): void => {
    isStopping ||= order !== 'SIGHUP';
    for (const worker of places.keys()) worker.send(order);
  };
  hearOrders(pass);

  return new Promise((resolve) => {
    cluster.on('exit', (worker, code, signal) => {
      const place = places.get(worker) ?? 0;
      places.delete(worker);
      exitCode ||= isStopping ? code : 0;
      if (isStopping) {
        if (places.size === 0) resolve(exitCode);
      } else if (listening < count) {
        // The first start has failed, and the worker has said why.
        isStopping = true;
        exitCode = 1;
        if (places.size === 0) resolve(exitCode);
        else pass('SIGTERM');
      } else if (code === 0) {
        // An operator has drained it, and it has ended in order.
        log.warn({ worker: place, left: places.size }, 'a worker was drained, and is not replaced');
        if (places.size === 0) resolve(exitCode);
      } else {
        log.error({ worker: place, code, signal }, 'a worker died, and will be replaced');
        setTimeout(() => {
          if (!isStopping) start(place);
        }, restartMs);
      }
    });
    for (let place = 0; place < count; place++) start(place);
  });
}
