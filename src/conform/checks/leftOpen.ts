/**
 * Stages 3 and 4: what our page fixes and other servers may do in their way. What is found here is a remark and no fault.
 *
 * Owns: these checks, each of them for a chat and for the room.
 */
import type { TestClient } from '../testClient.ts';
import type { Check } from './check.ts';
import { Shown } from './findings.ts';
import type { ProbeSession } from './probeSession.ts';
import { line, read } from './says.ts';

const leavingWords = ['Exit()', 'EXIT()', 'exit ()'];

interface Open {
  readonly id: string;
  readonly needs: readonly string[];
  readonly rule: string;
  readonly name: string;
  readonly hint: string;
  run(session: ProbeSession, where: Where): Promise<void>;
}

interface Where {
  readonly isRoom: boolean;
  /** Two who read each other. */
  bring(session: ProbeSession): Promise<[TestClient, TestClient]>;
}

const chat: Where = { isRoom: false, bring: (session) => session.pair() };

const room: Where = {
  isRoom: true,
  async bring(session) {
    const [ann, ben] = await session.enterAll('ann', 'ben');
    await session.room(ann, ben);
    return [ann, ben];
  },
};

const all: readonly Open[] = [
  {
    ...{ id: 'empty', needs: [], rule: 'an empty or blank line is told to nobody' },
    name: 'an empty line is told to others',
    hint: 'Somebody who presses Enter says nothing: compare the stripped line with "".',
    async run(session, where) {
      await toldToNobody(session, where, ['', '  ', '\t']);
    },
  },
  {
    ...{ id: 'help', needs: [], rule: '/help and the like are told to nobody, and their sender reads how to leave' },
    name: '/help is told to others',
    hint: 'People type /help, /quit or /exit because other chats have them: say to them what leaves here.',
    async run(session, where) {
      const ann = await toldToNobody(session, where, ['/help', '/quit']);
      if (!(await ann.until(() => /exit/i.test(ann.unread)))) throw session.shown(ann, 'how to leave');
    },
  },
  {
    ...{ id: 'exit-letter-case', needs: ['exit-blanks'], rule: 'exit() leaves in any letter case' },
    name: 'exit() in capitals is passed on as text',
    hint: 'Compare in lower case and without blanks, as y and yes are.',
    async run(session, where) {
      for (const text of leavingWords) {
        const people = await where.bring(session);
        session.type(people[0], text);
        await session.expect(people[0], read(where.isRoom ? 'youLeftRoom' : 'youLeftChat'));
        await Promise.all(people.map((each) => each.leave()));
      }
    },
  },
];

export const openChecks: readonly Check[] = [
  ...all.map((open) => checkOf(open, chat)),
  ...all.map((open) => checkOf(open, room)),
];

function checkOf({ id, needs, rule, name, hint, run }: Open, where: Where): Check {
  const [prefix, place] = where.isRoom ? ['room', 'in the room'] : ['chat', 'in a chat'];
  return {
    ...{ id: `${prefix}-${id}`, stage: where.isRoom ? 4 : 3, isOpen: true, hint },
    needs: [`${prefix}-line`, `${prefix}-leave`, ...needs],
    rule: `${place} ${rule}`,
    name: `${place} ${name}`,
    isIn: (features) => features.chat && (!where.isRoom || features.room),
    run: (session) => run(session, where),
  };
}

/** Returns who has typed these lines, with what they have read since. */
async function toldToNobody(session: ProbeSession, where: Where, texts: readonly string[]): Promise<TestClient> {
  const [ann, ben] = await where.bring(session);
  session.forget(ann);
  const before = ben.transcript.length;
  for (const text of texts) session.type(ann, text);
  session.type(ann, 'end');
  await session.needs(ben, line(ann, 'end'));
  const read = ben.transcript.slice(before);
  const told = read.split('\n').filter((each) => each !== '' && !each.endsWith(': end'));
  if (told.length > 0) throw new Shown('ben', 'nothing but "end"', JSON.stringify(read));
  return ann;
}
