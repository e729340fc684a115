/**
 * Whom the operator lets not in.
 *
 * Owns: the bans of a server, when each ends, and which of two words about the same target counts. A ban that was taken
 * back stays in the list as such, since another server or a file may still have the older word. Knows nothing of sockets
 * or charts: the lobby asks. Next: `banFile.ts` (across a restart), `words.ts` (how a target is written).
 */
import { isIP } from 'node:net';
import type { Ban, BanTarget } from '../../machines/operatorActs.ts';
import { dateMs } from '../runtime/date.ts';
import { networkAround } from '../transport/address.ts';

/** A list that people keep has no more. Each takes some hundred bytes. */
export const maxBans = 10_000;
/** A ban without an end that was taken back is remembered so long: no server is away for longer. */
const liftedMemoryMs = 90 * 86_400_000;

export class BanList {
  /** By kind and target; also bans that were taken back. */
  readonly #bans = new Map<string, Ban>();
  /** The date that ends bans. */
  readonly now: () => number;
  /** How many bits the networks of the list have, for IPv4 and IPv6: an address is looked up once for each. */
  #bits = { 4: new Set<number>(), 6: new Set<number>() };

  /** An end has to hold across a restart, so `now` is the system's date. */
  constructor(now: () => number = dateMs) {
    this.now = now;
  }

  /** Takes the operator's word. Returns false if there is a later one about this target, or no room. */
  add(ban: Ban): boolean {
    const key = keyOf(ban);
    const former = this.#bans.get(key);
    if (former !== undefined && former.sinceMs >= ban.sinceMs) return false;
    if (former === undefined && this.isFull) return false;
    this.#bans.set(key, ban);
    this.#noteBits(ban);
    return true;
  }

  /** True if there is no room for another target. */
  get isFull(): boolean {
    if (this.#bans.size >= maxBans) this.#forgetOver();
    return this.#bans.size >= maxBans;
  }

  /** The ban that is about this address, or this id if it is given; undefined if there is none. */
  about(address: string, id?: string): Ban | undefined {
    if (this.#bans.size === 0) return undefined;
    const byId = id === undefined ? undefined : this.banOf({ kind: 'id', target: id.toLowerCase() });
    if (byId !== undefined) return byId;
    // Of a connection that was gone at once the system tells no address.
    const family = isIP(address);
    for (const bits of family === 0 ? [] : this.#bits[family as 4 | 6]) {
      const ban = this.banOf({ kind: 'address', target: networkAround(address, bits) });
      if (ban !== undefined) return ban;
    }
    return undefined;
  }

  /** The ban that holds for exactly this target. */
  banOf(target: BanTarget): Ban | undefined {
    const ban = this.#bans.get(keyOf(target));
    return ban !== undefined && this.#holds(ban) ? ban : undefined;
  }

  /** The bans that hold, the latest last. */
  list(): Ban[] {
    return this.records().filter((ban) => this.#holds(ban));
  }

  /** All that has to be remembered, also bans that were taken back. */
  records(): Ban[] {
    this.#forgetOver();
    return [...this.#bans.values()].sort((a, b) => a.sinceMs - b.sinceMs);
  }

  #holds({ untilMs, isLifted }: Ban): boolean {
    return !isLifted && (untilMs === null || untilMs > this.now());
  }

  #forgetOver(): void {
    const now = this.now();
    for (const [key, ban] of this.#bans) if (isOver(ban, now)) this.#bans.delete(key);
    this.#bits = { 4: new Set(), 6: new Set() };
    for (const ban of this.#bans.values()) this.#noteBits(ban);
  }

  #noteBits({ kind, target }: Ban): void {
    if (kind === 'address') this.#bits[target.includes(':') ? 6 : 4].add(Number(target.split('/')[1]));
  }
}

function keyOf({ kind, target }: BanTarget): string {
  return `${kind} ${target}`;
}

/** True if nobody needs to remember it. */
function isOver({ untilMs, isLifted, sinceMs }: Ban, now: number): boolean {
  if (untilMs !== null) return untilMs <= now;
  return isLifted && sinceMs + liftedMemoryMs <= now;
}

/** True for what a file or another server may hold. */
export function isBan(value: unknown): value is Ban {
  const { kind, target, reason, by, sinceMs, untilMs, isLifted } = (value ?? {}) as Partial<Record<keyof Ban, unknown>>;
  return (
    ((kind === 'id' && typeof target === 'string') || (kind === 'address' && isNetwork(target))) &&
    [reason, by].every((text) => typeof text === 'string') &&
    Number.isFinite(sinceMs) &&
    (untilMs === null || Number.isFinite(untilMs)) &&
    typeof isLifted === 'boolean'
  );
}

function isNetwork(target: unknown): boolean {
  const [address = '', bits, ...more] = String(target).split('/');
  return more.length === 0 && bits !== undefined && networkOrNothing(address, Number(bits)) === target;
}

function networkOrNothing(address: string, bits: number): string | undefined {
  try {
    return networkAround(address, bits);
  } catch {
    return undefined;
  }
}
