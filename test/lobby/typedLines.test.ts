/** Lines with blanks around them, and many lines in one piece: each line is what it would be alone. */
import { describe, expect, it } from 'vitest';
import { Counters } from '../../src/chat/counters.ts';
import { forget, Gathering, gatherThree, startChat } from '../support/memory.ts';
import { menu, partnerLeft, question } from '../support/wireTexts.ts';

describe('blanks around what is typed', () => {
  it('are no part of an id', () => {
    const all = new Gathering();
    const lior = all.connect();
    lior.type(' \tLior ');
    expect(all.rows()).toEqual(['Lior: menu']);
    expect(lior.read().endsWith(menu)).toBe(true);
  });

  it('are no part of the id of whom somebody asks', () => {
    const { lior, golan } = gatherThree();
    lior.type('1', '  GOLAN\t');
    expect(golan.read()).toContain(question('lior'));
  });

  it('are part of what is said in a chat', () => {
    const { lior, golan } = gatherThree();
    startChat(lior, golan, 'golan');
    golan.read();
    lior.type('  hello ');
    expect(golan.read()).toBe('lior:   hello \n');
  });
});

describe('in one piece, in a chat', () => {
  it.each(['exit()', '  exit()', '\t EXIT ( ) '])('lines are said, and %j behind them leaves the chat', (exit) => {
    const trio = gatherThree();
    const { lior, golan } = trio;
    startChat(lior, golan, 'golan');
    forget(trio);
    lior.type(`hello you\nover there\n${exit}`);
    expect(golan.read()).toBe(`lior: hello you\nlior: over there\n${partnerLeft('lior')}${menu}`);
  });

  it('a blank line and a command of other chats are not said', () => {
    const trio = gatherThree();
    const { lior, golan } = trio;
    startChat(lior, golan, 'golan');
    forget(trio);
    lior.type('one\n  \n\u2800\n \t/help\n\ntwo');
    expect(golan.read()).toBe('lior: one\nlior: two\n');
    expect(lior.read()).not.toBe('');
  });

  it('lines go one by one where they are much together, as long as the partner can take them', () => {
    const trio = gatherThree();
    const { lior, golan } = trio;
    startChat(lior, golan, 'golan');
    forget(trio);
    golan.onWrite = () => {
      golan.needsDrain = true;
    };
    const lines = ['a', 'b', 'c'].map((letter) => letter.repeat(2000));
    lior.type(lines.join('\n'));
    expect([golan.read(), lior.isPaused]).toEqual([`lior: ${lines[0]}\n`, true]);
    golan.drain();
    expect(golan.read()).toBe(`lior: ${lines[1]}\n`);
  });

  it('are counted, each as it is said and as it is delivered', () => {
    const counters = new Counters();
    const trio = gatherThree({ counters });
    const { lior, golan } = trio;
    startChat(lior, golan, 'golan');
    lior.type('one\ntwo');
    expect([counters.lines.chat, counters.delivered.chat]).toEqual([2, 2]);
  });
});
