/** A framing on a virtual clock, and what it has made of the bytes: the line's text, or an exclamation mark and why it was refused. */
import { SimulatedClock } from 'xstate';
import type { Clock } from '../../src/runtime/clock.ts';
import { Framing, type FramingMode } from '../../src/transport/lineDecoder.ts';

export interface Framed {
  /** These pieces, one after the other, without a pause. */
  send(...pieces: (string | readonly number[] | Uint8Array)[]): void;
  /** Nothing comes for this long. */
  pause(ms: number): void;
  end(): void;
  /** What was heard since the last look. */
  heard(): string[];
  /** What telnet was sent back, in all. */
  readonly replies: number[];
  /** How many bytes were part of no line, in all. */
  overhead(): number;
  needsCarriageReturns(): boolean;
}

interface FramedOptions {
  mode?: FramingMode;
  maxLineBytes?: number;
  maxUnterminatedBytes?: number;
  clock?: Clock;
}

export function startFraming(options: FramedOptions = {}): Framed {
  const simulated = new SimulatedClock();
  const { mode = 'auto', maxLineBytes = 4096, maxUnterminatedBytes = 65_536, clock = simulated } = options;
  let heard: string[] = [];
  let overhead = 0;
  const replies: number[] = [];
  const handler = {
    lines: (text: string) => void heard.push(...text.split('\n')),
    refusedLine: (reason: string) => void heard.push(`!${reason}`),
    unterminated: () => void heard.push('!unterminated'),
    commands: (bytes: number, reply: Buffer | undefined) => {
      overhead += bytes;
      replies.push(...(reply ?? []));
    },
  };
  const framing = new Framing(handler, { mode, maxLineBytes, maxUnterminatedBytes, clock });
  return {
    send: (...pieces) => {
      for (const piece of pieces) framing.push(Buffer.from(piece as string));
    },
    pause: (ms) => {
      simulated.increment(ms);
      // Timers of no delay that were set by those that have just run.
      simulated.increment(0);
    },
    end: () => framing.end(),
    replies,
    overhead: () => overhead,
    needsCarriageReturns: () => framing.needsCarriageReturns,
    heard: () => {
      const since = heard;
      heard = [];
      return since;
    },
  };
}

export const tooLong = '!lineTooLong';
export const notUtf8 = '!lineNotUtf8';

/** A connection that is known to be segment-framed. */
export function startSegments(maxLineBytes = 4096): Framed {
  const framed = startFraming({ maxLineBytes });
  framed.send('first');
  framed.pause(200);
  framed.heard();
  return framed;
}
