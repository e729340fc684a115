/**
 * What needs a slow reader, a clock, or a part that not every server has.
 *
 * Owns: these checks.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Name } from '../ids.ts';
import { NobodyListens, type TestClient } from '../testClient.ts';
import type { Check } from './check.ts';
import { NotJudged } from './findings.ts';
import type { ProbeSession } from './probeSession.ts';
import { about, menu, read } from './says.ts';

/** What the slow reader is sent at most, in bytes: more than two kernels hold for a connection. */
const maxSlowReaderBytes = 16_000_000;
/** How much longer than usual others may have to wait while a server works that off: a busy one is no stopped one. */
const patience = 8;
/** How long the slow reader may take to read what has come meanwhile, in ms. */
const maxDrainMs = 10_000;
/** Before each of those who come meanwhile, in ms. */
const beforeNextMs = 450;
/** So often at most, and only while the server has taken so many bytes since the last time. */
const mostTurns = 20;
const minTakenBytes = 100_000;
const longLine = `${'x'.repeat(3900)}\n`;

export const otherChecks: readonly Check[] = [
  {
    ...{ id: 'list', stage: 4, needs: ['menu-invalid'], isAlone: true, isIn: ({ list }) => list },
    rule: '4 lists who is online and what they are doing, oneself too',
    name: 'the list of who is online is wrong',
    hint: 'One line for each user: the id and the state, and the menu behind them.',
    run: lists,
  },
  {
    ...{ id: 'presence', stage: 4, needs: ['menu', 'id-free-hangup'], isIn: ({ presence }) => presence },
    rule: 'those in the menu are told who comes and goes',
    name: 'those in the menu are not told who comes and goes',
    hint: 'Whoever gets an id, or is gone, is announced to those whose state is "menu".',
    async run(session) {
      const ann = await session.enter('ann');
      const ben = await session.enter('ben');
      await session.hears(ann, about('joinedServer', ben));
      session.hangUp(ben);
      await session.hears(ann, about('disconnected', ben));
    },
  },
  {
    ...{ id: 'presence-outside', stage: 4, needs: ['presence', 'accept'], isIn: ({ presence }) => presence },
    rule: 'who comes and goes is told in the menu only',
    name: 'who comes and goes is told to people outside of the menu',
    hint: 'Announce to those whose state is "menu": others are in the middle of something.',
    async run(session) {
      const [ann] = await session.pair();
      const eve = await session.naming('eve');
      await session.settle();
      const before = [ann, eve].map(({ transcript }) => transcript.length);
      const dan = await session.enter('dan');
      await dan.leave();
      await session.settle();
      for (const [at, each] of [ann, eve].entries())
        if (each.transcript.slice(before[at]).includes(dan.id)) throw session.shown(each, 'nothing of this');
    },
  },
  {
    ...{ id: 'slow-reader', stage: 4, needs: ['room-line'], isAlone: true, isIn: ({ room }) => room },
    rule: 'one slow reader keeps nobody waiting',
    name: 'one slow reader stops the server',
    hint: 'send() blocks when the other side doesn’t read: never call it while others wait for the same lock or thread.',
    run: slowReader,
  },
  {
    ...{ id: 'request-timeout', stage: 3, needs: ['ask'], isIn: ({ requestTimeout }) => requestTimeout !== null },
    rule: 'a request that nobody answers is over in time',
    name: 'a request that nobody answers is not over in time',
    hint: 'Start a clock for each request. When it has run out without an answer, tell both users and set both free.',
    async run(session) {
      const seconds = session.features.requestTimeout ?? 0;
      const [ann, ben] = await session.enterAll('ann', 'ben');
      await session.ask(ann, ben);
      await sleep(500 * seconds);
      if (/\n/.test(ann.unread.trimStart())) throw session.shown(ann, 'nothing yet');
      await sleep(500 * seconds);
      for (const client of [ann, ben]) await session.expect(client, menu);
    },
  },
];

async function lists(session: ProbeSession): Promise<void> {
  const [ann, ben] = await session.enterAll('ann', 'ben');
  const states: [TestClient, string][] = [
    [ann, 'free'],
    [ben, 'free'],
  ];
  if (session.features.chat)
    states.push(...(await session.pair('dan', 'fay')).map((each): [TestClient, string] => [each, 'busy']));
  if (session.features.room) {
    const eve = await session.enter('eve');
    await session.room(eve);
    states.push([eve, 'in the common room']);
  }
  session.forget(ann);
  session.type(ann, '4');
  await session.needs(ann, menu);
  const read = ann.transcript;
  for (const [client, state] of states) {
    session.forget(ann);
    ann.unread = read;
    await session.expect(ann, { type: 'read.userRow', id: client.id, state, isSelf: client === ann });
  }
}

/** The server is busy with what the kit has sent, or it has stopped: a newcomer has more time than usual. */
async function slowReader(session: ProbeSession): Promise<void> {
  const [ann, slow] = await session.enterAll('ann', 'ben');
  await session.room(ann, slow);
  slow.pause();
  ann.drain();
  session.tell(slow, 'stops reading');
  session.tell(ann, `types ${maxSlowReaderBytes / 1_000_000} MB`);
  const poured = ann.pour(longLine.repeat(10), maxSlowReaderBytes);
  let before = 0;
  try {
    // The server may be blocked only when everything between the two is full: as long as it takes more, that is to come.
    for (let turn = 0; turn < mostTurns; turn++) {
      await sleep(beforeNextMs);
      const next = await session.connect(['eve', 'dan', 'fay'][turn % 3] as Name);
      const longMs = patience * session.target.timeoutMs;
      if (!(await session.reads(next, read('idPrompt'), longMs)))
        throw session.shown(next, session.inWords(read('idPrompt')));
      session.type(next, next.id);
      if (!(await session.reads(next, menu, longMs))) throw session.shown(next, session.inWords(menu));
      const isTakingMore = poured.bytes - before >= minTakenBytes;
      if (poured.bytes >= maxSlowReaderBytes || (turn >= 2 && !isTakingMore)) break;
      before = poured.bytes;
      await next.leave();
    }
  } catch (error) {
    if (error instanceof NobodyListens) throw new NotJudged('the server is gone');
    throw error;
  } finally {
    // The next check must not meet them: what they still have to read is read.
    ann.destroy();
    slow.drain();
    await slow.leave(maxDrainMs);
  }
}
