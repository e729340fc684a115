/** The exercises of the course: right and wrong learners' servers, each with its verdict, and nothing named that is not there. */
import { expect, it } from 'vitest';
import type { Stage } from '../../src/conform/checks/check.ts';
import { faultsOf, isGood } from '../../src/conform/judgement.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasPython, judge, startServer, zooDialect } from './servers.ts';

const slow = { timeout: 120_000 };

describeNeeding('python3', hasPython, 'learners', () => {
  it.each([
    ['first', 1],
    ['second', 2],
    ['third', 3],
  ] as const)('the %s passes its exercise and those before, and the next is "not yet"', slow, async (name, last) => {
    const port = await startServer(`test/zoo/stages.py ${name}`);
    for (let stage = 1; stage <= last; stage++) {
      const judgement = await judge(port, { dialect: zooDialect, stage: stage as Stage });
      expect([stage, isGood(judgement)]).toEqual([stage, true]);
    }
    const next = await judge(port, { dialect: zooDialect, stage: (last + 1) as Stage });
    expect(next.checks.filter(({ outcome }) => outcome === 'not yet')).toHaveLength(1);
    expect(faultsOf(next)).toEqual([]);
  });

  it('one that has everything passes every exercise', slow, async () => {
    const port = await startServer('test/zoo/correct.py');
    for (const stage of [1, 2, 3, 4] as const)
      expect(isGood(await judge(port, { dialect: zooDialect, stage }))).toBe(true);
  });

  it.each([
    ['bytes.py segments', 1, 'two lines in one segment are taken for one'],
    ['ids.py twice', 2, 'the same id twice'],
    ['ids.py late', 2, 'an id is not free at once when its connection ends'],
    ['chats.py onlyYes', 3, 'anything but y counts as no'],
    ['chats.py abandoned', 3, 'a request whose asker vanished leaves the other waiting'],
    ['rooms.py counting', 4, 'the head count of the room is wrong'],
  ] as const)('%s fails exercise %i, and passes those before', slow, async (server, stage, fault) => {
    const port = await startServer(`test/zoo/${server}`);
    if (stage > 1) expect(isGood(await judge(port, { dialect: zooDialect, stage: (stage - 1) as Stage }))).toBe(true);
    const judgement = await judge(port, { dialect: zooDialect, stage });
    expect(faultsOf(judgement).map(({ name }) => name)).toEqual([fault]);
    expect(isGood(judgement)).toBe(false);
  });

  it('what the page leaves open is a remark, in an exercise and in all, and no fault', slow, async () => {
    const port = await startServer('test/zoo/open.py');
    const judgement = await judge(port, { dialect: zooDialect });
    expect(faultsOf(judgement)).toEqual([]);
    expect(isGood(judgement)).toBe(true);
    const remarks = judgement.checks.filter(({ outcome }) => outcome !== 'passed');
    expect(remarks.map(({ check, outcome }) => `${check.id} ${outcome}`)).toEqual([
      ...['chat-empty remark', 'chat-help remark', 'chat-exit-letter-case remark'],
      ...['room-empty remark', 'room-help remark', 'room-exit-letter-case remark'],
    ]);
  });

  it('other words are no faults', slow, async () => {
    const port = await startServer('test/zoo/correct.py');
    const judgement = await judge(port, { dialect: 'statechat', stage: 2 });
    expect(faultsOf(judgement)).toEqual([]);
    expect(judgement.otherWords.map(({ reply }) => reply)).toContain('menu');
  });
});
