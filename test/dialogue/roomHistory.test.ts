/** What those who enter the common room read of what was said before. */
import { isMainThread } from 'node:worker_threads';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { RoomHistory } from '../../src/chat/roomHistory.ts';
import { enterRoom, gather, join, startChat } from '../support/gathering.ts';
import { startTestServer } from '../support/testServer.ts';
import { menu } from '../support/wireTexts.ts';

const time = '\\[\\d\\d:\\d\\d UTC(?:[+-]\\d\\d:\\d\\d)?\\]';

describe('the common room', () => {
  it('shows its last lines to those who enter, oldest first, also their own', async () => {
    const server = await startTestServer({ roomHistory: 2 });
    const [lior, golan] = await gather(server, 'Lior', 'Golan');
    await enterRoom(lior);
    for (const line of ['one', 'two', 'three']) lior.say(line);
    lior.say('exit()');
    await lior.expect(`You left the common room.\n${menu}`);
    for (const user of [golan, lior]) {
      user.choose(3);
      await user.expect('Joined common room. Type exit() to leave.\n');
      const recalled = await user.readThrough('Lior: three\n');
      expect(recalled).toMatch(new RegExp(`^${time} Lior: two\n${time} Lior: three\n$`));
      await user.expect(user === golan ? 'Nobody else is here yet.\n' : '2 people are here, you included.\n');
    }
  });

  it('shows nothing of private chats', async () => {
    const server = await startTestServer({ roomHistory: 20 });
    const [lior, golan] = await gather(server, 'Lior', 'Golan');
    await startChat(lior, golan);
    lior.say('secret');
    await golan.expect('Lior: secret\n');
    const noa = await join(server, 'Noa');
    await enterRoom(noa);
    await noa.expectSilence();
  });

  it('forgets everything where it is told to', async () => {
    const server = await startTestServer({ roomHistory: 0 });
    const [lior, golan] = await gather(server, 'Lior', 'Golan');
    await enterRoom(lior);
    lior.say('one');
    await lior.expectSilence();
    golan.choose(3);
    await golan.expect('Joined common room. Type exit() to leave.\n2 people are here, you included.\n');
  });
});

describe('what the room remembers', () => {
  it('has the day of lines of another day', () => {
    let now = new Date(2026, 10, 21, 23, 59).getTime();
    const history = new RoomHistory(5, () => now);
    history.add('lior: late\n');
    now += 2 * 60_000;
    history.add('lior: early\n');
    expect(history.text.replace(/ UTC[^\]]*/g, '')).toBe('[2026-11-21 23:59] lior: late\n[00:01] lior: early\n');
  });

  // Only a process has a time zone of its own, and faults are tried in threads.
  it.skipIf(!isMainThread).each([
    ['UTC', 'UTC', '10:30'],
    ['America/New_York', 'UTC-05:00', '05:30'],
    ['Asia/Kolkata', 'UTC+05:30', '16:00'],
  ])('says in %s that its times are of %s', (zone, offset, time) => {
    vi.stubEnv('TZ', zone);
    onTestFinished(() => void vi.unstubAllEnvs());
    const history = new RoomHistory(5, () => Date.UTC(2026, 10, 21, 10, 30));
    history.add('lior: hi\n');
    expect(history.text).toBe(`[${time} ${offset}] lior: hi\n`);
  });

  it.each([
    [0, 'UTC'],
    [-60, 'UTC+01:00'],
    [-330, 'UTC+05:30'],
    [210, 'UTC-03:30'],
  ])('calls the zone that UTC is %s minutes ahead of %s', (minutes, zone) => {
    vi.spyOn(Date.prototype, 'getTimezoneOffset').mockReturnValue(minutes);
    const history = new RoomHistory(5, () => 0);
    history.add('lior: hi\n');
    expect(history.text).toMatch(new RegExp(`^\\[\\d\\d:\\d\\d ${zone.replace('+', '\\+')}\\] lior: hi\n$`));
  });

  it('is what another server says it remembers, and nothing of its own', () => {
    const history = new RoomHistory(5, () => 0);
    history.add('a: 1\n');
    history.restore([[0, 'b: 2\n']]);
    expect(history.text).toMatch(/^\[[^\]]*\] b: 2\n$/);
  });

  it('counts the lines of one text', () => {
    const history = new RoomHistory(2, () => 0);
    history.add('a: 1\na: 2\na: 3\n');
    expect(history.text.match(/a: \d/g)).toEqual(['a: 2', 'a: 3']);
  });

  it('is as long as 16,384 UTF-16 units, and not one longer', () => {
    const history = new RoomHistory(1000, () => 0);
    for (let each = 0; each < 4; each++) history.add(`${'x'.repeat(4095)}\n`);
    expect(history.text.match(/x+/g)).toHaveLength(4);
    history.add('\n');
    expect(history.text.match(/x+/g)).toHaveLength(3);
  });

  it('is bounded, however long the lines are', () => {
    const history = new RoomHistory(1000, () => 0);
    for (let each = 0; each < 100; each++) history.add(`lior: ${'x'.repeat(4000)}\n`);
    expect(history.text.length).toBeLessThan(17_000);
    expect(history.text).toContain('x');
  });
});
