/** While a channel is open, two look at each line: the channel and the chart. Exactly one of them takes it. */
import { describe, expect, it } from 'vitest';
import { isRelayedLine } from '../../machines/session.machine.ts';
import { gatherThree, startChat } from '../support/memory.ts';
import { howToLeave, menu, youLeftChat, youLeftRoom } from '../support/wireTexts.ts';
import { arriveAt, hear, line, type Place } from './sessionScript.ts';

const blanks = ['', ' ', '\t', '  ', '\u3000', '\u2800', '\u00a0'];
const words = ['exit()', 'exit', 'exit(', 'exit)', 'exit ( )', 'exit( )', 'EXIT()', 'Exit ()', 'exit()!', 'exit(1)'];
const commands = ['help', 'h', '?', 'commands', 'quit', 'q', 'exit', 'leave', 'part', 'bye', 'logout', 'disconnect'];
const others = [
  'hello',
  '1',
  '2',
  'y',
  'n',
  '/',
  '//',
  '/me waves',
  'see /help',
  '/helpme',
  '/exit()',
  'texit()',
  '👍',
];

/** Every word with each kind of blank around it, in small and capital letters, alone and with more behind it. */
const lines = [
  ...new Set(
    [...blanks, ...words, ...others, ...commands.map((each) => `/${each}`)].flatMap((text) => [
      ...[text, text.toUpperCase(), `${text} more`, `${text}more`, `- ${text}`],
      ...blanks.flatMap((blank) => [blank + text, text + blank, blank + text + blank]),
    ]),
  ),
];

describe.each<[Place, leaves: string]>([
  ['online.chatting.talking', 'leaveChat'],
  ['online.commonRoom', 'closeChannel'],
])('in %s', (place, leaves) => {
  it('the chart has a transition for every line that the channel leaves to it, apart from blank ones', () => {
    const talking = arriveAt(place);
    const wrong = lines.filter((text) => {
      const { does } = hear(talking, line(text));
      const isBlank = /^[\s\u2800]*$/.test(text);
      const isTaken = does[0] === leaves || does[0] === 'say howToLeave';
      return isTaken === (isRelayedLine(text) || isBlank);
    });
    expect(wrong).toEqual([]);
  });
});

it('the lines are of every kind', () => {
  const relayed = lines.filter(isRelayedLine).length;
  expect([lines.length, relayed, lines.length - relayed].map((count) => count > 150)).toEqual([true, true, true]);
});

describe('a real session does with each line what the two say', () => {
  it.each<[string, enter: string, left: string]>([
    ['in a chat', '', youLeftChat],
    ['in the common room', '3', youLeftRoom],
  ])('%s', (_, enter, left) => {
    const { lior, golan } = gatherThree();
    const open = (): void => {
      if (enter === '') startChat(lior, golan, 'golan');
      else for (const user of [lior, golan]) user.type(enter);
      lior.read();
      golan.read();
    };
    open();
    for (const text of lines) {
      lior.type(text);
      const [mine, theirs] = [lior.read(), golan.read()];
      if (isRelayedLine(text)) expect([text, mine, theirs]).toEqual([text, '', `lior: ${text}\n`]);
      else if (mine === '') expect(text).toMatch(/^[\s\u2800]*$/);
      else if (mine === howToLeave) expect([text, theirs]).toEqual([text, '']);
      else {
        expect([text, mine]).toEqual([text, `${left}${menu}`]);
        if (enter !== '') golan.type('exit()');
        open();
      }
    }
  });

  it('also with lines that come together', () => {
    const { lior, golan } = gatherThree();
    startChat(lior, golan, 'golan');
    golan.read();
    const together = lines.filter((text) => !/exit\s*\(/i.test(text));
    // As many as go to the partner in one piece.
    for (let at = 0; at < together.length; at += 3) lior.type(together.slice(at, at + 3).join('\n'));
    const relayed = together.filter(isRelayedLine);
    expect(golan.read()).toBe(relayed.map((text) => `lior: ${text}\n`).join(''));
  });
});
