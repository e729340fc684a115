/** A framing on a virtual clock, and what it has made of the bytes: the line's text, or an exclamation mark and why it was refused. */
import { expect } from 'vitest';
import { SimulatedClock } from 'xstate';
import type { Clock } from '../../src/runtime/clock.ts';
import { Framing, type FramingHandler, type FramingMode } from '../../src/transport/lineDecoder.ts';

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

class Listener implements FramingHandler {
  #heard: string[] = [];
  readonly replies: number[] = [];
  overhead = 0;

  lines(text: string): void {
    this.#heard.push(...text.split('\n'));
  }

  refusedLine(reason: string): void {
    this.#heard.push(`!${reason}`);
  }

  limitReached(limit: string): void {
    this.#heard.push(`!${limit}`);
  }

  commands(bytes: number, reply: Buffer | undefined): void {
    this.overhead += bytes;
    this.replies.push(...(reply ?? []));
  }

  takeHeard(): string[] {
    return this.#heard.splice(0);
  }
}

/** Beside it another one goes on where the one before has stopped, after each piece, and has to hear the same. */
export function startFraming(options: FramedOptions = {}): Framed {
  const simulated = new SimulatedClock();
  const { mode = 'auto', maxLineBytes = 4096, maxUnterminatedBytes = 65_536, clock = simulated } = options;
  const [one, other] = [new Listener(), new Listener()];
  const limits = { mode, maxLineBytes, maxUnterminatedBytes, clock };
  const framing = new Framing(one, limits);
  let moved = new Framing(other, limits);
  return {
    send: (...pieces) => {
      for (const piece of pieces) {
        framing.push(Buffer.from(piece as string));
        moved.push(Buffer.from(piece as string));
        const state = structuredClone(moved.state);
        moved.stop();
        moved = new Framing(other, { ...limits, state });
      }
    },
    pause: (ms) => {
      simulated.increment(ms);
      // Timers of no delay that were set by those that have just run.
      simulated.increment(0);
    },
    end: () => {
      framing.end();
      moved.end();
    },
    replies: one.replies,
    overhead: () => one.overhead,
    needsCarriageReturns: () => framing.needsCarriageReturns,
    heard: () => {
      const since = one.takeHeard();
      expect(other.takeHeard()).toEqual(since);
      expect(other).toEqual(one);
      expect(moved.needsCarriageReturns).toBe(framing.needsCarriageReturns);
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
