/** What the session chart makes of a typed line, and what it remembers of what it hears. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isExitLine, reservedIds, type SessionContext, type SessionEvent } from '../../machines/session.machine.ts';
import { numberOfNoOption } from '../support/wireTexts.ts';
import { arriveAt, hear, line, type Place, play, update } from './sessionScript.ts';

/** Where a line leads. */
const placeAfter = (from: Place, text: string) => hear(arriveAt(from), line(text)).place;

describe('at the id prompt', () => {
  it.each([
    ['one letter', 'a'],
    ['one digit that is no menu option', numberOfNoOption],
    ['32 characters', 'a'.repeat(32)],
    ['capitals', 'LIOR'],
    ['dots, hyphens and underscores', 'a.b-c_d'],
    ['dots at the end', 'a..'],
    ['blanks around it', ' \tlior '],
    ['a reserved word with more behind it', 'admin2'],
  ])('an id of %s is claimed', (_, text) => {
    expect(placeAfter('identifying.prompting', text)).toBe('identifying.claiming');
  });

  it.each([
    ['nothing', ''],
    ['blanks only', '  '],
    ['33 characters', 'a'.repeat(33)],
    ['a blank inside', 'lior golan'],
    ['a colon', 'lior:'],
    ['a dot in front', '.lior'],
    ['a hyphen in front', '-lior'],
    ['an underscore in front', '__proto__'],
    ['a letter of another alphabet', 'l\u0456or'],
    ['an accent', 'li\u00f3r'],
    ['a small sharp s', 'gro\u00df'],
    ['the Kelvin sign, which lower-cases to k', '\u212aelvin'],
    ['the long s, which upper-cases to S', '\u017fam'],
    ['a full-width letter', '\uff41'],
    ['a line feed inside', 'a\nb'],
    ['a line feed it would have to end at', 'a\nserver'],
    ['a control character made visible', 'a\u2400'],
    ['exit()', 'exit()'],
  ])('an id of %s is not acceptable', (_, text) => {
    expect(placeAfter('identifying.prompting', text)).toBe('identifying.prompting');
  });

  // Written out once more: what the chart itself lists could not be missed here.
  const reserved = [
    ...['server', 'system', 'menu', 'lobby', 'room', 'admin', 'administrator', 'root', 'operator', 'moderator'],
    ...['host', 'everyone', 'all', 'you', 'me', 'help', 'null', 'undefined', 'constructor'],
    ...['1', '2', '3', '4', 'y', 'n', 'yes', 'no'],
  ];

  it('the reserved words are these, which docs/protocol.md names', () => {
    expect(reservedIds).toEqual(reserved);
    const page = readFileSync('docs/protocol.md', 'utf8').replaceAll(/\s+/g, ' ');
    expect(page).toContain(`\`${reserved.slice(0, 19).join(' ')}\``);
    expect(page).toContain(`\`${reserved.slice(19).join(' ')}\``);
  });

  it.each(reserved)('%s is reserved in every letter case', (word) => {
    for (const text of [word, word.toUpperCase(), ` ${word} `]) {
      expect(placeAfter('identifying.prompting', text)).toBe('identifying.prompting');
    }
  });
});

describe('in the menu', () => {
  it.each([
    ['1', 'online.menu.moving'],
    [' 1 ', 'online.menu.moving'],
    ['\t3', 'online.menu.moving'],
    ['2 ', 'closed'],
    ['1)', 'online.menu.choosing'],
    ['01', 'online.menu.choosing'],
    ['1 golan', 'online.menu.choosing'],
    ['11', 'online.menu.choosing'],
    ['\u0661', 'online.menu.choosing'],
    ['', 'online.menu.choosing'],
    ['quit', 'online.menu.choosing'],
  ])('"%s" leads to %s', (text, place) => {
    expect(placeAfter('online.menu.choosing', text)).toBe(place);
  });
});

describe('when asked for an answer', () => {
  it.each(['y', 'Y', 'yes', 'YES', 'Yes', ' y ', 'yEs\t'])('"%s" is a yes', (text) => {
    expect(hear(arriveAt('online.confirming.answering'), line(text)).does).toEqual(['acceptRequest']);
  });

  it.each(['n', 'N', 'no', 'NO', ' No '])('"%s" is a no', (text) => {
    expect(hear(arriveAt('online.confirming.answering'), line(text)).does).toEqual(['declineRequest']);
  });

  it.each(['', 'ye', 'yess', 'yep', 'y y', 'y/n', 'yn', 'not', 'nope', 'n o', '1', 'exit()'])(
    '"%s" is neither',
    (text) => {
      expect(hear(arriveAt('online.confirming.answering'), line(text)).does).toEqual(['say question']);
    },
  );
});

describe('the line that leaves', () => {
  const leavers: [from: Place, to: Place][] = [
    ['online.requesting.naming', 'online.menu.choosing'],
    ['online.requesting.awaiting.ringing', 'online.requesting.awaiting.withdrawing'],
    ['online.chatting.talking', 'online.chatting.leaving'],
    ['online.commonRoom', 'online.menu.choosing'],
  ];

  it.each(['exit()', ' exit() ', 'exit()\t', 'Exit()', 'EXIT()', 'exit ()', 'exit( )'])('"%s" is it', (text) => {
    expect(isExitLine(text)).toBe(true);
    for (const [from, to] of leavers) expect(placeAfter(from, text)).toBe(to);
  });

  it.each(['exit', 'exit(', 'ex it()', 'exit();', 'please exit()', 'exit()exit()', ''])('"%s" is not', (text) => {
    expect(isExitLine(text)).toBe(false);
    for (const [from, to] of leavers) expect(placeAfter(from, text)).not.toBe(to);
  });
});

describe('what a session remembers', () => {
  const nobody = { partner: '', pairingId: 0 };
  const golan = { partner: 'golan', pairingId: 7 };

  const rows: [what: string, from: Place, events: SessionEvent[], context: Partial<SessionContext>][] = [
    ['nothing at first', 'identifying.prompting', [], { userId: '', ...nobody }],
    ['no id before it is granted', 'identifying.claiming', [], { userId: '' }],
    [
      'the id as the lobby granted it',
      'identifying.claiming',
      [{ type: 'id.granted', id: 'Lior' }],
      { userId: 'Lior', ...nobody },
    ],
    ['no id after a refusal', 'identifying.claiming', [update.idRefused], { userId: '' }],
    ['nobody while naming', 'online.requesting.naming', [], nobody],
    ['nobody while ringing: the number is not known yet', 'online.requesting.awaiting.ringing', [], nobody],
    ['who asks', 'online.menu.choosing', [update.asked], { userId: 'lior', ...golan }],
    ['who asked while moving', 'online.menu.moving', [update.asked], golan],
    [
      'who asked while moving, when the move is refused',
      'online.menu.moving',
      [update.asked, update.moveRefused],
      golan,
    ],
    ['nobody, when the asker withdraws while moving', 'online.menu.moving', [update.asked, update.withdrawn], nobody],
    ['nobody, when the time runs out while moving', 'online.menu.moving', [update.asked, update.expired], nobody],
    [
      'the later of two who asked while moving',
      'online.menu.moving',
      [update.asked, update.withdrawn, { type: 'request.received', askerId: 'noa', pairingId: 9 }],
      { partner: 'noa', pairingId: 9 },
    ],
    ['who asks, for as long as it is asked again', 'online.confirming.answering', [line('?')], golan],
    ['who asked, while deciding', 'online.confirming.answering', [line('n')], golan],
    ['the partner as the lobby spells it', 'online.requesting.awaiting.ringing', [update.started], golan],
    [
      'the partner of a chat it had tried to withdraw',
      'online.requesting.awaiting.withdrawing',
      [update.started],
      golan,
    ],
    ['the partner of a chat it accepted', 'online.confirming.deciding', [update.started], golan],
    ['the partner, while leaving', 'online.chatting.leaving', [], golan],
    ['nobody after the chat', 'online.chatting.talking', [update.ended], { userId: 'lior', ...nobody }],
    ['nobody after leaving', 'online.chatting.leaving', [update.ended], nobody],
    ['nobody after a no', 'online.confirming.deciding', [update.declined], nobody],
    ['nobody after the asker withdrew', 'online.confirming.answering', [update.withdrawn], nobody],
    ['its id in the common room', 'online.commonRoom', [], { userId: 'lior', ...nobody }],
  ];

  it.each(rows.map(([what, from, events, context]) => ({ what, from, events, context })))(
    '$what ($from)',
    ({ from, events, context }) => {
      expect(play(arriveAt(from), events).context).toMatchObject(context);
    },
  );
});
