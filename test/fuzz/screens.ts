/**
 * What no screen and no log may show, whatever anybody sends.
 *
 * Owns: the judgement of received bytes and of log lines. Knows nothing of how they came about.
 */
import { readSentences } from '../../src/protocol/sentences.ts';

const steers = /(?![\t\n])[\p{Cc}\p{Zl}\p{Zp}]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;

/** What is wrong with all the bytes somebody has received so far; the last sentence may be unfinished. */
export function wrongOnScreen(bytes: Buffer): string | undefined {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true });
  } catch {
    return 'bytes that are no UTF-8';
  }
  const found = steers.exec(text);
  if (found)
    return `U+${found[0].codePointAt(0)?.toString(16)} in ${JSON.stringify(text.slice(found.index - 40, found.index + 40))}`;
  const { rest } = readSentences(text);
  // A sentence that is still under way has no line feed yet.
  return rest.includes('\n')
    ? `${JSON.stringify(rest.slice(0, 200))}, which is no sentence of the protocol`
    : undefined;
}

/**
 * What a telnet terminal shows of these bytes: without the refusals of its own requests, and with line ends of one kind.
 * Only somebody who has sent telnet's commands themselves gets any of it.
 */
export function shownByTelnet(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  return Buffer.from(text.replace(/\xff[\xfc\xfe][\s\S]|\r\n\[Yes\]\r\n|\r(?=\n)/g, ''), 'latin1');
}

/** What is wrong with the log: a line that is no JSON, or one that holds what users said. */
export function wrongInLog(log: string, said: string): string | undefined {
  for (const line of log.split('\n').slice(0, -1)) {
    if (line.includes(said)) return `the log holds what was said: ${line}`;
    if (steers.test(line)) return `the log holds what steers a terminal: ${JSON.stringify(line)}`;
    try {
      JSON.parse(line);
    } catch {
      return `a line of the log is no JSON: ${line}`;
    }
  }
  return undefined;
}
