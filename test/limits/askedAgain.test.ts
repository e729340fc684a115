/**
 * Two attacks on one user, each within the limits of those who ask: with what a no is worth, and as it was without.
 *
 * Everything happens on a virtual clock. A user needs half a second to read and to type, attackers need none.
 */
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/config/limits.ts';
import type { FakeConnection } from '../support/fakeConnection.ts';
import { ask, Gathering } from '../support/memory.ts';
import { menu } from '../support/wireTexts.ts';

const { requestsPerMinute, askedPerMinute, declineWaitMs } = limits;
const tickMs = 100;
/** A user's time to read and to type, in ticks. */
const handTicks = 5;
const without = { requestsPerMinute, askedPerMinute: 0, declineWaitMs: 0 };
const withPeace = { requestsPerMinute, askedPerMinute, declineWaitMs, personAt: (address: string) => address };

type Options = ConstructorParameters<typeof Gathering>[0];

class Attack {
  readonly all: Gathering;
  readonly golan: FakeConnection;
  readonly #pests: FakeConnection[];
  /** What golan has read since the last line that was typed. */
  screen = '';
  questions = 0;
  #next = 0;

  constructor(pests: number, addressOf: (pest: number) => string, options: Options) {
    this.all = new Gathering(options);
    this.golan = this.#enter('golan', 'elsewhere');
    this.#pests = Array.from({ length: pests }, (_, pest) => this.#enter(`pest${pest}`, addressOf(pest)));
    this.golan.read();
  }

  #enter(id: string, address: string): FakeConnection {
    const terminal = this.all.connect((each) => {
      each.remoteAddress = address;
    });
    terminal.type(id);
    terminal.read();
    return terminal;
  }

  /** As soon as golan is free an attacker asks, each in turn, until one gets through; and time goes on. */
  tick(): void {
    for (let tried = 0; tried < this.#pests.length && this.all.placeOf('golan') === 'menu.choosing'; tried++) {
      this.#next = (this.#next + 1) % this.#pests.length;
      if (this.all.placeOf(`pest${this.#next}`) === 'menu.choosing')
        ask(this.#pests[this.#next] as FakeConnection, 'golan');
    }
    const read = this.golan.read();
    this.questions += read.split('Accept?').length - 1;
    this.screen += read;
    this.all.clock.increment(tickMs);
  }

  type(line: string): void {
    this.screen = '';
    this.golan.type(line);
  }

  get isAsked(): boolean {
    return this.screen.endsWith('Accept? (y/n): ');
  }
}

/** How often golan types 3 on seeing the menu until it leads to the room; `tries` times at most. */
function triesToEnter(attack: Attack, tries: number): { tries: number; isInside: boolean } {
  for (let tried = 1; tried <= tries; tried++) {
    // The answer, then the menu is read, and the hand goes to the 3.
    for (let tick = 0; tick < handTicks; tick++) attack.tick();
    if (attack.isAsked) attack.type('n');
    const hasSeenMenu = attack.golan.written.endsWith(menu);
    expect(hasSeenMenu).toBe(true);
    for (let tick = 0; tick < handTicks; tick++) attack.tick();
    attack.type('3');
    if (attack.all.placeOf('golan') === 'commonRoom') return { tries: tried, isInside: true };
    // The 3 was no answer, so the question stands.
  }
  return { tries, isInside: false };
}

describe('six connections that ask again each time somebody wants to go to the room', () => {
  // From six addresses, which is better for them.
  const attack = (options: Options) => new Attack(6, (pest) => `10.0.0.${pest}`, options);

  it('kept them out for ever', () => {
    const { tries, isInside } = triesToEnter(attack(without), 21);
    console.log(
      `promise: six connections, no worth of a no: ${tries} tries to enter the room, ${isInside ? 1 : 0} succeed`,
    );
    expect(isInside).toBe(false);
  });

  it('keep them out for no more tries than one may be asked within a minute', () => {
    const { tries, isInside } = triesToEnter(attack(withPeace), 21);
    console.log(`promise: six connections: try ${tries} to enter the room succeeds`);
    expect(isInside).toBe(true);
    expect(tries).toBeLessThanOrEqual(askedPerMinute + 1);
  });
});

describe('twelve ids from one address that ask one user for 26 s, and are declined each time', () => {
  const questionsIn = (options: Options, address: string): number => {
    const attack = new Attack(12, () => address, options);
    for (let at = 0; at < 26_000; at += tickMs) {
      attack.tick();
      if (attack.isAsked) attack.type('n');
    }
    return attack.questions;
  };

  it('asked more than a hundred times', () => {
    const questions = questionsIn(without, '10.0.0.1');
    console.log(`promise: twelve ids from one address, no worth of a no: ${questions} questions in 26 s`);
    expect(questions).toBeGreaterThanOrEqual(12 * requestsPerMinute);
  });

  it('ask once', () => {
    const questions = questionsIn(withPeace, '10.0.0.1');
    console.log(`promise: twelve ids from one address: ${questions} question in 26 s`);
    expect(questions).toBe(1);
  });

  it(`ask ${askedPerMinute} times from an address that others may have`, () => {
    const questions = questionsIn({ ...withPeace, personAt: () => '' }, '10.0.0.1');
    console.log(`promise: twelve ids from a shared address: ${questions} questions in 26 s`);
    expect(questions).toBe(askedPerMinute);
  });
});
