/**
 * Which CPU runs what.
 *
 * Owns: the pinning. On two idle CPUs most of what a line costs is to wake a sleeping CPU: in a virtual machine ten
 * times the line itself, and a different time for each line. So the driver and the server share one CPU.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Child } from './child.ts';

/** The CPUs of this process before it was pinned. */
const given = cpuList(/^Cpus_allowed_list:\s+(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0');

/** The CPU of the driver and of every server. */
const shared = given.at(-1) ?? 0;

/** Another one, for load that must not take the driver's time; the same one if there is no other. */
const spare = given.at(-2) ?? shared;

/** Pins this process, and every child from now on. Returns a line about it for the reader. */
export function pin(): string {
  try {
    driveFrom('shared');
    return 'Server and driver share one core: a rate includes the driver, which is the same for all servers.';
  } catch {
    return 'taskset (util-linux) is missing: nothing is pinned to a core, so the figures of single lines are noisy.';
  }
}

/** Moves this process, but no child that runs already. */
export function driveFrom(core: 'shared' | 'spare'): void {
  const cpu = core === 'shared' ? shared : spare;
  execFileSync('taskset', ['-a', '-c', '-p', String(cpu), String(process.pid)], { stdio: 'ignore' });
}

/**
 * Starts a process that gets the spare CPU only when no other process wants it. One with a higher priority would make
 * the driver wait some milliseconds for the end of its time slice.
 */
export function inBackground(file: string, args: readonly string[]): Child {
  return background(spare, file, args);
}

/** Keeps both CPUs awake with the lowest priority, for a minute at most. Returns a function that stops it. */
export function stayAwake(): () => Promise<void> {
  const program = `const end = Date.now() + 60000; while (Date.now() < end);`;
  const wakers = [shared, spare].map((cpu) => background(cpu, process.execPath, ['-e', program]));
  return async () => {
    for (const waker of wakers) await waker.stop();
  };
}

function background(cpu: number, file: string, args: readonly string[]): Child {
  return new Child('taskset', ['-c', String(cpu), 'chrt', '--idle', '0', file, ...args], { keepOutput: true });
}

/** `0,2-4` → 0, 2, 3, 4 */
function cpuList(text: string): number[] {
  return text.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}
