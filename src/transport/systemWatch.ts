/** What the system knows of those who read slowly, or not at all; in its own time, whatever clock the rest goes by. */
import type { Clock } from '../runtime/clock.ts';
import type { ConnectionOptions } from './connection.ts';
import { DeadPeers } from './deadPeers.ts';
import { type Endpoints, KernelQueues } from './kernelQueues.ts';
import type { ByteSink } from './sendQueue.ts';

export function systemWatch(
  { goneMs, keepAliveMs }: { goneMs: number; keepAliveMs: number },
  clock: Clock,
): Pick<ConnectionOptions, 'deadPeers' | 'unsentBytes'> {
  const queues = new KernelQueues(clock);
  return {
    deadPeers: new DeadPeers(clock, goneMs, keepAliveMs),
    unsentBytes: (sink) => queues.unsentBytes(sink as ByteSink & Endpoints),
  };
}
