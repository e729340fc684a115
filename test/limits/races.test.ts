/** What happens in one turn of the event loop between many: one id has one owner, and nobody is left waiting. */
import { describe, expect, it } from 'vitest';
import type { FakeConnection } from '../support/fakeConnection.ts';
import { Gathering } from '../support/memory.ts';
import { startTestServer } from '../support/testServer.ts';
import { idPrompt, menu } from '../support/wireTexts.ts';
import { disagreements } from '../system/agreement.ts';
import { arrive, enter, gatherRoom } from './members.ts';

/** Rounds differ in who is first (2), who hangs up (3) and what is last (5): so many are all there are. */
const rounds = 30;

/** What is wrong with the directory, and with users who should all be in the menu again. */
function expectAllFree(all: Gathering, users: readonly FakeConnection[]): void {
  for (const user of users) expect(user.read().endsWith(menu)).toBe(true);
  expect(all.rows().every((row) => row.endsWith(': menu'))).toBe(true);
  expect(all.errors).toEqual([]);
}

describe('200 connections that claim one id in one turn', () => {
  it('exactly one gets it', async () => {
    const server = await startTestServer();
    const members = await Promise.all(Array.from({ length: 200 }, (_, number) => arrive(server.port, `c${number}`)));
    await Promise.all(members.map((member) => member.reads(idPrompt)));
    for (const member of members) member.say('lior');
    await Promise.all(members.map((member) => member.until((text) => /Menu:|User ID taken/.test(text), 'a verdict')));
    expect(members.filter(({ text }) => text.includes('Menu:'))).toHaveLength(1);
    expect(members.filter(({ text }) => text.includes('User ID taken'))).toHaveLength(199);
    expect(server.lobby.directory.onlineCount).toBe(1);
  });
});

describe(`what crosses in one turn, ${rounds} rounds each`, () => {
  /** Both do something before either hears of it: their lines are held back and let go in a random order. */
  function play(act: (lior: FakeConnection, golan: FakeConnection, round: number) => (() => void)[]): void {
    for (let round = 0; round < rounds; round++) {
      const all = new Gathering();
      const users = all.gather('lior', 'golan') as [FakeConnection, FakeConnection];
      const acts = act(...users, round);
      for (const each of round % 2 ? acts : acts.toReversed()) each();
      const snapshot = [...all.lobby.directory.rows()].map((row) => ({ ...row, pairingId: row.partner ? 1 : 0 }));
      expect(disagreements(snapshot)).toBeUndefined();
      const there = users.filter((user) => !user.isEnded);
      for (const user of there) user.type('exit()', 'n');
      all.clock.increment(60_000);
      for (const user of there) user.type('exit()', '9');
      expectAllFree(all, there);
      for (const user of there) user.type('2');
      expect([all.lobby.sessions.size, all.rows()]).toEqual([0, []]);
    }
  }

  it('two who ask each other', () => {
    play((lior, golan) => [() => lior.type('1', 'golan'), () => golan.type('1', 'lior')]);
  });

  it('a yes, a withdrawal and a hang-up', () => {
    play((lior, golan, round) => {
      lior.type('1', 'golan');
      const crossing = [() => golan.type('y'), () => lior.type('exit()'), () => (round % 3 ? lior : golan).hangUp()];
      return round % 5 < 2 ? [...crossing.slice(1), ...crossing.slice(0, 1)] : crossing;
    });
  });
});

describe('ten speakers in a room of 30', () => {
  it('everybody reads the same lines in the same order', async () => {
    const server = await startTestServer();
    const each = 300;
    const members = await gatherRoom(
      server.port,
      Array.from({ length: 30 }, (_, number) => `m${number}`),
    );
    const speakers = members.slice(0, 10);
    const lines = (text: string) => text.split('\n').filter((line) => /^m\d+: \d+$/.test(line));
    for (let number = 0; number < each; number++) for (const speaker of speakers) speaker.say(`${number}`);
    await Promise.all(
      members.map((member) => {
        const expected = each * (speakers.includes(member) ? 9 : 10);
        return member.until((text) => lines(text).length === expected, `${expected} lines`);
      }),
    );
    const order = lines(members[29]?.text ?? '');
    for (const [number, speaker] of speakers.entries()) {
      const own = order.filter((line) => line.startsWith(`m${number}: `));
      expect(own).toEqual(Array.from({ length: each }, (_, line) => `m${number}: ${line}`));
      expect(lines(speaker.text)).toEqual(order.filter((line) => !line.startsWith(`m${number}: `)));
    }
    for (const member of members.slice(10)) expect(lines(member.text)).toEqual(order);
  });
});

describe('somebody who enters the room and is cut off at once', () => {
  it('leaves nothing behind, 300 times', async () => {
    const server = await startTestServer();
    for (let time = 0; time < 300; time++) {
      const member = await enter(server.port, 'lior');
      member.say('3');
      member.socket.resetAndDestroy();
      await expect.poll(() => server.lobby.sessions.size, { interval: 1, timeout: 5000 }).toBe(0);
    }
    expect([server.lobby.directory.onlineCount, server.lobby.directory.roomCount]).toEqual([0, 0]);
  });
});
