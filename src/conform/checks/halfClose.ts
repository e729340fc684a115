/**
 * Stages 2 to 4: what is sent just before the end of a connection, wherever its user is. At the prompt for an id that is
 * `half-close`, in a chat `text-before-end`.
 *
 * Owns: the checks for all other places.
 */
import type { Check, Stage } from './check.ts';
import type { ProbeSession } from './probeSession.ts';
import { about, line, menu, read, refused } from './says.ts';

interface Place {
  readonly id: string;
  readonly where: string;
  readonly stage: Stage;
  readonly needs: readonly string[];
  readonly isIn?: Check['isIn'];
  run(session: ProbeSession): Promise<void>;
}

const places: readonly Place[] = [
  {
    ...{ id: 'menu', where: 'in the menu', stage: 2, needs: ['menu-invalid'] },
    async run(session) {
      const ann = await session.enter('ann');
      session.type(ann, '7\n8');
      session.hangUp(ann);
      for (const sentence of [read('invalidOption'), menu, read('invalidOption'), menu])
        await session.expect(ann, sentence);
      if (!(await ann.until(() => ann.hasEnded))) throw session.shown(ann, 'the end of the connection');
    },
  },
  {
    ...{ id: 'naming', where: 'while naming somebody', stage: 3, needs: ['target-unknown', 'half-close-menu'] },
    async run(session) {
      const ann = await session.naming('ann');
      session.type(ann, `nobody${session.suffix}\n7`);
      session.hangUp(ann);
      for (const sentence of [refused('unknown'), menu, read('invalidOption'), menu])
        await session.expect(ann, sentence);
    },
  },
  {
    ...{ id: 'waiting', where: 'while waiting for an answer', stage: 3 },
    needs: ['waiting-line', 'asker-vanished', 'half-close-menu'],
    async run(session) {
      const [ann, ben] = await session.enterAll('ann', 'ben');
      await session.ask(ann, ben);
      session.type(ann, 'hm');
      session.hangUp(ann);
      await session.expect(ann, read('stillWaiting'));
      await session.expect(ben, menu);
    },
  },
  {
    ...{ id: 'asked', where: 'while asked', stage: 3 },
    needs: ['accept', 'partner-vanished', 'target-vanished', 'text-before-end', 'half-close-menu'],
    async run(session) {
      const [ann, ben] = await session.enterAll('ann', 'ben');
      await session.ask(ann, ben);
      session.type(ben, 'y\nhello');
      session.hangUp(ben);
      for (const sentence of [about('chatStarted', ben), line(ben, 'hello'), about('partnerLeft', ben), menu])
        await session.expect(ann, sentence);
    },
  },
  {
    ...{ id: 'room', where: 'in the room', stage: 4, needs: ['room-line', 'room-vanished', 'half-close-menu'] },
    isIn: ({ room }) => room,
    async run(session) {
      const [ann, ben] = await session.enterAll('ann', 'ben');
      await session.room(ann, ben);
      session.type(ann, 'first\nlast');
      session.hangUp(ann);
      for (const sentence of [line(ann, 'first'), line(ann, 'last'), about('leftRoom', ann)])
        await session.expect(ben, sentence);
    },
  },
];

export const halfCloseChecks: readonly Check[] = places.map(
  ({ id, where, stage, needs, isIn, run }): Check => ({
    ...{ id: `half-close-${id}`, stage, needs: ['half-close', ...needs], ...(isIn && { isIn }) },
    rule: `what is sent just before the end of a connection counts ${where}`,
    name: `what is sent just before the end of a connection is lost ${where}`,
    hint: 'recv() returning nothing means that no more comes. What came before still counts, wherever its user is.',
    run,
  }),
);
