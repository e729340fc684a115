/**
 * What every test has: quiet about what XState says in its development build whenever an event comes for an actor that has
 * ended. Connections do end while something for them is still under way, thousands of times in a run.
 */
import { beforeEach, vi } from 'vitest';

const { warn } = console;

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation((message: unknown, ...rest) => {
    if (!/^Event "[^"]*" was sent to stopped actor/.test(String(message))) warn(message, ...rest);
  });
});
