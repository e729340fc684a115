/**
 * Stage 3: what a no is worth. Each part is there only if the dialect says so.
 *
 * Owns: the checks of `never`, of the wait after a no, and of how often one user is asked.
 */
import type { Features } from '../../protocol/dialect.ts';
import type { TestClient } from '../testClient.ts';
import type { Check } from './check.ts';
import type { ProbeSession } from './probeSession.ts';
import { about, menu, read, refused } from './says.ts';

/** To ask so often within a minute is possible in every check. */
const mostQuestions = 10;

const hasNever = ({ never }: Features): boolean => never;

export const peaceChecks: readonly Check[] = [
  {
    ...{ id: 'answer-never', stage: 3, needs: ['deny'], isIn: hasNever },
    rule: 'never declines with the words of any other no, in any letter case',
    name: 'never is no answer',
    hint: 'never ends the request as n does, and the asker can’t tell the two apart.',
    async run(session) {
      for (const answer of ['never', ' NEVER ']) {
        const [ann, ben] = await session.enterAll('ann', 'ben');
        await refuse(session, ann, ben, answer);
        await Promise.all([ann.leave(), ben.leave()]);
      }
    },
  },
  {
    ...{ id: 'never-holds', stage: 3, needs: ['answer-never', 'busy-chatting'], isIn: hasNever },
    rule: 'who was refused with never reads that the other one is busy, and nobody else does',
    name: 'never holds for one request only',
    hint: 'Keep whom a user has refused, by id, as long as that user is online.',
    async run(session) {
      const [ann, ben, eve] = await session.enterAll('ann', 'ben', 'eve');
      await refuse(session, ann, ben, 'never');
      await isTurnedAway(session, ann, ben);
      await session.ask(eve, ben);
    },
  },
  {
    ...{ id: 'never-help', stage: 3, needs: ['answer-never', 'answer-unclear'], isIn: hasNever },
    rule: '/help at the question tells of never, and asks again',
    name: '/help at the question does not tell of never',
    hint: 'A line that begins with /help is no answer: say which there are, and ask again.',
    async run(session) {
      const [ann, ben] = await session.enterAll('ann', 'ben');
      await session.ask(ann, ben);
      session.type(ben, '/help');
      await session.hears(ben, about('howToAnswer', ann));
      await session.expect(ben, about('question', ann));
    },
  },
  {
    ...{ id: 'never-hint', stage: 3, needs: ['answer-never'], isIn: (has) => has.never && !has.declineWait },
    rule: 'the second no to the same user is followed by a hint',
    name: 'the second no to the same user is not followed by a hint',
    hint: 'Keep whom a user has declined, and tell of never when they decline the same one again.',
    async run(session) {
      const [ann, ben] = await session.enterAll('ann', 'ben');
      await refuse(session, ann, ben, 'n');
      await session.ask(ann, ben);
      session.type(ben, 'n');
      await session.hears(ben, read('denied'));
      await session.hears(ben, about('neverHint', ann));
      await session.expect(ben, menu);
    },
  },
  {
    ...{ id: 'decline-wait', stage: 3, needs: ['deny', 'busy-chatting'], isIn: ({ declineWait }) => declineWait },
    rule: 'who was declined has to wait before asking the same user again, and nobody else has to',
    name: 'who was declined can ask again at once',
    hint: 'Keep when a user has declined whom, by id, and answer "busy" for a while.',
    async run(session) {
      const [ann, ben, eve] = await session.enterAll('ann', 'ben', 'eve');
      await refuse(session, ann, ben, 'n');
      await isTurnedAway(session, ann, ben);
      await session.ask(eve, ben);
    },
  },
  {
    ...{ id: 'asked-per-minute', stage: 3, needs: ['withdraw', 'busy-chatting'] },
    rule: 'nobody is asked more often than the dialect says',
    name: 'one user can be asked again and again',
    hint: 'Keep when each user was asked, by id, and answer "busy" when it was too often within a minute.',
    isIn: ({ askedPerMinute: most, withdraw }) => withdraw && most !== null && most <= mostQuestions,
    async run(session) {
      const [ann, ben] = await session.enterAll('ann', 'ben');
      for (let time = 0; time < (session.features.askedPerMinute ?? 0); time++) {
        await session.ask(ann, ben);
        session.type(ann, 'exit()');
        for (const client of [ann, ben]) await session.needs(client, menu);
      }
      await isTurnedAway(session, ann, ben);
    },
  },
];

/** The asked says no in one way or another. */
async function refuse(session: ProbeSession, asker: TestClient, asked: TestClient, answer: string): Promise<void> {
  await session.ask(asker, asked);
  session.type(asked, answer);
  for (const client of [asked, asker]) {
    await session.hears(client, read('denied'));
    await session.expect(client, menu);
  }
}

/** The asker reads that the other one is busy, who reads nothing. */
async function isTurnedAway(session: ProbeSession, asker: TestClient, asked: TestClient): Promise<void> {
  await session.settle();
  const before = asked.transcript.length;
  await session.choose(asker);
  session.type(asker, asked.id);
  await session.hears(asker, refused('busy'));
  await session.expect(asker, menu);
  if (asked.transcript.slice(before).includes(asker.id)) throw session.shown(asked, 'nothing of this');
}
