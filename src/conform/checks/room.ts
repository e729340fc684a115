/**
 * Stage 4: the common room.
 *
 * Owns: its checks.
 */
import { namesStranger } from '../ids.ts';
import type { TestClient } from '../testClient.ts';
import { imitation } from './chats.ts';
import type { Check } from './check.ts';
import { isFreeAgain } from './ends.ts';
import { type Fault, NotJudged, Shown } from './findings.ts';
import { isFree } from './ids.ts';
import type { ProbeSession } from './probeSession.ts';
import { about, line, menu, read } from './says.ts';
import { isBusy } from './thirds.ts';

const isIn: Check['isIn'] = ({ room }) => room;
const isChatIn: Check['isIn'] = ({ room, chat }) => room && chat;
const noticesHint = 'What happens in the room is told to those in the room, not to everybody.';
/** So many lines from each of two people. */
const orderedLines = 8;

export const roomChecks: readonly Check[] = [
  {
    ...{ id: 'room', stage: 4, needs: ['menu'], isPart: true, isIn },
    rule: '3 leads into the common room',
    name: '3 does not lead into the common room',
    hint: '3 puts the user into the room and says so.',
    async run(session) {
      const ann = await session.enter('ann');
      session.type(ann, '3');
      await session.hears(ann, read('roomJoined'));
      if (!session.features.headCount) return;
      await session.hears(
        ann,
        { type: 'read.roomCount', count: 1 },
        {
          name: 'nobody is told how many are in the room',
          hint: 'Who comes in reads how many are there. Where that is left out on purpose, the dialect says "headCount": false.',
        },
      );
    },
  },
  {
    ...{ id: 'room-line', stage: 4, needs: ['room'], isPart: true, isIn },
    rule: 'a line in the room reaches everybody else in it',
    name: 'a line in the room does not reach everybody else in it',
    hint: 'A line of somebody in the room goes to all the others there: the id, a colon, a blank and the text.',
    async run(session) {
      const people = await inRoom(session, 'ann', 'ben', 'eve');
      for (const from of people) {
        session.type(from, 'hello room');
        for (const to of people) await hasPrefix(session, from, to);
        for (const to of people) if (to !== from) await session.expect(to, line(from, 'hello room'));
      }
    },
  },
  {
    ...{ id: 'room-count', stage: 4, needs: ['room'], isAlone: true },
    isIn: ({ room, headCount }) => room && headCount,
    rule: 'whoever enters the room reads how many are in it',
    name: 'the head count of the room is wrong',
    hint: 'Count those in the room after the newcomer is one of them, and after those who left are none of them.',
    run: counts,
  },
  {
    ...{ id: 'room-joined', stage: 4, needs: ['room'], isIn },
    rule: 'those in the room are told who comes in',
    name: 'those in the room are not told who comes in',
    hint: noticesHint,
    async run(session) {
      const [ann] = await inRoom(session, 'ann');
      const [ben] = await inRoom(session, 'ben');
      await session.hears(ann, about('joinedRoom', ben));
    },
  },
  {
    ...{ id: 'room-leave', stage: 4, needs: ['room'], isIn },
    rule: 'exit() leads out of the room, and those inside are told',
    name: 'exit() does not lead out of the room',
    hint: 'exit() in the room takes the user out of it, says so, and shows the menu.',
    async run(session) {
      const [ann, ben] = await inRoom(session, 'ann', 'ben');
      session.type(ben, 'exit()');
      await session.hears(ben, read('youLeftRoom'));
      await session.expect(ben, menu);
      await session.hears(ann, about('leftRoom', ben), {
        name: 'those in the room are not told who leaves',
        hint: noticesHint,
      });
    },
  },
  {
    ...{ id: 'room-left', stage: 4, needs: ['room-leave', 'room-outside'], isIn },
    rule: 'who has left the room reads nothing more of it',
    name: 'who has left the room goes on reading it',
    hint: 'exit() takes the user out of the list of those in the room.',
    async run(session) {
      const [ann, ben, eve] = await inRoom(session, 'ann', 'ben', 'eve');
      session.type(ben, 'exit()');
      await session.needs(ben, menu);
      const text = `left ${session.suffix}`;
      session.type(ann, text);
      await session.needs(eve, line(ann, text));
      await session.settle();
      session.readsNowhere(ben, text);
    },
  },
  {
    ...{ id: 'room-echo', stage: 4, needs: ['room-line'], isIn },
    rule: 'nobody reads their own lines in the room',
    name: 'the sender reads its own line in the room',
    hint: 'A line goes to all the others in the room, not back to the sender.',
    async run(session) {
      const [ann, ben] = await inRoom(session, 'ann', 'ben');
      const text = `echo ${session.suffix}`;
      session.type(ann, text);
      await session.needs(ben, line(ann, text));
      session.type(ben, 'end');
      await session.needs(ann, line(ben, 'end'));
      session.readsNowhere(ann, text);
    },
  },
  {
    ...{ id: 'room-again', stage: 4, needs: ['room-line', 'room-leave'], isIn },
    rule: 'who comes in again reads each line once',
    name: 'who comes into the room again reads every line twice',
    hint: 'The room is a set: who is in it already is not added once more, and who leaves is taken out.',
    async run(session) {
      const [ann, ben] = await inRoom(session, 'ann', 'ben');
      session.type(ben, 'exit()');
      await session.needs(ben, menu);
      await session.room(ben);
      const text = `once ${session.suffix}`;
      session.type(ann, text);
      await session.expect(ben, line(ann, text));
      await session.settle();
      if (ben.unread.includes(text)) throw session.shown(ben, 'it once');
    },
  },
  {
    ...{ id: 'room-exit-blanks', stage: 4, needs: ['room-leave', 'exit-blanks'], isIn },
    rule: 'exit() with blanks around it leads out of the room',
    name: 'exit() with blanks around it is passed on in the room',
    hint: 'strip() the line before you compare it with exit().',
    async run(session) {
      for (const text of [' exit()', 'exit()\t ']) {
        const [ann] = await inRoom(session, 'ann');
        session.type(ann as TestClient, text);
        await session.expect(ann as TestClient, read('youLeftRoom'));
        await ann?.leave();
      }
    },
  },
  {
    ...{ id: 'room-choices', stage: 4, needs: ['room-line', 'chat-choices'], isIn },
    rule: 'what is a choice in the menu is text in the room',
    name: 'what is a choice in the menu counts in the room too',
    hint: 'Look at the state first and at the line then: in the room only exit() means something.',
    async run(session) {
      const [ann, ben] = await inRoom(session, 'ann', 'ben');
      for (const text of ['1', '2', '3', '4', 'y', 'n']) {
        session.type(ann, text);
        await session.expect(ben, line(ann, text));
      }
    },
  },
  {
    ...{ id: 'room-order', stage: 4, needs: ['room-line', 'two-lines'], isIn },
    rule: 'all in the room read its lines in one order',
    name: 'people in the room read its lines in different orders',
    hint: 'Pass a line on to everybody under one lock, or through one queue.',
    run: oneOrder,
  },
  {
    ...{ id: 'room-vanished', stage: 4, needs: ['room-leave', 'room-line', 'id-free-hangup'], isIn },
    rule: 'those in the room are told of somebody who hangs up',
    name: 'somebody who hangs up stays in the room',
    hint: 'When a connection ends, take its user out of the room too, and tell those inside.',
    run: (session) => vanishes(session, (client) => session.hangUp(client)),
  },
  {
    ...{ id: 'room-vanished-reset', stage: 4, needs: ['room-vanished', 'id-free-reset'], isIn },
    rule: 'those in the room are told of somebody whose connection is reset (RST)',
    name: 'somebody whose connection is reset (RST) stays in the room',
    hint: 'recv() does not only return nothing, it may also fail (ECONNRESET): clean up in a finally.',
    run: (session) => vanishes(session, (client) => session.reset(client)),
  },
  {
    ...{ id: 'free-after-room', stage: 4, needs: ['room-leave', 'free-after-no'], isIn: isChatIn },
    rule: 'after leaving the room one is free again',
    name: 'after leaving the room somebody is stuck',
    hint: 'exit() in the room sets the user back to the menu in every dictionary.',
    async run(session) {
      const [ann] = await inRoom(session, 'ann');
      session.type(ann, 'exit()');
      await session.needs(ann, menu);
      await isFreeAgain(session, ann);
    },
  },
  {
    ...isBusy(
      {
        ...{ id: 'busy-room', needs: ['ask', 'room'], rule: 'somebody in the common room is busy' },
        name: 'somebody in the common room can be asked',
        bring: async (session) => (await inRoom(session, 'ben'))[0],
      },
      4,
    ),
    isIn: isChatIn,
  },
  {
    ...{ id: 'room-outside', stage: 4, needs: ['room-line'], isIn },
    rule: 'nobody outside of the room reads its lines',
    name: 'people outside of the room read its lines',
    hint: 'A line in the room goes to those whose state is "room", not to everybody.',
    async run(session) {
      const outside = await others(session);
      const [ann, ben] = await inRoom(session, 'ann', 'ben');
      const text = `inside ${session.suffix}`;
      session.type(ann, text);
      await session.needs(ben, line(ann, text));
      await session.settle();
      for (const each of outside) session.readsNowhere(each, text);
    },
  },
  {
    ...{
      id: 'room-notices-outside',
      stage: 4,
      needs: ['room-leave'],
      isIn: ({ room, noticesToAll }) => room && !noticesToAll,
    },
    rule: 'who comes into the room and leaves it is told in the room only',
    name: 'notices of the room reach people outside of it',
    hint: noticesHint,
    async run(session) {
      const outside = await others(session);
      const [ann, ben] = await session.enterAll('ann', 'ben');
      await session.settle();
      const before = outside.map(({ transcript }) => transcript.length);
      await session.room(ann);
      await session.room(ben);
      session.type(ben, 'exit()');
      await session.needs(ann, about('leftRoom', ben));
      await session.settle();
      for (const [at, each] of outside.entries()) noticeIn(session, each, before[at] ?? 0, [ann, ben]);
    },
  },
  {
    ...{ id: 'chat-private-room', stage: 4, needs: ['room-line', 'chat-private'], isIn: isChatIn },
    rule: 'nobody in the room reads a private chat, and the other way round',
    name: 'people in the room read a private chat',
    hint: 'A line in a chat goes to the partner of its sender, and to nobody else.',
    async run(session) {
      const [eve] = await inRoom(session, 'eve');
      const [ann, ben] = await session.pair();
      const secret = `secret ${session.suffix}`;
      session.type(ann, secret);
      await session.needs(ben, line(ann, secret));
      await session.settle();
      session.readsNowhere(eve, secret);
    },
  },
  {
    ...{ id: 'id-free-room', stage: 4, needs: ['id-free-hangup', 'room'], isIn },
    rule: 'the id of somebody who hangs up in the room is free at once',
    name: 'the id of somebody who hangs up in the room stays taken',
    hint: 'A connection that ends has to leave every dictionary, whatever its user was doing.',
    async run(session) {
      const [ann] = await inRoom(session, 'ann');
      session.hangUp(ann);
      await ann.until(() => ann.hasEnded);
      await isFree(session, ann.id);
    },
  },
];

type Clients<T> = { [K in keyof T]: TestClient };

async function inRoom<T extends ('ann' | 'ben' | 'eve' | 'dan')[]>(
  session: ProbeSession,
  ...people: T
): Promise<Clients<T>> {
  const clients = await session.enterAll(...people);
  await session.room(...clients);
  return clients;
}

/** A line without the id of its sender could be one of the server. */
async function hasPrefix(session: ProbeSession, from: TestClient, to: TestClient): Promise<void> {
  if (to === from) return;
  await to.until(() => to.unread.includes('hello room\n'));
  if (/^hello room$/m.test(to.unread)) throw session.shown(to, session.inWords(line(from, 'hello room')), imitation);
}

/** One in the menu and, where there are chats, two in a chat. */
async function others(session: ProbeSession): Promise<TestClient[]> {
  const outside = [await session.enter('gus')];
  if (session.features.chat) outside.push(...(await session.pair('dan', 'fay')));
  return outside;
}

function noticeIn(session: ProbeSession, client: TestClient, from: number, about: readonly TestClient[]): void {
  const lines = client.transcript.slice(from).split('\n');
  const seen = lines.find((each) => about.some(({ id }) => each.includes(id)));
  if (seen !== undefined)
    throw new Shown(session.nameOf(client), 'nothing of this', JSON.stringify(seen.replaceAll(session.suffix, '')));
}

async function vanishes(session: ProbeSession, end: (client: TestClient) => void): Promise<void> {
  const [ann, ben] = await inRoom(session, 'ann', 'ben');
  end(ben);
  await session.expect(ann, about('leftRoom', ben));
  session.type(ann, 'still here');
  const [eve] = await inRoom(session, 'eve');
  session.type(ann, 'hello eve');
  await session.expect(eve, line(ann, 'hello eve'));
}

/**
 * Counted by one who comes and by two more, and after one has left. Somebody else may be in the room: then all counts are higher
 * by the same number, which is looked at again before anybody is accused.
 */
async function counts(session: ProbeSession): Promise<void> {
  const people = await session.enterAll('ann', 'ben', 'eve');
  const seen: number[] = [];
  for (const client of people) {
    session.type(client, '3');
    seen.push(await countOf(session, client));
    await session.settle();
  }
  const [ann, ben, eve] = people;
  const joinedAt = eve.transcript.length;
  session.type(ann, 'exit()');
  await session.needs(ann, menu);
  session.type(ben, 'exit()');
  await session.needs(ben, menu);
  await session.settle();
  session.type(ann, '3');
  seen.push(await countOf(session, ann));
  const wanted = [1, 2, 3, 2];
  const others = (seen[0] ?? 0) - 1;
  const isShifted = others > 0 && seen.every((count, at) => count === (wanted[at] ?? 0) + others);
  if (namesStranger(eve.transcript.slice(joinedAt), session.suffix))
    throw new NotJudged('others of another run are in the room');
  if (seen.join() === wanted.join() || (isShifted && (await areOthers(session)))) return;
  throw new Shown('who comes in', `${wanted.join(', ')} people, one after the other`, seen.join(', '));
}

/** Everybody writes a line: somebody else in the room might answer or leave; a list of those online would tell. */
async function areOthers(session: ProbeSession): Promise<boolean> {
  if (!session.features.list) return false;
  const gus = await session.enter('gus');
  session.type(gus, '4');
  await session.needs(gus, menu);
  const strangers = gus.transcript.split('\n').filter((each) => /room/.test(each) && !each.includes(session.suffix));
  return strangers.length > 1;
}

async function countOf(session: ProbeSession, client: TestClient): Promise<number> {
  await session.needs(client, read('roomJoined'));
  const count = await session.count(client);
  if (count === undefined) throw new NotJudged(`the head count has no number: ${session.rest(client)}`);
  return count;
}

async function oneOrder(session: ProbeSession): Promise<void> {
  const people = await inRoom(session, 'ann', 'ben', 'eve', 'dan');
  const [ann, ben, eve, dan] = people as [TestClient, TestClient, TestClient, TestClient];
  for (let at = 0; at < orderedLines; at++) for (const each of [ann, ben]) each.send(`line ${at} ${session.suffix}\n`);
  for (const each of [ann, ben]) session.type(each, 'end');
  const reads = async (client: TestClient): Promise<string> => {
    await client.until(() => client.unread.match(/: end$/gm)?.length === 2);
    return [...client.unread.matchAll(/^(\w+): line (\d+)/gm)].map(([, who, at]) => `${who} ${at}`).join();
  };
  const [first, second] = [await reads(eve), await reads(dan)];
  const fault: Fault | undefined =
    first.split(',').length < 2 * orderedLines
      ? {
          name: 'lines in the room are lost',
          hint: 'One buffer for what comes in and one queue for what goes out, for each connection.',
        }
      : undefined;
  const isOrdered = [ann, ben].every(({ id }) => orderOf(first, id) === orderOf(second, id));
  if (first !== second || fault || !isOrdered)
    throw new Shown('dan', 'the same order as eve', session.rest(dan), fault);
}

function orderOf(read: string, id: string): string {
  return read
    .split(',')
    .filter((each) => each.startsWith(`${id} `))
    .join();
}
