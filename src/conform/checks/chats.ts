/**
 * Stage 3: a chat and how it ends.
 *
 * Owns: the checks of what a line in a chat is, and of who reads it.
 */
import { withNames } from '../ids.ts';
import type { Check } from './check.ts';
import { type Fault, NotJudged, Shown } from './findings.ts';
import { about, line, menu, read } from './says.ts';

export const imitation: Fault = {
  name: 'user text can imitate a server line',
  hint: "Every line from a user begins with that user's id, a colon and a blank, and control characters are not passed on.",
};
const mixed: Fault = {
  name: 'two chats at the same time mix',
  hint: 'The partner belongs to each user, in a dictionary: one variable for all is the partner of the chat that began last.',
};

/** Until a line has arrived, or is changed so that it can't be recognised, in ms. */
const arrivalMs = 100;

export const chatChecks: readonly Check[] = [
  {
    ...{ id: 'chat-line', stage: 3, needs: ['accept'], isPart: true },
    rule: 'a line in a chat reaches the partner, with the id of who has said it',
    name: 'a line in a chat does not reach the partner',
    hint: 'A line of somebody who is chatting goes to the partner: the id, a colon, a blank and the text.',
    async run(session) {
      const [ann, ben] = await session.pair();
      session.type(ann, 'hello there');
      const isBare = /^hello there$/m;
      if (!(await ben.until(() => ben.unread.includes('hello there\n'))))
        throw session.shown(ben, '"ann: hello there"');
      if (isBare.test(ben.unread)) throw session.shown(ben, session.inWords(line(ann, 'hello there')), imitation);
      await session.hears(ben, line(ann, 'hello there'));
      session.type(ben, 'hi');
      await session.expect(ann, line(ben, 'hi'));
    },
  },
  {
    ...{ id: 'chat-leave', stage: 3, needs: ['accept'] },
    rule: 'exit() ends a chat, and both are told and in the menu again',
    name: 'exit() does not end the chat for both',
    hint: 'exit() sets both free: the one who leaves reads so, the other one too, and both read the menu.',
    async run(session) {
      const [ann, ben] = await session.pair();
      session.type(ann, 'exit()');
      await session.hears(ann, read('youLeftChat'));
      await session.expect(ann, menu);
      await session.hears(ben, about('partnerLeft', ann), {
        name: 'the partner of somebody who leaves a chat is not told',
        hint: 'exit() ends the chat for both: tell the partner, and show the menu to both.',
      });
      await session.expect(ben, menu);
    },
  },
  {
    ...{ id: 'exit-blanks', stage: 3, needs: ['chat-leave'] },
    rule: 'exit() with blanks around it ends a chat',
    name: 'exit() with blanks around it is passed on as text',
    hint: 'strip() the line before you compare it with exit().',
    async run(session) {
      for (const text of [' exit()', 'exit() ', '\texit()  ']) {
        const [ann, ben] = await session.pair();
        session.type(ann, text);
        await session.expect(ann, read('youLeftChat'));
        await Promise.all([ann.leave(), ben.leave()]);
      }
    },
  },
  {
    ...{ id: 'exit-only', stage: 3, needs: ['chat-leave', 'chat-line'] },
    rule: 'a line with more than exit() in it is text',
    name: 'a line that only contains exit() ends the chat',
    hint: 'Compare the whole line with exit(), not a part of it.',
    async run(session) {
      const [ann, ben] = await session.pair();
      for (const text of ['exit() now', 'say exit()', 'exit']) {
        session.type(ann, text);
        await session.expect(ben, line(ann, text));
      }
    },
  },
  {
    ...{ id: 'chat-choices', stage: 3, needs: ['chat-line'] },
    rule: 'what is a choice in the menu is text in a chat',
    name: 'what is a choice in the menu counts in a chat too',
    hint: 'Look at the state first and at the line then: in a chat only exit() means something.',
    async run(session) {
      const [ann, ben] = await session.pair();
      for (const text of ['1', '2', '3', '4', 'y', 'n']) {
        session.type(ann, text);
        await session.expect(ben, line(ann, text));
      }
    },
  },
  {
    ...{ id: 'imitation', stage: 3, needs: ['chat-line'], ...imitation },
    rule: 'user text cannot imitate a line of the server',
    async run(session) {
      const [ann, ben] = await session.pair();
      for (const fake of [`${ann.id} left the chat.`, 'Menu:', `: ${ann.id} left the chat.`]) {
        session.type(ann, fake);
        await ben.until(() => ben.unread.includes(fake), arrivalMs);
      }
      session.type(ann, 'end');
      await session.needs(ben, line(ann, 'end'));
      const bare = new RegExp(`(?:^|[\\r\\n])(?:${ann.id} left the chat\\.|Menu:\\r?\\n(?!1\\)))`);
      const told = ben.transcript.slice(ben.transcript.lastIndexOf('Chat'));
      if (bare.test(told))
        throw new Shown(
          'ben',
          'every line with "ann: " before it',
          JSON.stringify(withNames(told, session.suffix).slice(0, 200)),
        );
    },
  },
  {
    ...{ id: 'server-imitation', stage: 3, needs: ['chat-line'] },
    rule: 'nobody can have the name that the lines of the server begin with',
    name: 'a user called Server can imitate the server',
    hint: 'Where lines of the server begin with "Server: ", nobody may be called so, in any letter case.',
    async run(session) {
      const words = Object.values(session.dialect.replies)
        .flat()
        .filter((text) => text.startsWith('Server: '));
      if (words.length === 0) return;
      const server = await session.guest('ann', 'Server');
      session.type(server, 'Server');
      if ((await session.firstOf(server, [menu, read('idPrompt'), read('idTaken')])) !== 0) return;
      const ben = await session.enter('ben');
      session.forget(server);
      await session.chat(server, ben);
      session.type(server, 'You left the chat.');
      if (await session.reads(ben, read('youLeftChat')))
        throw new Shown('ben', 'nothing that looks like the server', '"Server: You left the chat."');
    },
  },
  {
    ...{ id: 'chat-echo', stage: 3, needs: ['chat-line'] },
    rule: 'nobody reads their own lines',
    name: 'the sender reads its own line',
    hint: 'A line in a chat goes to the partner and to nobody else, not back to the sender.',
    async run(session) {
      const [ann, ben] = await session.pair();
      const text = `echo ${session.suffix}`;
      session.type(ann, text);
      await session.needs(ben, line(ann, text));
      session.type(ben, 'end');
      await session.needs(ann, line(ben, 'end'));
      session.readsNowhere(ann, text);
    },
  },
  {
    ...{ id: 'chat-private', stage: 3, needs: ['chat-line'] },
    rule: 'nobody but the partner reads a line of a chat',
    name: 'a third person reads a private chat',
    hint: 'A line in a chat goes to the partner of its sender, and to nobody else.',
    async run(session) {
      const [ann, ben] = await session.pair();
      const [eve, gus] = [await session.enter('eve'), await session.naming('gus')];
      const secret = `secret ${session.suffix}`;
      for (const [from, to] of [
        [ann, ben],
        [ben, ann],
      ] as const) {
        session.type(from, secret);
        await session.expect(to, line(from, secret), mixed);
      }
      await session.settle();
      for (const third of [eve, gus]) session.readsNowhere(third, secret);
    },
  },
  {
    ...{ id: 'chats-apart', stage: 3, needs: ['chat-private', 'chat-echo'], ...mixed },
    rule: 'two chats at the same time do not mix',
    async run(session) {
      const [ann, ben] = await session.pair('ann', 'ben');
      const [dan, fay] = await session.pair('dan', 'fay').catch((error: Error) => {
        throw error instanceof NotJudged ? new Shown('dan and fay', 'that their chat starts', error.message) : error;
      });
      const people = [ann, ben, dan, fay] as const;
      const partners = [ben, ann, fay, dan] as const;
      for (const [at, from] of people.entries()) {
        const text = `line ${at} ${session.suffix}`;
        session.type(from, text);
        await session.expect(partners[at] as typeof ann, line(from, text));
        await session.settle();
        for (const other of people) if (other !== partners[at]) session.readsNowhere(other, text);
      }
    },
  },
];
