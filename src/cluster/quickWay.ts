/**
 * Whether messages reach one other process past the directory.
 *
 * Owns: where that process listens, and whether the way there is known to work. A way is shut until a probe has come
 * back: nobody says what becomes of what is published. Next: `linePlaces.ts` (the connections), `lineFlow.ts` (asks).
 */
import type { Clock } from '../runtime/clock.ts';
import type { FlowItem } from './wireTypes.ts';

/** While the way is shut, it is tried so often by those who have something to send. */
const probeMs = 1000;

/** Publishes for a node where it listens. False if that can't be done now. */
export type Publish = (place: string, node: string, text: string) => boolean;

export interface QuickWayParts {
  /** We, and the other process. */
  readonly node: string;
  readonly to: string;
  readonly clock: Clock;
  readonly publish: Publish;
}

export class QuickWay {
  readonly #parts: QuickWayParts;
  #place: string | undefined;
  #isOpen = false;
  #probe = 0;
  #probedAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: QuickWayParts) {
    this.#parts = parts;
  }

  /** Where the other process listens; undefined while the directory doesn't name it. */
  get place(): string | undefined {
    return this.#place;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  known(place: string | undefined): void {
    if (place !== undefined && place !== this.#place) this.#isOpen = false;
    this.#place = place;
  }

  shut(): void {
    this.#isOpen = false;
  }

  /** False if the way is shut, or is now. */
  send(text: string): boolean {
    return this.#isOpen && this.#publish(text);
  }

  /** Sends a probe, but not too often. */
  try(): void {
    const { node, clock } = this.#parts;
    if (clock.now() - this.#probedAtMs < probeMs) return;
    this.#probedAtMs = clock.now();
    const probe: FlowItem = ['probe', node, ++this.#probe];
    this.#publish(JSON.stringify(probe));
  }

  /** A probe has come back. */
  tried(probe: number): void {
    if (probe === this.#probe && this.#place !== undefined) this.#isOpen = true;
  }

  #publish(text: string): boolean {
    return this.#place !== undefined && this.#parts.publish(this.#place, this.#parts.to, text);
  }
}
