/**
 * Finds those who have typed nothing for too long.
 *
 * Owns: when it looks, a few times within the limit. Knows nothing of charts. Next: `lobby.ts`.
 */
import type { Clock } from '../runtime/clock.ts';

interface Typist {
  /** When the last line came, on the clock. */
  readonly lastHeardAt: number;
}

/** `idleMs` is the limit, 0 for none. Doesn't keep the process running. */
export function startIdleSweep<T extends Typist>(
  { clock, idleMs }: { clock: Clock; idleMs: number },
  typists: () => Iterable<T>,
  onIdle: (typist: T) => void,
): void {
  if (idleMs === 0) return;
  const sweep = (): void => {
    const now = clock.now();
    for (const typist of typists()) if (now - typist.lastHeardAt >= idleMs) onIdle(typist);
    const timer = clock.setTimeout(sweep, Math.max(100, idleMs / 10));
    (timer as { unref?(): void }).unref?.();
  };
  sweep();
}
