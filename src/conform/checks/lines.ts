/**
 * Stage 1: a line is not a segment.
 *
 * Owns: these checks. Every line of theirs is no id, so that any server refuses each in its way.
 */
import { sourceOf } from '../../protocol/dialect.ts';
import type { TestClient } from '../testClient.ts';
import type { Check } from './check.ts';
import { TooSlow } from './findings.ts';
import type { ProbeSession } from './probeSession.ts';
import { menu, read } from './says.ts';

/** Longer than this between two bytes, and a server may take the first ones for a segment without a line end, in ms. */
const maxGapMs = 100;
/** How often an end is tried that a server gets right by luck now and then. */
const rounds = 6;

export const lineChecks: readonly Check[] = [
  {
    ...{ id: 'greeting', stage: 1, needs: [], isPart: true },
    rule: 'whoever connects is asked for an id',
    name: 'nobody is asked for an id',
    hint: 'Send the prompt as soon as a connection is accepted, before anything is read from it.',
    async run(session) {
      const ann = await session.connect('ann');
      await session.hears(ann, read('idPrompt'));
    },
  },
  {
    ...{ id: 'answers', stage: 1, needs: ['greeting'], isPart: true },
    rule: 'each line that is no id is answered, and the prompt comes again',
    name: 'a line is not answered',
    hint: 'Every line at the prompt for an id has an answer, the second and the third one too.',
    async run(session) {
      const ann = await session.guest('ann');
      for (const text of ['!1', '!2']) {
        session.type(ann, text + session.suffix);
        if (!(await answered(session, ann, 1))) throw session.shown(ann, 'an answer');
      }
    },
  },
  {
    ...{ id: 'silent-connection', stage: 1, needs: ['answers'] },
    rule: 'a connection that says nothing keeps nobody waiting',
    name: 'a connection that says nothing keeps the others waiting',
    hint: 'Never wait for one connection where the others wait too: a thread for each, or select().',
    async run(session) {
      await session.connect('ben');
      const ann = await session.connect('ann');
      await session.expect(ann, read('idPrompt'));
      session.type(ann, `!1${session.suffix}`);
      if (!(await answered(session, ann, 1))) throw session.shown(ann, 'an answer');
    },
  },
  {
    ...{ id: 'two-lines', stage: 1, needs: ['answers'] },
    rule: 'two lines in one segment are two lines',
    name: 'two lines in one segment are taken for one',
    hint: 'recv() returns what has arrived, which may be two lines or half of one: keep a buffer and take lines off it.',
    async run(session) {
      const ann = await session.guest('ann');
      session.type(ann, `!1${session.suffix}\n!2${session.suffix}`);
      if (!(await answered(session, ann, 2))) throw session.shown(ann, 'two answers');
    },
  },
  {
    ...{ id: 'cut-lines', stage: 1, needs: ['two-lines'] },
    rule: 'a line that comes byte by byte is one line',
    name: 'a line that comes in pieces is taken for several',
    hint: 'A line ends at its line feed and nowhere else: keep what has come until then.',
    async run(session) {
      const ann = await session.guest('ann');
      session.tell(ann, 'types "!1" and "!2", one byte per segment');
      const gapMs = await ann.sendParts([...`!1${session.suffix}\n!2${session.suffix}\n`], 2);
      if (gapMs > maxGapMs) throw new TooSlow();
      if (!(await answered(session, ann, 2))) throw session.shown(ann, 'two answers');
      await noMoreAnswers(session, ann, 'two answers and nothing more');
    },
  },
  {
    ...{ id: 'crlf-lines', stage: 1, needs: ['two-lines'] },
    rule: 'CR LF ends one line, as LF does',
    name: 'CR LF is taken for two line ends',
    hint: 'A line ends at LF; a CR before it belongs to the end.',
    async run(session) {
      const ann = await session.guest('ann');
      session.type(ann, `!1${session.suffix}\r\n!2${session.suffix}`, '\r\n');
      if (!(await answered(session, ann, 2))) throw session.shown(ann, 'two answers');
      await noMoreAnswers(session, ann, 'two answers and nothing more');
    },
  },
  {
    ...{ id: 'long-line', stage: 1, needs: ['two-lines'] },
    rule: 'a line of 4,096 bytes is one line',
    name: 'a long line is cut',
    hint: 'recv(1024) and readline(1024) return no more than that: go on until the line feed. A line has up to 4,096 bytes.',
    async run(session) {
      const ann = await session.guest('ann');
      session.tell(ann, 'types a line of 4,096 bytes, and "!2"');
      ann.send(`${'!'.repeat(4096)}\n!2${session.suffix}\n`);
      if (!(await answered(session, ann, 2))) throw session.shown(ann, 'two answers');
      await noMoreAnswers(session, ann, 'two answers and nothing more');
    },
  },
  {
    ...{ id: 'half-close', stage: 1, needs: ['two-lines'] },
    rule: 'everything sent before the end of a connection is answered',
    name: 'what was sent just before the end of a connection is not answered',
    hint: 'recv() returning nothing means that no more comes. What came before still has to be answered before you close.',
    async run(session) {
      for (let round = 0; round < rounds; round++) {
        const ann = await session.guest('ann');
        session.type(ann, `!1${session.suffix}\n!2${session.suffix}\n!3${session.suffix}`);
        session.hangUp(ann);
        if (!(await answered(session, ann, 3))) throw session.shown(ann, 'three answers, and then the end');
        if (!(await ann.until(() => ann.hasEnded))) throw session.shown(ann, 'the end of the connection');
      }
    },
  },
  {
    ...{ id: 'last-line', stage: 1, needs: ['half-close'], isFine: true },
    rule: 'a last line before the end counts without its line feed',
    name: 'a last line without its end is lost',
    hint: 'When no more comes, what is left in the buffer is a line.',
    async run(session) {
      const ann = await session.guest('ann');
      session.type(ann, `!1${session.suffix}\n!2${session.suffix}`, '');
      session.hangUp(ann);
      if (!(await answered(session, ann, 2))) throw session.shown(ann, 'two answers');
    },
  },
];

/** Waits for so many answers. An answer of any server ends with a prompt or the menu, whatever stands before it. */
async function answered(session: ProbeSession, client: TestClient, count: number): Promise<boolean> {
  const isThere = await client.until(() => endsOf(session, client) >= count);
  if (isThere && count === 1) session.forget(client);
  return isThere;
}

/** Throws if there are more answers than lines. */
async function noMoreAnswers(session: ProbeSession, client: TestClient, expected: string): Promise<void> {
  const before = endsOf(session, client);
  await session.settle();
  await session.settle();
  if (endsOf(session, client) > Math.max(2, before) || before > 2) throw session.shown(client, expected);
}

function endsOf({ dialect }: ProbeSession, client: TestClient): number {
  const ends = [read('idPrompt'), read('idTaken'), menu].map((sentence) => sourceOf(dialect, sentence));
  return client.unread.match(new RegExp(ends.join('|'), 'gi'))?.length ?? 0;
}
