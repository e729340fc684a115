/**
 * Stage 3: what a third person may not do.
 *
 * Owns: the checks of who can be asked.
 */
import type { TestClient } from '../testClient.ts';
import type { Check } from './check.ts';
import { type Fault, Shown } from './findings.ts';
import type { ProbeSession } from './probeSession.ts';
import { about, menu, refused } from './says.ts';

/** How often two people ask the same user at the same moment. */
const rounds = 6;
const hint = 'Only somebody whose state is "menu" can be asked. Everybody else is busy, and reads nothing of it.';

const noAnswer: Fault = {
  name: 'somebody who asks a user who is busy gets no answer',
  hint: 'Say that the user is busy, and show the menu.',
};

interface Busy {
  readonly id: string;
  readonly name: string;
  readonly rule: string;
  readonly needs: readonly string[];
  /** The one who is busy. */
  bring(session: ProbeSession): Promise<TestClient>;
}

const busy: readonly Busy[] = [
  {
    ...{ id: 'busy-naming', needs: ['ask'], rule: 'somebody who is choosing whom to ask is busy' },
    name: 'somebody who is choosing whom to ask can be asked',
    bring: (session) => session.naming('ben'),
  },
  {
    ...{ id: 'busy-waiting', needs: ['ask'], rule: 'somebody who waits for an answer is busy' },
    name: 'somebody who waits for an answer can be asked',
    async bring(session) {
      const [ann, ben] = await session.enterAll('ann', 'ben');
      await session.ask(ann, ben);
      return ann;
    },
  },
  {
    ...{ id: 'busy-asked', needs: ['ask'], rule: 'somebody who is being asked is busy' },
    name: 'somebody who is being asked can be asked by a second person',
    async bring(session) {
      const [ann, ben] = await session.enterAll('ann', 'ben');
      await session.ask(ann, ben);
      return ben;
    },
  },
  {
    ...{ id: 'busy-chatting', needs: ['accept'], rule: 'somebody in a chat is busy' },
    name: 'somebody in a chat can be asked by a third person',
    bring: async (session) => (await session.pair())[1],
  },
];

export const thirdChecks: readonly Check[] = [
  ...busy.map((each) => isBusy(each, 3)),
  {
    ...{ id: 'chat-outside', stage: 3, needs: ['chat-leave', 'deny'] },
    rule: 'nobody else is told of a request or of a chat',
    name: 'others are told of a request or of a chat',
    hint: 'Say it to the two whom it is about, not to everybody.',
    async run(session) {
      const [ann, ben, eve, fay] = await session.enterAll('ann', 'ben', 'eve', 'fay');
      await session.choose(fay);
      await session.settle();
      const others = [eve, fay].map((client) => ({ client, before: client.transcript.length }));
      await session.ask(ann, ben);
      session.type(ben, 'n');
      for (const each of [ann, ben]) await session.needs(each, menu);
      // Who was declined may have to wait.
      await session.chat(ben, ann);
      session.type(ann, 'exit()');
      for (const each of [ann, ben]) await session.needs(each, menu);
      await session.settle();
      for (const { client, before } of others) {
        const told = client.transcript.slice(before).toLowerCase();
        if ([ann, ben].some(({ id }) => told.includes(id.toLowerCase())))
          throw session.shown(client, 'nothing of this');
      }
    },
  },
  {
    ...{ id: 'same-target-race', stage: 3, needs: ['busy-asked'], isRace: true },
    rule: 'of two who ask the same user at the same moment one is refused',
    name: 'two people can ask the same user at the same moment',
    hint: 'Looking whether somebody is free and taking them has to be one step, under one lock.',
    run: sameTarget,
  },
];

/** A third person asks somebody who is busy. */
export function isBusy({ id, name, rule, needs, bring }: Busy, stage: 3 | 4): Check {
  return {
    ...{ id, stage, needs, rule, name, hint },
    async run(session) {
      const target = await bring(session);
      const third = await session.naming('dan');
      session.type(third, target.id);
      const came = await session.firstOf(third, [menu]);
      await session.settle();
      if (await session.reads(target, about('question', third), 1))
        throw new Shown(session.nameOf(target), 'nothing of this', session.inWords(about('question', third)));
      if (came === undefined) throw session.shown(third, session.inWords(refused('busy')), noAnswer);
      await session.hears(third, refused('busy'));
    },
  };
}

/** Only what is read can show it: two questions at one user before any answer. */
async function sameTarget(session: ProbeSession): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const [ann, eve, ben] = [await session.naming('ann'), await session.naming('eve'), await session.enter('ben')];
    ann.send(`${ben.id}\n`);
    eve.send(`${ben.id}\n`);
    await session.firstOf(ben, [about('question', ann), about('question', eve)]);
    await session.settle();
    const isAskedBy = [ann, eve].filter(({ id }) => ben.unread.toLowerCase().includes(id.toLowerCase()));
    if (isAskedBy.length > 1) throw new Shown('ben', 'one question', session.rest(ben));
    await Promise.all([ann.leave(), eve.leave(), ben.leave()]);
  }
}
