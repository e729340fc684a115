/**
 * Stage 3: how a request or a chat can end, and that both are free afterwards.
 *
 * Owns: these checks, most of them made from tables.
 */
import type { TestClient } from '../testClient.ts';
import type { Check } from './check.ts';
import { isFree } from './ids.ts';
import type { ProbeSession } from './probeSession.ts';
import { about, line, menu, read, refused } from './says.ts';

const told = 'When a connection ends, tell the user it was asking or chatting with, and set that user free.';
const cleanUp = 'recv() does not only return nothing, it may also fail (ECONNRESET): clean up in a finally.';
const setFree = 'Everything that ends a request or a chat has to set both users back to the menu in every dictionary.';

/** Somebody goes, and somebody else has to hear of it. */
interface Vanishing {
  readonly id: string;
  readonly who: string;
  readonly rule: string;
  readonly name: string;
  /** The one who goes and the one who stays. */
  bring(session: ProbeSession): Promise<[TestClient, TestClient]>;
  hears(session: ProbeSession, stays: TestClient, goes: TestClient): Promise<void>;
}

const vanishings: readonly Vanishing[] = [
  {
    ...{ id: 'asker-vanished', who: 'the asker', rule: 'whoever is asked is free when the asker vanishes' },
    name: 'a request whose asker vanished leaves the other waiting',
    async bring(session) {
      const [ann, ben] = await session.enterAll('ann', 'ben');
      await session.ask(ann, ben);
      return [ann, ben];
    },
    hears: async (session, stays) => session.expect(stays, menu),
  },
  {
    ...{
      id: 'target-vanished',
      who: 'the one who is asked',
      rule: 'the asker is free when the one who is asked vanishes',
    },
    name: 'a request whose target vanished leaves the asker waiting',
    async bring(session) {
      const [ann, ben] = await session.enterAll('ann', 'ben');
      await session.ask(ann, ben);
      return [ben, ann];
    },
    async hears(session, stays) {
      if ((await session.firstOf(stays, [menu])) === undefined) throw session.shown(stays, session.inWords(menu));
      await session.hears(stays, refused('gone'), {
        name: 'the asker is told something else when the one who is asked vanishes',
        hint: 'There was no chat yet: say that the user is gone, and show the menu.',
      });
      await session.expect(stays, menu);
    },
  },
  {
    ...{ id: 'partner-vanished', who: 'the chat partner', rule: 'a chat is over when the partner vanishes' },
    name: 'the chat partner of somebody who hangs up is not told',
    bring: (session) => session.pair(),
    async hears(session, stays, goes) {
      await session.expect(stays, about('partnerLeft', goes));
      await session.expect(stays, menu);
    },
  },
];

/** An end of a request or a chat, and those who have to be free after it. */
interface Ending {
  readonly id: string;
  readonly after: string;
  readonly needs: readonly string[];
  readonly isIn?: Check['isIn'];
  end(session: ProbeSession): Promise<TestClient[]>;
}

const endings: readonly Ending[] = [
  {
    ...{ id: 'free-after-no', after: 'a no', needs: ['deny', 'chat-line', 'menu-invalid'] },
    async end(session) {
      const [ann, ben] = await session.enterAll('ann', 'ben');
      await session.ask(ann, ben);
      session.type(ben, 'n');
      await session.needs(ann, menu);
      await session.needs(ben, menu);
      return [ann, ben];
    },
  },
  {
    ...{ id: 'free-after-chat', after: 'a chat that was left', needs: ['chat-leave', 'free-after-no'] },
    async end(session) {
      const [ann, ben] = await session.pair();
      session.type(ann, 'exit()');
      await session.needs(ann, menu);
      await session.needs(ben, menu);
      return [ann, ben];
    },
  },
  {
    ...{ id: 'free-after-withdrawal', after: 'a request that was taken back', needs: ['withdraw', 'free-after-no'] },
    isIn: ({ withdraw }) => withdraw,
    async end(session) {
      const [ann, ben] = await session.enterAll('ann', 'ben');
      await session.ask(ann, ben);
      session.type(ann, 'exit()');
      await session.needs(ann, menu);
      await session.needs(ben, menu);
      return [ann, ben];
    },
  },
  {
    ...{ id: 'free-after-refusal', after: 'a request that was refused', needs: ['target-unknown', 'free-after-no'] },
    async end(session) {
      const ann = await session.naming('ann');
      session.type(ann, `nobody${session.suffix}`);
      await session.needs(ann, menu);
      return [ann];
    },
  },
  ...vanishings.flatMap(({ id, who, bring }) =>
    (['hangs up', 'is cut off (RST)'] as const).map((how): Ending => {
      const isReset = how !== 'hangs up';
      return {
        id: `free-after-${id}${isReset ? '-reset' : ''}`,
        after: `${who} ${how}`,
        needs: [isReset ? `${id}-reset` : id, ...(isReset ? [`free-after-${id}`] : ['free-after-no'])],
        async end(session) {
          const [goes, stays] = await bring(session);
          if (isReset) session.reset(goes);
          else session.hangUp(goes);
          await session.needs(stays, menu);
          return [stays];
        },
      };
    }),
  ),
];

export const endChecks: readonly Check[] = [
  ...vanishings.flatMap((vanishing) => [vanishes(vanishing, false), vanishes(vanishing, true)]),
  ...endings.map(
    ({ id, after, needs, isIn, end }): Check => ({
      ...{ id, stage: 3, needs, ...(isIn && { isIn }) },
      rule: `after ${after} everybody is free again`,
      name: `after ${after} somebody is stuck`,
      hint: setFree,
      async run(session) {
        const people = await end(session);
        for (const each of people) await isFreeAgain(session, each);
      },
    }),
  ),
  ...(['naming', 'waiting', 'asked', 'chatting'] as const).map(
    (state): Check => ({
      ...{ id: `id-free-${state}`, stage: 3, needs: ['id-free-hangup', state === 'chatting' ? 'accept' : 'ask'] },
      rule: `the id of somebody who hangs up while ${state} is free at once`,
      name: `the id of somebody who hangs up while ${state} stays taken`,
      hint: 'A connection that ends has to leave every dictionary, whatever its user was doing.',
      async run(session) {
        const goes = await bringTo(session, state);
        session.hangUp(goes);
        await goes.until(() => goes.hasEnded);
        await isFree(session, goes.id);
      },
    }),
  ),
];

function vanishes({ id, rule, name, bring, hears }: Vanishing, isReset: boolean): Check {
  const needs = isReset ? [id, 'id-free-reset'] : [id === 'partner-vanished' ? 'accept' : 'ask', 'id-free-hangup'];
  return {
    ...{ id: isReset ? `${id}-reset` : id, stage: 3, needs },
    rule: isReset ? `${rule}, also by a reset (RST)` : rule,
    name: isReset ? `${name}, if the connection is reset (RST)` : name,
    hint: isReset ? cleanUp : told,
    async run(session) {
      const [goes, stays] = await bring(session);
      session.forget(stays);
      if (isReset) session.reset(goes);
      else session.hangUp(goes);
      await hears(session, stays, goes);
    },
  };
}

async function bringTo(session: ProbeSession, state: 'naming' | 'waiting' | 'asked' | 'chatting'): Promise<TestClient> {
  if (state === 'naming') return session.naming('ann');
  if (state === 'chatting') return (await session.pair())[0];
  const [ann, ben] = await session.enterAll('ann', 'ben');
  await session.ask(ann, ben);
  return state === 'waiting' ? ann : ben;
}

/** In the menu, can be asked, can ask, and can chat. What others do here has nothing to do with how it ended. */
export async function isFreeAgain(session: ProbeSession, client: TestClient): Promise<void> {
  session.type(client, 'x');
  await session.expect(client, read('invalidOption'));
  await session.expect(client, menu);
  const third = await session.enter('dan');
  await session.choose(third);
  session.type(third, client.id);
  await session.expect(client, about('question', third));
  session.type(client, 'n');
  await session.expect(client, menu);
  const fourth = await session.enter('fay');
  session.type(client, '1');
  await session.expect(client, read('targetPrompt'));
  session.type(client, fourth.id);
  await session.expect(fourth, about('question', client));
  session.type(fourth, 'y');
  await session.expect(client, about('chatStarted', fourth));
  session.type(client, 'free');
  await session.expect(fourth, line(client, 'free'));
  await Promise.all([third.leave(), fourth.leave(), client.leave()]);
}
