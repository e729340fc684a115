/**
 * The other process of an upgrade: the same command line, run by what is installed now.
 *
 * Owns: how it is started, with the connections as its descriptors, and the channel between the two. Knows nothing of
 * what is said there. Next: `../server/handOver.ts`, docs/restarting.md.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Server as Listener, Socket } from 'node:net';
import { SetupError } from '../runtime/operatorError.ts';
import type { Channel, Predecessor, Successor } from '../server/upgradeSteps.ts';

/** Set for the process that takes over. */
const mark = 'STATECHAT_TAKES_OVER';

/** Starts the process that takes over; the first socket becomes its descriptor 4. */
export function startSuccessor(sockets: readonly Socket[]): Successor {
  if (process.pid === 1) throw new SetupError('this is the first process of a container, which ends with it.');
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc', ...sockets],
    serialization: 'advanced',
    env: { ...process.env, [mark]: '1' },
  });
  const ended = once(child, 'exit').catch(() => {});
  return {
    ...wayTo(child, 'the new process ended'),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Returns the way to the process before; undefined if there is none. */
export function predecessor(): Predecessor | undefined {
  if (process.env[mark] === undefined || process.send === undefined) return undefined;
  delete process.env[mark];
  return wayTo(process, 'the old process ended');
}

/** What comes is kept until it is asked for. */
function wayTo<Out, In>(other: ChildProcess | NodeJS.Process, ended: string): Channel<Out, In> {
  const come: { message: In; handle: unknown }[] = [];
  let waiting: { resolve(next: { message: In; handle: unknown }): void; reject(error: Error): void } | undefined;
  let end: Error | undefined;
  const onEnd = (reason: string): void => {
    end ??= new SetupError(reason);
    waiting?.reject(end);
  };
  const source = other as ChildProcess;
  source.on('message', (message, handle) => {
    if (waiting === undefined) come.push({ message: message as In, handle });
    else waiting.resolve({ message: message as In, handle });
    waiting = undefined;
  });
  source.on('error', (error) => onEnd(`${ended}: ${error.message}`));
  source.once('disconnect', () => onEnd(`${ended}. The log has its last words.`));
  return {
    isOpen: () => end === undefined,
    send(message: Out, handle?: Listener | Socket): Promise<void> {
      // An error here is an end, which `receive` reports.
      if (end !== undefined) return Promise.resolve();
      return new Promise((resolve) => {
        source.send(message as object, handle as Socket, () => resolve());
      });
    },
    receive() {
      const next = come.shift();
      if (next !== undefined) return Promise.resolve(next);
      if (end !== undefined) return Promise.reject(end);
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
      });
    },
  };
}
