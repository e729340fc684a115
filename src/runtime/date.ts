/** The system's date, which may jump: only for what has to hold across a restart. All other time is that of `clock.ts`. */

/** In ms since 1970. */
export const dateMs: () => number = Date.now;

/** `2026-11-25T18:42:23Z` */
export function shownDate(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
