/**
 * What must hold between users and the directory: the list of docs/protocol.md, "Who is in which state".
 *
 * Owns: the invariants. Knows nothing of how a state came about.
 */
import type { AnyMachineSnapshot } from 'xstate';
import type { DirectoryUpdate } from '../../machines/events.ts';
import type { DirectorySnapshot } from '../../src/chat/directory/memoryDirectory.ts';
import type { AskRules } from '../../src/chat/directory/requestMemory.ts';

interface Individual {
  name: string;
  session: AnyMachineSnapshot;
  dialogue: AnyMachineSnapshot;
}

type Rows = DirectorySnapshot['rows'];

/** What is wrong at any moment, however much is under way. */
export function disagreements(rows: Rows): string | undefined {
  for (const { id, state, partner, pairingId } of rows) {
    if (rows.filter((row) => row.id === id).length > 1) return `two users go by ${id}`;
    const other = rows.find((row) => row.id === partner);
    if (partner !== undefined && other?.partner !== id) return `${id}'s partner ${partner} has another partner`;
    if (partner !== undefined && other?.pairingId !== pairingId) return `${id} and ${partner} have different numbers`;
    if (partner !== undefined && !['requesting', 'confirming', 'chatting', 'away'].includes(state)) {
      return `${id} has a partner in state ${state}`;
    }
    if (partner === undefined && ['confirming', 'chatting', 'away'].includes(state))
      return `${id} is ${state} with nobody`;
  }
  return undefined;
}

/** What is wrong when nothing is under way: somebody waits for ever, or two see the world differently. */
export function silenceIsFine(users: readonly Individual[], rows: Rows): string | undefined {
  for (const { name, session, dialogue } of users) {
    const row = rows.find((candidate) => candidate.session === name);
    if (session.status !== 'active') {
      if (row) return `${name} is gone, but still in the directory`;
      continue;
    }
    if (session.hasTag('waiting')) return `${name} waits for a verdict that never comes`;
    if (dialogue.hasTag('replyPending')) return `${name} is owed an answer in ${JSON.stringify(dialogue.value)}`;
    const place: unknown = Object.values(Object(session.value))[0];
    const state = typeof place === 'string' ? place : Object.keys(Object(place))[0];
    const online = 'online' in Object(session.value);
    if (online !== (row !== undefined)) return `${name} is ${online ? '' : 'not '}online, the directory says otherwise`;
    if (online && row?.state !== state) return `${name} is in ${state}, the directory says ${row?.state}`;
    if (online && dialogue.hasTag('free') !== (row?.state === 'menu')) {
      return `${name} reads that they are in ${JSON.stringify(dialogue.value)}, the directory says ${row?.state}`;
    }
    if (!row) continue;
    const believed = dialogue.context.partner as string;
    if ((row.partner ?? '') !== believed) {
      if (!(dialogue.matches('naming') && row.partner === undefined)) {
        return `${name} believes to be with ${believed || 'nobody'}, the directory says ${row.partner ?? 'nobody'}`;
      }
    }
    const partner = rows.find(({ id }) => id === row.partner);
    const other = users.find((user) => user.name === partner?.session);
    const isAlone = session.matches({ online: { chatting: 'alone' } } as never);
    if (row.state === 'chatting' && isAlone !== (partner?.state === 'away')) {
      return `${name} is ${isAlone ? '' : 'not '}alone, the directory says of ${partner?.id}: ${partner?.state}`;
    }
    if (other && !belongTogether(dialogue.value as string, other.dialogue.value as string)) {
      return `${name} is in ${dialogue.value} while ${other.name} is in ${other.dialogue.value}`;
    }
  }
  return undefined;
}

/** What is untrue about the answer to a request, by what the directory knew when it decided. */
export function untrueAnswer(
  { rows, askedBefore }: Pick<DirectorySnapshot, 'rows' | 'askedBefore'>,
  { askedPerMinute, declineWaitMs }: AskRules,
  asker: string,
  target: string,
  told: readonly (readonly [to: string, update: DirectoryUpdate])[],
): string | undefined {
  const me = rows.find(({ session }) => session === asker)?.id.toLowerCase();
  const named = rows.find(({ id }) => id.toLowerCase() === target.toLowerCase());
  const isMe = (name: string): boolean => name === me;
  const times = askedBefore?.asked.find(([id]) => id === target.toLowerCase())?.[1] ?? [];
  const declinedAt = askedBefore?.declined.find(([id, name]) => id === target.toLowerCase() && isMe(name))?.[2];
  const isAtPeace =
    named?.refuses?.some(isMe) ||
    (declinedAt !== undefined && -declinedAt < declineWaitMs) ||
    (askedPerMinute > 0 && times.length >= askedPerMinute);
  if (told.some(([, { type }]) => type === 'request.received') && isAtPeace) return `asks ${target}, who has peace`;
  const refusal = told.map(([, update]) => update).find((update) => update.type === 'request.refused');
  if (refusal === undefined) return undefined;
  const isTrue = {
    unknown: named === undefined,
    self: named?.session === asker,
    busy: named !== undefined && named.session !== asker && (named.state !== 'menu' || isAtPeace === true),
    gone: false,
    tooOften: false,
    unavailable: false,
  };
  return isTrue[refusal.reason] ? undefined : `hears of ${target}: ${refusal.reason}, which is untrue`;
}

/** What the directory should have kept in mind of a decision, and has not, or has told wrongly. */
export function forgotten(
  before: Pick<DirectorySnapshot, 'rows' | 'askedBefore'>,
  { type }: { type: string },
  name: string,
  told: readonly (readonly [to: string, update: DirectoryUpdate])[],
  after: Pick<DirectorySnapshot, 'rows' | 'askedBefore'>,
  { askedPerMinute }: AskRules,
): string | undefined {
  const asked = told.find(([, update]) => update.type === 'request.received')?.[0];
  const askedId = after.rows.find(({ session }) => session === asked)?.id;
  if (askedId !== undefined && askedPerMinute > 0) {
    const times = after.askedBefore?.asked.find(([id]) => id === askedId)?.[1] ?? [];
    if (times.at(-1) !== 0) return `asks ${askedId}, and nobody counts it`;
  }
  const decline = told.find(([to, update]) => to === name && update.type === 'request.declined')?.[1];
  const row = before.rows.find(({ session }) => session === name);
  if (decline?.type !== 'request.declined' || row?.partner === undefined) return undefined;
  const hearers = told.filter(([, update]) => update.type === 'request.declined');
  if (hearers.length !== 2) return `declines ${row.partner}, who hears something else`;
  const hasDeclined = ({ askedBefore }: typeof before, at?: number): boolean =>
    askedBefore?.declined.some(
      (each) => each[0] === row.id && each[1] === row.partner && each[2] === (at ?? each[2]),
    ) ?? false;
  if (!hasDeclined(after, 0)) return `declines ${row.partner}, and nobody remembers it`;
  const refuses = after.rows.find(({ session }) => session === name)?.refuses ?? [];
  if (type === 'asker.refuse' && !refuses.includes(row.partner))
    return `refuses ${row.partner}, and nobody remembers it`;
  const isDue = type === 'request.decline' && hasDeclined(before);
  return (decline.isRepeated ?? false) === isDue ? undefined : `declines ${row.partner}, and hears that wrongly`;
}

/** True if the user has lost the connection and may come back. */
export function isAway(session: AnyMachineSnapshot): boolean {
  return session.matches({ online: 'away' } as never);
}

/** What two partners read at the same time. */
function belongTogether(one: string, other: string): boolean {
  const pairs = [
    ['asking', 'asked'],
    ['asked', 'asking'],
    ['chatting', 'chatting'],
  ];
  return pairs.some(([a, b]) => a === one && b === other);
}
