/** What is said in the common room has a limit that makes those wait who speak, in turns, and nobody who reads. */
import { describe, expect, it } from 'vitest';
import { RoomPacing } from '../../src/chat/roomPacing.ts';
import type { FakeConnection } from '../support/fakeConnection.ts';
import { Gathering } from '../support/memory.ts';
import { CountingClock } from './countingClock.ts';

/** So much may be said in a second, a quarter of it at once. */
const roomRate = 40_000;
const line = 'x'.repeat(990);

function gatherRoom(count: number, rate = roomRate) {
  const all = new Gathering({ roomRate: rate });
  const users = all.gather(...Array.from({ length: count }, (_, at) => `u${at}`));
  const members = users as [FakeConnection, ...FakeConnection[]];
  for (const user of members) user.type('3');
  for (const user of members) user.read();
  return { all, members };
}

/** Lets so many ms pass, one by one. */
function wait(all: Gathering, ms: number): void {
  for (let passed = 0; passed < ms; passed++) all.clock.increment(1);
}

/** The senders of the lines, in order. */
function sendersOf(text: string): string[] {
  return [...text.matchAll(/^(\w+): /gm)].map(([, id = '']) => id);
}

describe('more than a room may say', () => {
  it('makes those wait who speak, and each of them is read no further', () => {
    const { members } = gatherRoom(4);
    const [reader, ...speakers] = members;
    for (const speaker of speakers) for (let at = 0; at < 20; at++) speaker.type(line);
    // A quarter of the second's bytes, and the line that is over it.
    expect(reader.read().length).toBeLessThanOrEqual(roomRate / 4 + 1000);
    expect(speakers.map(({ isPaused }) => isPaused)).toEqual([true, true, true]);
    expect(reader.isPaused).toBe(false);
  });

  it('comes later, whole and in order, and as fast as the room may', () => {
    const { all, members } = gatherRoom(4);
    const [reader, ...speakers] = members;
    for (const speaker of speakers) for (let at = 0; at < 20; at++) speaker.type(`${at} ${line}`);
    const first = reader.read();
    wait(all, 500);
    const half = reader.read();
    expect(half.length).toBeGreaterThan(roomRate / 2 - 2000);
    expect(half.length).toBeLessThan(roomRate / 2 + 2000);
    wait(all, 2000);
    const text = first + half + reader.read();
    for (const id of ['u1', 'u2', 'u3']) {
      const numbers = [...text.matchAll(new RegExp(`^${id}: (\\d+)`, 'gm'))].map(([, number]) => Number(number));
      expect(numbers).toEqual(Array.from({ length: 20 }, (_, at) => at));
    }
    expect(speakers.map(({ isPaused }) => isPaused)).toEqual([false, false, false]);
  });

  it('goes in turns: one line of a quiet speaker waits for one line of each of the others', () => {
    const { all, members } = gatherRoom(7);
    const [reader, quiet, ...loud] = members;
    for (const speaker of loud) for (let at = 0; at < 40; at++) speaker.type(line);
    reader.read();
    quiet?.type('may I?');
    wait(all, 1000);
    expect(sendersOf(reader.read()).indexOf('u1')).toBeLessThanOrEqual(loud.length);
  });

  it('does not keep anybody from leaving', () => {
    const { members } = gatherRoom(2);
    const [, speaker] = members;
    for (let at = 0; at < 20; at++) speaker?.type(line);
    speaker?.hangUp();
    expect(members[0].read()).toMatch(/u1 left the common room\.\n$/);
  });

  it('has no limit where it is 0', () => {
    const { members } = gatherRoom(2, 0);
    const [reader, speaker] = members;
    for (let at = 0; at < 200; at++) speaker?.type(line);
    expect(sendersOf(reader.read())).toHaveLength(200);
  });
});

describe('one server among several', () => {
  function pacing(rate: number) {
    const clock = new CountingClock();
    const waiting: (() => void)[] = [];
    const relay = { needsDrain: false, onceDrained: (callback: () => void) => void waiting.push(callback) };
    return { clock, relay, waiting, room: new RoomPacing({ clock, roomRate: rate }, relay) };
  }

  it('makes speakers wait for what lies behind it, and asks there when they may go on', () => {
    const { relay, waiting, room } = pacing(0);
    expect(room.needsDrain).toBe(false);
    relay.needsDrain = true;
    expect(room.needsDrain).toBe(true);
    const goOn = (): void => {};
    room.onceDrained(goOn);
    expect(waiting).toEqual([goOn]);
  });

  it('lets those go on at once who wait where there is no rate', () => {
    const { clock, room } = pacing(0);
    const went: string[] = [];
    room.onceDrained(() => went.push('on'));
    clock.increment(0);
    expect([went, clock.pending]).toEqual([['on'], 0]);
  });

  it('counts what is said elsewhere, and lets a quarter of a second’s bytes be said at once', () => {
    const { room } = pacing(4000);
    room.said('x'.repeat(999));
    expect(room.needsDrain).toBe(false);
    room.said('x');
    expect(room.needsDrain).toBe(true);
  });

  it('lets one line through for each who waits, and whoever comes meanwhile waits behind them', () => {
    const { clock, room } = pacing(1000);
    const went: string[] = [];
    room.said('x'.repeat(250));
    for (const name of ['first', 'second']) {
      room.onceDrained(() => {
        went.push(`${name}: ${room.needsDrain}`);
        room.said('x'.repeat(100));
        went.push(`${name}, once more: ${room.needsDrain}`);
      });
    }
    expect(clock.pending).toBe(1);
    clock.increment(1);
    expect(went).toEqual(['first: false', 'first, once more: true']);
    expect(room.needsDrain).toBe(true);
    clock.increment(100);
    expect(went.slice(2)).toEqual(['second: false', 'second, once more: true']);
    expect([clock.pending, room.needsDrain]).toEqual([0, true]);
    clock.increment(100);
    expect(room.needsDrain).toBe(false);
  });

  it('whoever has said a short line waits behind the others, though there is room for more', () => {
    const { clock, room } = pacing(10_000);
    const went: boolean[] = [];
    room.said('x'.repeat(2500));
    for (let at = 0; at < 2; at++) {
      room.onceDrained(() => {
        room.said('x');
        went.push(room.needsDrain);
      });
    }
    clock.increment(1);
    // The first one waits for the second; after that nobody waits.
    expect(went).toEqual([true, false]);
  });

  it('who has their turn and says nothing leaves it to others', () => {
    const { clock, room } = pacing(1000);
    room.said('x'.repeat(250));
    room.onceDrained(() => {});
    clock.increment(1);
    room.said('x'.repeat(1000));
    expect(room.needsDrain).toBe(true);
  });

  it('leaves no timer and nobody behind when it stops', () => {
    const { clock, room } = pacing(1000);
    const went: string[] = [];
    room.said('x'.repeat(250));
    room.onceDrained(() => went.push('on'));
    room.stop();
    expect(clock.pending).toBe(0);
    clock.increment(1000);
    expect([went, room.needsDrain]).toEqual([[], false]);
  });
});
