/**
 * What a directory keeps in mind of earlier requests, as the explorations see it: times are a moment ago, or a minute ago.
 *
 * Owns: how that changes when a minute passes, and how much of it one user can notice.
 */
import type { DirectorySnapshot } from '../../src/chat/directory/memoryDirectory.ts';

export const minuteMs = 60_000;

type Content = Pick<DirectorySnapshot, 'rows' | 'askedBefore'>;

/** Nobody was asked within the last minute, and nobody has to wait any more. Who was declined is still known. */
export function aMinuteAfter({ rows, askedBefore }: Content): Content {
  const declined = askedBefore?.declined ?? [];
  const earlier = declined.map(([target, asker]): (typeof declined)[number] => [target, asker, -minuteMs]);
  return { rows: [...rows], ...(declined.length > 0 && { askedBefore: { asked: [], declined: earlier } }) };
}

/** True if a minute changes anything. */
export function isMomentary({ askedBefore }: Content, declineWaitMs: number): boolean {
  if (askedBefore === undefined) return false;
  return askedBefore.asked.length > 0 || askedBefore.declined.some(([, , at]) => -at < declineWaitMs);
}

/** The same with only so much kept in mind as can change what this session's user reads: whom they have declined. */
export function seenBy(session: string, { rows, askedBefore }: Content): Content {
  const id = rows.find((row) => row.session === session)?.id;
  const declined = askedBefore?.declined.filter(([target]) => target === id) ?? [];
  return {
    rows: rows.map(({ refuses: _, ...row }) => row),
    ...(declined.length > 0 && { askedBefore: { asked: [], declined } }),
  };
}
