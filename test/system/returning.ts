/**
 * What is promised to those who lose the connection in a chat, and to their partners, where they may come back.
 *
 * Owns: the promises, as far as a single step of a session breaks one. Knows nothing of how a state came about.
 */
import type { AnyMachineSnapshot } from 'xstate';
import type { SessionEvent } from '../../machines/session.machine.ts';
import { notices, replies } from '../../src/protocol/replies.ts';
import { isAway } from './agreement.ts';
import type { Step, UserCharts } from './userSteps.ts';

/** What a session's step breaks; undefined if it keeps all. */
export function brokenPromise(
  { session: before, held }: UserCharts,
  event: SessionEvent,
  { session: after }: UserCharts,
  { read, released }: Pick<Step, 'read' | 'released'>,
): string | undefined {
  const isLost =
    event.type === 'connection.closed' || (event.type === 'limit.reached' && event.limit === 'unreachable');
  if (isLost && isIn(before, 'chatting') && !isAway(after)) return 'loses the chat together with the connection';
  const isAboutPartner = event.type === 'partner.away' || event.type === 'partner.back';
  if (isAboutPartner && isAway(before) && !isAway(after)) return 'can come back no more, though the chat goes on';
  const facts = { partner: after.context.partner } as Parameters<(typeof replies)['partnerAway']>[0];
  const becomesAlone = isAlone(after);
  if (becomesAlone && event.type !== 'line.received' && event.type !== 'line.refused') {
    if (!read.endsWith(replies.partnerAway(facts))) return 'is not told that the partner is away';
  }
  const isBack = event.type === 'partner.back' && isIn(after, 'chatting') && !after.hasTag('waiting');
  if (isBack && read !== replies.partnerBack(facts)) return 'is not told that the partner is back';
  if (isBack && released !== held - 1) return 'has said something that the partner never gets';
  const isResumed = event.type === 'id.granted' && event.chat !== undefined;
  const early = notices.said(after.context.partner, 'hello');
  const resumed = replies.chatResumed(facts);
  if (isResumed && !read.replaceAll(early, '').startsWith(resumed)) return 'is not told to be back in the chat';
  return undefined;
}

/** What somebody says to a partner who is away, and nobody keeps. */
export function isUnkept({ session, held }: UserCharts): boolean {
  return isAlone(session) && held === 0;
}

function isAlone(session: AnyMachineSnapshot): boolean {
  return session.matches({ online: { chatting: 'alone' } } as never);
}

function isIn(snapshot: AnyMachineSnapshot, place: string): boolean {
  return typeof snapshot.value === 'object' && Object.hasOwn(Object(Object(snapshot.value).online), place);
}
