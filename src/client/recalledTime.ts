/**
 * The time at a line that the common room remembers, on the reader's clock instead of the server's.
 *
 * Owns: reading it as the server writes it (docs/protocol.md), and writing it in the zone of this machine. Knows nothing of
 * what the line says.
 */
const recalled = /^\[(?:(\d{4})-(\d\d)-(\d\d) )?(\d\d):(\d\d) UTC(?:([+-])(\d\d):(\d\d))?\] /;

const minuteMs = 60_000;

/** The same line, with the time and, if it is not today, the day that this machine's clock showed then. */
export function onThisClock(line: string, now: Date): string {
  const match = recalled.exec(line);
  if (match === null) return line;
  const [whole, year, month, day, hour, minute, sign, offsetHours = 0, offsetMinutes = 0] = match;
  const offsetMs = (sign === '-' ? -1 : 1) * (Number(offsetHours) * 60 + Number(offsetMinutes)) * minuteMs;
  // Without a day it is the one that the server's clock shows now.
  const there = new Date(now.getTime() + offsetMs);
  const date = year === undefined ? [there.getUTCFullYear(), there.getUTCMonth(), there.getUTCDate()] : undefined;
  const [y = 0, m = 0, d = 0] = date ?? [Number(year), Number(month) - 1, Number(day)];
  const at = new Date(Date.UTC(y, m, d, Number(hour), Number(minute)) - offsetMs);
  const isToday = dayOf(at) === dayOf(now);
  return `[${isToday ? '' : `${dayOf(at)} `}${timeOf(at)}] ${line.slice(whole.length)}`;
}

function dayOf(date: Date): string {
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

/** Hours and minutes: `14:05`. */
export function timeOf(date: Date): string {
  return `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
