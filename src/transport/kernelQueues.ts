/**
 * What the system itself still holds of a connection's bytes, which a socket in Node doesn't tell.
 *
 * Owns: reading /proc/net/tcp and tcp6, which only Linux has; rarely, since the system writes all of its connections into
 * it each time. Elsewhere nothing is known. Knows nothing of what is made of it.
 */
import { readFile } from 'node:fs/promises';
import { endianness } from 'node:os';
import type { Clock } from '../runtime/clock.ts';

/** A connection as the system names it. */
export interface Endpoints {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

export interface KernelQueue {
  /** Bytes that the other side has not acknowledged. */
  unsentBytes: number;
  /** How often the oldest of them were sent again, or the other side was asked if it is there, or has room, in vain. */
  retries: number;
}

const ends = '([0-9A-F]+:[0-9A-F]{4} [0-9A-F]+:[0-9A-F]{4})';
const queuesAndTimer = '([0-9A-F]{8}):[0-9A-F]{8} [0-9A-F]{2}:[0-9A-F]{8} ([0-9A-F]{8})';
const row = new RegExp(`: ${ends} [0-9A-F]{2} ${queuesAndTimer} +\\d+ +(\\d+)`, 'g');

/** Every connection that waits for a word of the other side, by `keyOf`; empty where that can't be found out. */
export async function readKernelQueues(): Promise<ReadonlyMap<string, KernelQueue>> {
  return queuesIn((await Promise.all(['tcp', 'tcp6'].map(readTable))).join(''));
}

/** The same, as the system's tables say it. */
export function queuesIn(tables: string): Map<string, KernelQueue> {
  const queues = new Map<string, KernelQueue>();
  for (const [, key, unsent, retransmitted, probes] of tables.matchAll(row) as Iterable<string[]>) {
    const unsentBytes = Number.parseInt(unsent as string, 16);
    const retries = Math.max(Number.parseInt(retransmitted as string, 16), Number(probes));
    if (unsentBytes > 0 || retries > 0) queues.set(key as string, { unsentBytes, retries });
  }
  return queues;
}

/** For those who ask for one connection each: what was read within the last second does for all of them. */
export class KernelQueues {
  readonly #clock: Pick<Clock, 'now'>;
  #read: { at: number; queues: ReturnType<typeof readKernelQueues> } | undefined;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Resolves with undefined where nothing is known, and where nothing is on its way. */
  async unsentBytes(of: Endpoints): Promise<number | undefined> {
    const at = this.#clock.now();
    if (this.#read === undefined || at - this.#read.at >= 1000) this.#read = { at, queues: readKernelQueues() };
    return (await this.#read.queues).get(keyOf(of))?.unsentBytes || undefined;
  }
}

/** How the system names a connection in its table. */
export function keyOf({ localAddress, localPort, remoteAddress, remotePort }: Endpoints): string {
  return `${endOf(localAddress, localPort)} ${endOf(remoteAddress, remotePort)}`;
}

async function readTable(name: string): Promise<string> {
  try {
    return await readFile(`/proc/net/${name}`, 'latin1');
  } catch {
    return '';
  }
}

function endOf(address = '', port = 0): string {
  const bytes = bytesOf(address.replace(/%.*$/, ''));
  let hex = '';
  for (let at = 0; at < bytes.length; at += 4) {
    const word = bytes.slice(at, at + 4);
    if (endianness() === 'LE') word.reverse();
    hex += word.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  }
  return `${hex}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
}

function bytesOf(address: string): number[] {
  if (!address.includes(':')) return address.split('.').map(Number);
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const groups = dotted
    ? `${dotted[1]}${(Number(dotted[2]) * 256 + Number(dotted[3])).toString(16)}:${(Number(dotted[4]) * 256 + Number(dotted[5])).toString(16)}`
    : address;
  const [head = '', tail = ''] = groups.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === '' ? [] : tail.split(':');
  const all = [...first, ...Array(Math.max(0, 8 - first.length - last.length)).fill('0'), ...last];
  return all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]);
}
