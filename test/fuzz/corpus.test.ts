/** Everything that was ever made up against the server, as an id, a name and a text: nobody's screen and no log suffers. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { Place } from './place.ts';
import { Judge, wrongInLog } from './screens.ts';
import { knownSequences } from './sequences.ts';

const decode = (text: string): Buffer => Buffer.from(text, 'utf8');

describe('a known hostile sequence', () => {
  it('disturbs nobody and is safe everywhere it can come to', { timeout: 60_000 }, async () => {
    const place = await Place.open();
    onTestFinished(place.close);
    for (const [title, steps] of knownSequences) {
      await expect(place.play(steps), title).resolves.toBeUndefined();
    }
    expect(knownSequences.length).toBeGreaterThan(300);
  });
});

describe('the judge of screens', () => {
  it.each([
    ['an escape', 'ann: \u001b[2J\n'],
    ['a carriage return', 'ann: hi\rServer: you win\n'],
    ['an override', 'ann: \u202eabc\n'],
    ['a C1 control', 'ann: \u009b31m\n'],
    ['a tag', 'ann: \u{e0061}\n'],
    ['a zero-width space', 'ann: a\u200bb\n'],
    ['a filler', 'ann: \u3164\n'],
    ['nine marks on one letter', `ann: a${'\u0301'.repeat(9)}\n`],
    ['a line that is nobody’s', 'you win again\n'],
    ['a line of somebody who is not there', 'zed: hi\n'],
    ['somebody who joins twice', 'ann joined the common room.\n'],
    ['somebody who leaves and never came', 'zed left the common room.\n'],
    ['a fault', 'Something went wrong on the server. Goodbye!\n'],
  ])('objects to %s', (_, text) => {
    const judge = new Judge({ knowsRoom: true });
    const before = 'Joined common room. Type exit() to leave.\nNobody else is here yet.\nann joined the common room.\n';
    expect(judge.wrongWith(decode(`${before}ann: hi\t\u0448e\u0301\u{1f469}\u200d\u{1f4bb}\n`))).toBeUndefined();
    expect(judge.wrongWith(decode(text))).toBeDefined();
  });

  it('objects to a line in a chat that is not the partner’s', () => {
    const judge = new Judge();
    expect(judge.wrongWith(decode('Chat started with ben. Type exit() to leave.\nben: hi\n'))).toBeUndefined();
    expect(judge.wrongWith(decode('cat: hi\n'))).toBeDefined();
  });

  it('objects to bytes that are no UTF-8', () => {
    expect(new Judge().wrongWith(Buffer.from([0x61, 0xff, 0x0a]))).toBeDefined();
  });

  it('waits for a sentence that is under way, but not for ever', () => {
    const judge = new Judge();
    expect([judge.wrongWith(decode('Good')), judge.wrongWith(decode('bye!'))]).toEqual([undefined, undefined]);
    expect(judge.wrongWith(decode(''), true)).toBeDefined();
  });

  it.each([
    ['holds what was said', '{"a":"sesame"}'],
    ['is no JSON', '{"id":"b"'],
    ['holds what should not be there', '{"level":30,"text":"hi"}'],
    ['holds an id that is none', '{"level":30,"id":"a b"}'],
    ['holds a terminal’s control', '{"level":30,"msg":"\u009b"}'],
    ['is an error', '{"level":50,"msg":"a session failed"}'],
  ])('objects to a log that %s', (_, line) => {
    expect(wrongInLog('{"level":30,"id":"zoe","msg":"identified"}\n', 'sesame')).toBeUndefined();
    expect(wrongInLog(`${line}\n`, 'sesame')).toBeDefined();
  });
});
