/**
 * What the real directory does with a request, and what is wrong with that.
 *
 * Owns: one decision, in a directory that is restored for it. Next: `composite.ts`, which tells the sessions.
 */
import type { DirectoryUpdate } from '../../machines/events.ts';
import { MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';
import type { AskRules } from '../../src/chat/directory/requestMemory.ts';
import { forgotten, untrueAnswer } from './agreement.ts';
import { minuteMs } from './keptInMind.ts';
import type { Decidable, Stores } from './messages.ts';
import type { CompositeOptions, RestoreDirectory } from './moves.ts';

export interface Decision {
  directory: number;
  told: readonly [to: string, update: DirectoryUpdate][];
  violation: string | undefined;
}

/** How often somebody may be asked in an exploration. Time stands still but for one move. */
export function askRulesOf({ askedPerMinute = 0 }: Pick<CompositeOptions, 'askedPerMinute'>): AskRules {
  return { askedPerMinute, declineWaitMs: askedPerMinute > 0 ? minuteMs : 0, now: () => 0 };
}

/** What a directory with this content does with a request of this session; `fresh` is the number of a new pairing. */
export function decisionOf(
  request: Decidable,
  name: string,
  fresh: number,
  before: number,
  stores: Stores,
  options: CompositeOptions,
): Decision {
  const told: [string, DirectoryUpdate][] = [];
  const restore = options.restoreDirectory ?? restoreOurs;
  const snapshot = { ...stores.directories.value(before), lastPairingId: fresh - 1 };
  const askRules = askRulesOf(options);
  const directory = restore(snapshot, (to, update) => told.push([to, update]), { askRules });
  if (request.type === 'gone') directory.remove(name);
  else if (request.type === 'expire') directory.expire(name);
  else if (request.type === 'evict') {
    directory.remove(name);
    told.push([name, { type: 'session.evicted' }]);
  } else directory.send(name, request);
  const after = directory.snapshot();
  const lapses = [
    request.type === 'request.make' ? untrueAnswer(snapshot, askRules, name, request.target, told) : undefined,
    forgotten(snapshot, request, name, told, after, askRules),
    request.type === 'id.claim' && told.some(([, { type }]) => type === 'session.evicted')
      ? 'takes an id away without its password'
      : undefined,
  ];
  const number = stores.directory({ ...after, hasNames: snapshot.hasNames });
  return { directory: number, told, violation: lapses.find((lapse) => lapse !== undefined) };
}

const restoreOurs: RestoreDirectory = (snapshot, notify, options) =>
  MemoryDirectory.restore(snapshot, notify, MemoryDirectory, options);
