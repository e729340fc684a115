/**
 * Finds the users who have typed nothing for too long.
 *
 * Owns: when it looks for them: up to ten times within the limit. Knows nothing of charts. Next: `lobby.ts`.
 */
import type { Clock } from '../runtime/clock.ts';

interface Typist {
  /** When the user's last line came, on the clock, in ms. */
  readonly lastHeardAt: number;
}

/** Calls `onIdle` for each user beyond the limit; `idleMs` 0 means no limit. Doesn't keep the process running. */
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
