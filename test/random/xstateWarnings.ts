/** What XState says in development and nobody needs to read a thousand times. */
import { vi } from 'vitest';

const { warn } = console;

/** Keeps one warning off the console: updates from a late directory to a lobby that has ended, when nobody is left to hear them. */
export function hushEndedLobbies(): void {
  vi.spyOn(console, 'warn').mockImplementation((message: unknown, ...rest) => {
    if (!/^Event "directory\.told" was sent to stopped actor/.test(String(message))) warn(message, ...rest);
  });
}
