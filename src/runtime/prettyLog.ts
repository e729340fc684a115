/**
 * A line of the log for people: time of day, level, what happened, and the rest as `name=value`.
 *
 * Owns: that form, and that nothing in it can steer a terminal or pass for a line of its own: what can't be seen is escaped
 * as in JSON, and the lines of a stack are indented.
 */
import pino from 'pino';

/** Of one line of JSON, as the log makes them. */
export function prettyLine(json: string): string {
  const { level, time, pid: _, name: __, msg, err, ...rest } = JSON.parse(json) as Record<string, unknown>;
  const fields = Object.entries(rest).map(([field, value]) => ` ${field}=${shown(value)}`);
  const head = `${timeOfDay.format(Number(time))} ${pino.levels.labels[Number(level)]?.padEnd(5)} ${visible(String(msg))}`;
  return `${head}${fields.join('')}\n${stackOf(err)}`;
}

const timeOfDay = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', hourCycle: 'h23' });

/** Plain words as they are, all else as JSON. */
function shown(value: unknown): string {
  return typeof value === 'string' && /^[\w.:/-]+$/.test(value) ? value : visible(JSON.stringify(value));
}

function stackOf(err: unknown): string {
  if (err === undefined) return '';
  const { stack = JSON.stringify(err) } = err as { stack?: string };
  return stack
    .split('\n')
    .map((line) => `    ${visible(line)}\n`)
    .join('');
}

/** Controls, and what reorders text or can't be seen. */
function visible(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
