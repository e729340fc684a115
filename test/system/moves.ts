/**
 * What can be explored, and what can happen in it.
 *
 * Owns: the options of an exploration, and the moves, each of which is one object. Next: `composite.ts`, which makes them.
 */
import type { lobbyMachine } from '../../machines/lobby.machine.ts';
import type { sessionMachine } from '../../machines/session.machine.ts';
import type { Notify } from '../../src/chat/directory/directory.ts';
import type {
  DirectorySnapshot,
  MemoryDirectory,
  MemoryDirectoryOptions,
} from '../../src/chat/directory/memoryDirectory.ts';
import { linesOfReturn, typedLines } from './userSteps.ts';

export interface CompositeOptions {
  users: number;
  /** The most messages under way to one session, and the most from it before its user may type again. */
  underWay: number;
  /** The directory may evict anybody, and the server may close, at every moment. */
  evictions: boolean;
  /** Everybody may claim everybody's id. */
  contestedIds?: boolean;
  /** Every id has a password, which everybody may know or guess; the file of names may be emptied and filled again. */
  names?: boolean;
  /**
   * As `names`, but the file never changes. The first two are in a chat, the third comes as the first one, with the password,
   * and nobody types anything but what leads back to the chat and out of it.
   */
  returns?: boolean;
  /** The lobby's chart that decides on ids; another one than ours to see whether it is found out. */
  lobby?: typeof lobbyMachine;
  /** The clock of a request may strike at every moment, though the request was answered or its asker evicted. */
  lateClocks?: boolean;
  /** The directory keeps in mind who was declined and refused. Else it forgets that at once. */
  remembers?: boolean;
  /** So often may somebody be asked between two moves of time, and who was declined has to wait for the next one. */
  askedPerMinute?: number;
  /** The chart that runs; another one than ours to see whether it is found out. */
  machine?: typeof sessionMachine;
  /** The directory that decides; another one than ours to see whether it is found out. */
  restoreDirectory?: RestoreDirectory;
}

export type RestoreDirectory = (
  snapshot: DirectorySnapshot,
  notify: Notify,
  options: MemoryDirectoryOptions,
) => MemoryDirectory;

const kinds = [
  ...(['types', 'types no text', 'hangs up', 'connects', 'asks the lobby', 'asks in vain', 'hears'] as const),
  ...(['sees the file of names change'] as const),
  ...(['runs out of time', 'is evicted', 'is told to go', 'is too slow', 'is removed', 'meets a bug'] as const),
  ...(['is unreachable', 'stays away too long'] as const),
  ...(['lets a minute pass'] as const),
];
export type Kind = (typeof kinds)[number];

/** What can happen next: somebody does something, or something that waited is taken. */
export interface Move {
  user: number;
  kind: Kind;
  /** The line typed. */
  text?: string;
}

/** All that one user can do. */
export interface UserMoves {
  /** The lines they may type, by the state of their session. */
  typing: Record<string, readonly Move[]>;
  doing: Record<Kind, Move>;
}

const knownMoves = new Map<string, Move>();

/** Each move is one object, whatever system it is made in, so that two lists of them are compared quickly. */
function moveOf(user: number, kind: Kind, text?: string): Move {
  const key = `${user} ${kind} ${text}`;
  const move = knownMoves.get(key) ?? { user, kind, ...(text !== undefined && { text }) };
  knownMoves.set(key, move);
  return move;
}

/** All that one of these users can do. */
export function movesOf(options: CompositeOptions, names: readonly string[], user: number): UserMoves {
  const name = names[user] as string;
  const others = names.filter((other) => other !== name);
  const [first = ''] = names;
  const lines = options.returns
    ? linesOfReturn(user === 2 ? first : name)
    : typedLines(name, others, options.contestedIds ? others : []);
  const typing = Object.entries(lines).map(([state, texts]) => [
    state,
    texts.map((text) => moveOf(user, 'types', text)),
  ]);
  const doing = kinds.map((kind) => [kind, moveOf(user, kind)]);
  return { typing: Object.fromEntries(typing), doing: Object.fromEntries(doing) };
}
