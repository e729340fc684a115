/**
 * What an operator types: whom to ban, for how long, and text that people will read.
 *
 * Owns: how each is read, the one form in which it is kept, and the sentence about each mistake. Next: `operator.ts`.
 */
import { isIPv4, isIPv6 } from 'node:net';
import type { BanTarget } from '../../machines/operatorActs.ts';
import { canonicalAddress, networkAround } from '../transport/address.ts';
import { sanitize } from '../transport/sanitize.ts';

/** A mistake of the operator. The message is the answer, and nothing was done. */
export class OperatorMistake extends Error {}

/** In UTF-16 units: some rows of a terminal; people read it in the middle of what they do. */
const maxTextLength = 400;
/** Together with what the server says around it, it has to be one of the short sentences that clients know as an end. */
const maxReasonLength = 120;

/** A network of more addresses is nearly everybody, and that is what a lockdown is for. */
const fewestBits = { 4: 8, 6: 16 } as const;

/** Of IPv6 the first 64 bits count as one address: one household has so many. */
const wholeBits = { 4: 32, 6: 64 } as const;

const idPattern = /^[a-z0-9][a-z0-9._-]{0,31}$/i;

/** An id in lower case, or a network. `id:1.2.3.4` is the id that looks like an address. */
export function readTarget(text: string): BanTarget {
  const [, id] = /^id:(.*)$/is.exec(text) ?? [];
  const [address = '', ...rest] = text.split('/');
  if (id === undefined && (isIPv4(address) || isIPv6(address))) return readNetwork(text, address, rest);
  if (!idPattern.test(id ?? text)) {
    throw new OperatorMistake(
      `${shown(text)} is neither an id nor an address. Examples: golan, 198.51.100.7, 2001:db8::/32`,
    );
  }
  return { kind: 'id', target: (id ?? text).toLowerCase() };
}

function readNetwork(text: string, address: string, [bits, ...more]: string[]): BanTarget {
  const family = isIPv4(canonicalAddress(address)) ? 4 : 6;
  const longest = family === 4 ? 32 : 128;
  // 96 of the bits of an IPv4 address that is written as IPv6 say only that.
  const before = family === 4 && isIPv6(address) ? 96 : 0;
  const number = bits === undefined ? wholeBits[family] : /^\d{1,3}$/.test(bits) ? Number(bits) - before : Number.NaN;
  if (more.length > 0 || Number.isNaN(number) || number > longest) {
    throw new OperatorMistake(
      `${shown(text)} is no network: behind the stroke is a number of bits, up to ${longest + before}.`,
    );
  }
  if (number < fewestBits[family]) {
    throw new OperatorMistake(
      `${shown(text)} is nearly everybody. To let nobody new in: lockdown on. The widest ban has ${fewestBits[family] + before} bits.`,
    );
  }
  return { kind: 'address', target: networkAround(address, number) };
}

/** As people write it: an IPv4 address without its 32 bits. */
export function shownTarget({ target }: BanTarget): string {
  return target.replace(/^([\d.]+)\/32$/, '$1');
}

const unitsMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30s`, `10m`, `1h30m`, `7d`, in ms. */
export function readDuration(text: string, longestMs: number): number {
  if (!/^(?:\d{1,9}[smhd])+$/i.test(text)) {
    throw new OperatorMistake(`${shown(text)} is no length of time. Examples: 30s, 10m, 1h, 7d`);
  }
  let ms = 0;
  for (const [, count, unit = ''] of text.toLowerCase().matchAll(/(\d+)([smhd])/g))
    ms += Number(count) * (unitsMs[unit] ?? 0);
  if (ms === 0 || ms > longestMs) {
    throw new OperatorMistake(
      `${shown(text)} is not possible here: it has to be more than 0, and ${shownDuration(longestMs)} at most.`,
    );
  }
  return ms;
}

const unitNames = [
  ['day', unitsMs.d],
  ['hour', unitsMs.h],
  ['minute', unitsMs.m],
] as const;

/** In the largest unit that is whole enough: `2 hours`, `90 seconds`. */
export function shownDuration(ms: number): string {
  for (const [name, unitMs = 1] of unitNames) {
    const count = Math.round((10 * ms) / unitMs) / 10;
    if (ms >= 1.5 * unitMs || Math.abs(ms - unitMs) < 0.02 * unitMs) return `${count} ${name}${count === 1 ? '' : 's'}`;
  }
  const seconds = Math.max(1, Math.round(ms / 1000));
  return `${seconds} second${seconds === 1 ? '' : 's'}`;
}

/** Why somebody is removed; empty if nothing was said. */
export function readReason(text = ''): string {
  return readText(text, 'A reason', maxReasonLength);
}

/** One line that is safe on every screen. */
export function readText(text: string, what: string, maxLength = maxTextLength): string {
  const line = sanitize(text.trim());
  if (/[\r\n]/.test(line)) throw new OperatorMistake(`${what} has to be one line.`);
  if (line.length > maxLength) throw new OperatorMistake(`${what} has to be ${maxLength} characters at most.`);
  return line;
}

/** What was typed, as it may stand in an answer. */
function shown(text: string): string {
  return `'${sanitize(text.length > 60 ? `${text.slice(0, 60)}...` : text)}'`;
}
