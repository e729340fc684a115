/** The machine a result is from, and how many files a process may open here. Owns: reading that from the system. */
import { readFileSync } from 'node:fs';
import { cpus, release } from 'node:os';

export function machine(): string[] {
  const [cpu] = cpus();
  return [
    `CPU: ${cpu?.model.trim() ?? 'unknown'}, ${cpus().length} cores`,
    `Node ${process.version}, kernel ${release()}`,
    `Date: ${new Date().toISOString().slice(0, 10)}`,
  ];
}

/** How many files every process opens besides its connections. */
const spareFiles = 200;

/** Returns how many connections a process can hold here: each one is an open file. */
export function connectionLimit(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  // Node raises the soft limit to the hard one, and the other servers inherit it.
  const files = /^Max open files\s+(\w+)/m.exec(limits)?.[1];
  return files === 'unlimited' ? Number.POSITIVE_INFINITY : Number(files) - spareFiles;
}
