/** Readers without sockets: send queues of one server whose sinks take what they get until they are told not to. */
import { SimulatedClock } from 'xstate';
import { limits } from '../../src/config/limits.ts';
import { FlushScheduler } from '../../src/transport/flushScheduler.ts';
import { SendBudget } from '../../src/transport/sendBudget.ts';
import { SendQueue, type UnsentBytes } from '../../src/transport/sendQueue.ts';

/** Outboxes of ten bytes, five of them a sign to wait, whose sockets take what they get until they are told not to. */
export function startServer({
  totalBytes = 1000,
  stallMs = 1000,
  outboxBytes = 10,
  unsentBytes = undefined as UnsentBytes | undefined,
} = {}) {
  const clock = new SimulatedClock();
  const total = new SendBudget(totalBytes);
  const ends: (() => void)[] = [];
  const flushScheduler = new FlushScheduler((run) => ends.push(run));
  return {
    clock,
    total,
    endTurn: () => {
      for (const end of ends.splice(0)) end();
    },
    open() {
      const sink = {
        taken: [] as string[],
        isSlow: false,
        writableLength: 0,
        write(bytes: string | Buffer): boolean {
          this.taken.push(String(bytes));
          if (this.isSlow) this.writableLength += Buffer.byteLength(bytes);
          return !this.isSlow;
        },
      };
      const troubles: string[] = [];
      const options = {
        ...limits,
        outboxSoftBytes: 5,
        outboxBytes,
        stallMs,
        unsentBytes,
        clock,
        total,
        flushScheduler,
      };
      const sendQueue = new SendQueue(sink, options, {
        limitReached: (trouble) => troubles.push(trouble),
        writeFailed: () => {},
      });
      const read = (): void => {
        sink.writableLength = 0;
        sendQueue.drained();
      };
      return { sendQueue, sink, troubles, read };
    },
  };
}

/** A reader for whom three bytes wait in the socket. */
export function startSlow(options?: Parameters<typeof startServer>[0]) {
  const server = startServer(options);
  const reader = server.open();
  reader.sink.isSlow = true;
  reader.sendQueue.write('abc');
  server.endTurn();
  return { ...server, ...reader };
}
