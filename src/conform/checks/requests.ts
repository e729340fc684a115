/**
 * Stage 3: two people, up to the chat.
 *
 * Owns: the checks of asking and answering.
 */
import type { Check } from './check.ts';
import type { Fault } from './findings.ts';
import type { ProbeSession } from './probeSession.ts';
import { about, menu, read, refused } from './says.ts';

export const requestChecks: readonly Check[] = [
  {
    ...{ id: 'ask', stage: 3, needs: ['menu'], isPart: true },
    rule: '1 and an id ask that user',
    name: '1 and an id ask nobody',
    hint: '1 asks for an id; the user with that id reads the question.',
    async run(session) {
      const [ann, ben] = await session.enterAll('ann', 'ben');
      session.type(ann, '1');
      await session.hears(ann, read('targetPrompt'));
      session.type(ann, ben.id);
      await session.hears(ben, about('question', ann));
    },
  },
  {
    ...{ id: 'accept', stage: 3, needs: ['ask'], isPart: true },
    rule: 'y starts a chat, and both are told',
    name: 'y starts no chat',
    hint: 'y sets both users to chatting, each the partner of the other, and both are told.',
    async run(session) {
      const [ann, ben] = await session.enterAll('ann', 'ben');
      await session.ask(ann, ben);
      session.type(ben, 'y');
      await session.hears(ben, about('chatStarted', ann));
      await session.hears(ann, about('chatStarted', ben), {
        name: 'the asker is not told that the chat has started',
        hint: 'After y both read that the chat has started.',
      });
    },
  },
  {
    ...{ id: 'deny', stage: 3, needs: ['ask'] },
    rule: 'n ends the request, and both are told and in the menu again',
    name: 'n does not end the request for both',
    hint: 'After n both read that the request was denied, and the menu.',
    async run(session) {
      const [ann, ben] = await session.enterAll('ann', 'ben');
      await session.ask(ann, ben);
      session.type(ben, 'n');
      for (const client of [ben, ann]) {
        await session.hears(client, read('denied'));
        await session.expect(client, menu);
      }
    },
  },
  {
    ...{ id: 'target-unknown', stage: 3, needs: ['ask'] },
    rule: 'asking for somebody who is not there is refused',
    name: 'asking for somebody who is not there is not refused',
    hint: 'Look the id up before you ask; if nobody has it, say so and show the menu.',
    async run(session) {
      const ann = await session.naming('ann');
      session.type(ann, `nobody${session.suffix}`);
      await session.hears(ann, refused('unknown'));
      await session.expect(ann, menu);
    },
  },
  {
    ...{ id: 'target-self', stage: 3, needs: ['ask'] },
    rule: 'nobody can ask themselves',
    name: 'one can ask oneself',
    hint: 'Compare the id that was given with the asker’s own, in lower case.',
    async run(session) {
      const ann = await session.naming('ann');
      session.type(ann, ann.id);
      // Whatever the words: nobody reads a question, and the menu comes.
      const came = await session.firstOf(ann, [menu, about('question', ann)]);
      if (came !== 0) throw session.shown(ann, session.inWords(refused('self')));
      if ((await session.firstOf(ann, [refused('busy'), refused('unknown'), menu])) === 2)
        await session.hears(ann, refused('self'));
      await session.expect(ann, menu);
    },
  },
  {
    ...{ id: 'target-letter-case', stage: 3, needs: ['ask', 'id-letter-case'] },
    rule: 'whom to ask can be given in any letter case',
    name: 'the id of whom to ask is compared by its letter case',
    hint: 'Look ids up in lower case wherever one is given.',
    async run(session) {
      const [ann, ben] = [await session.naming('ann'), await session.enter('ben')];
      session.type(ann, ben.id.toUpperCase());
      await session.expect(ben, about('question', ann));
    },
  },
  {
    ...{ id: 'target-blanks', stage: 3, needs: ['ask', 'id-blanks'] },
    rule: 'blanks around the id of whom to ask mean nothing',
    name: 'blanks around the id of whom to ask are not cut off',
    hint: 'strip() the line before you look the id up.',
    async run(session) {
      const [ann, ben] = [await session.naming('ann'), await session.enter('ben')];
      session.type(ann, `  ${ben.id}\t`);
      await session.expect(ben, about('question', ann));
    },
  },
  {
    ...{ id: 'waiting-line', stage: 3, needs: ['ask'] },
    rule: 'what the asker types while waiting is answered, and reaches nobody',
    name: 'what the asker types while waiting is not answered',
    hint: 'Waiting is a state of its own: a line there is answered with "Waiting for response...".',
    async run(session) {
      const [ann, ben] = await session.enterAll('ann', 'ben');
      await session.ask(ann, ben);
      const secret = `secret ${session.suffix}`;
      session.type(ann, secret);
      await session.hears(ann, read('stillWaiting'));
      await session.settle();
      session.readsNowhere(ben, secret, {
        name: 'what the asker types while waiting reaches the one who is asked',
        hint: 'There is no chat before the answer: a line of the asker goes to nobody.',
      });
    },
  },
  {
    ...{ id: 'answer-letter-case', stage: 3, needs: ['accept', 'deny'] },
    rule: 'yes and no count in full and in any letter case',
    name: 'an answer in full or in capitals is not recognised',
    hint: 'lower() the answer, and take y, yes, n and no.',
    async run(session) {
      for (const answer of ['Y', 'YES', 'yes']) await answers(session, answer, 'accepts');
      for (const answer of ['N', 'No', 'no']) await answers(session, answer, 'denies');
    },
  },
  {
    ...{ id: 'answer-blanks', stage: 3, needs: ['accept', 'deny'] },
    rule: 'blanks around an answer mean nothing',
    name: 'blanks around an answer are not cut off',
    hint: 'strip() the line before you compare it.',
    async run(session) {
      await answers(session, '  y ', 'accepts');
      await answers(session, '\tn ', 'denies');
    },
  },
  {
    ...{ id: 'answer-unclear', stage: 3, needs: ['accept', 'deny'] },
    rule: 'an answer that is neither yes nor no is asked again',
    name: 'an answer that is neither yes nor no is not asked again',
    hint: 'An answer that is neither yes nor no is asked again.',
    async run(session) {
      for (const answer of ['maybe', 'yep', 'nope', 'exit()']) await isAskedAgain(session, answer);
    },
  },
  {
    ...{ id: 'naming-exit', stage: 3, needs: ['ask'], isIn: ({ withdraw }) => withdraw },
    rule: 'exit() in place of an id leads back to the menu',
    name: 'exit() in place of an id does not lead back to the menu',
    hint: 'exit() is no id: it leads back to the menu.',
    async run(session) {
      for (const text of ['exit()', ' exit()\t']) {
        const ann = await session.naming('ann');
        session.type(ann, text);
        await session.expect(ann, menu);
        await ann.leave();
      }
    },
  },
  {
    ...{ id: 'withdraw', stage: 3, needs: ['ask'], isIn: ({ withdraw }) => withdraw },
    rule: 'exit() while waiting takes the request back, and both are in the menu again',
    name: 'exit() while waiting does not take the request back',
    hint: 'exit() of an asker who waits sets both free: both are told, and read the menu.',
    async run(session) {
      const [ann, ben] = await session.enterAll('ann', 'ben');
      await session.ask(ann, ben);
      session.type(ann, ' exit() ');
      await session.hears(ann, read('youWithdrew'));
      await session.expect(ann, menu);
      await session.hears(ben, about('askerWithdrew', ann));
      await session.expect(ben, menu);
    },
  },
];

async function answers(session: ProbeSession, answer: string, what: 'accepts' | 'denies'): Promise<void> {
  const [ann, ben] = await session.enterAll('ann', 'ben');
  await session.ask(ann, ben);
  session.type(ben, answer);
  await session.expect(ben, what === 'accepts' ? about('chatStarted', ann) : read('denied'));
  await session.expect(ann, what === 'accepts' ? about('chatStarted', ben) : read('denied'));
  await Promise.all([ann.leave(), ben.leave()]);
}

async function isAskedAgain(session: ProbeSession, answer: string): Promise<void> {
  const [ann, ben] = await session.enterAll('ann', 'ben');
  await session.ask(ann, ben);
  session.type(ben, answer);
  const question = about('question', ann);
  const came = await session.firstOf(ben, [question, about('chatStarted', ann), menu, read('denied')]);
  const expected = `${session.inWords(question)} again`;
  if (came === 1) throw session.shown(ben, expected, anythingIsYes(answer));
  if (came !== 0) throw session.shown(ben, expected, came === undefined ? undefined : anythingIsNo(answer));
  session.forget(ben);
  session.type(ben, 'y');
  await session.expect(ben, about('chatStarted', ann));
  await Promise.all([ann.leave(), ben.leave()]);
}

function anythingIsYes(answer: string): Fault {
  return answer === 'yep'
    ? { name: 'a word that begins with y counts as yes', hint: 'Compare the whole answer: y or yes.' }
    : { name: 'anything but n counts as yes', hint: 'An answer that is neither yes nor no is asked again.' };
}

function anythingIsNo(answer: string): Fault {
  return answer === 'nope'
    ? { name: 'a word that begins with n counts as no', hint: 'Compare the whole answer: n or no.' }
    : { name: 'anything but y counts as no', hint: 'An answer that is neither yes nor no is asked again.' };
}
