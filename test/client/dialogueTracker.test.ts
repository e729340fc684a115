/** What the client makes of what it reads and what is typed, and how it looks. */
import { describe, expect, it } from 'vitest';
import { Follower } from '../../src/client/dialogueTracker.ts';
import { Looks } from '../../src/client/lineStyler.ts';
import { columnsOf, rowsOf } from '../../src/client/width.ts';
import {
  chatStarted,
  disconnected,
  idPrompt,
  idTaken,
  invalidOption,
  joinedServer,
  lineTooLong,
  menu,
  menuOptions,
  passwordPrompt,
  question,
  roomEmpty,
  roomJoined,
  targetPrompt,
  userNotFound,
  wrongPassword,
  youLeftChat,
} from '../support/wireTexts.ts';

function identified(): Follower {
  const follower = new Follower();
  follower.hear(idPrompt);
  follower.typed('lior');
  follower.hear(menu);
  return follower;
}

describe('the follower', () => {
  it('says when an id is asked for, and which one was accepted', () => {
    const follower = new Follower();
    expect(follower.hear(idPrompt)).toEqual([{ type: 'server.askedForId' }]);
    follower.typed('golan');
    expect(follower.hear(idTaken)).toEqual([]);
    follower.typed('lior');
    expect(follower.hear(menu)).toEqual([{ type: 'id.accepted', id: 'lior' }]);
    expect(follower.id).toBe('lior');
  });

  it('knows a password prompt, also after a wrong one, and not in a chat', () => {
    const follower = new Follower();
    expect(follower.hear(passwordPrompt)).toEqual([{ type: 'server.askedForPassword' }]);
    expect(follower.asksForPassword).toBe(true);
    follower.typed('wrong');
    expect(follower.asksForPassword).toBe(false);
    expect(follower.hear(`${wrongPassword}${passwordPrompt}`)).toEqual([{ type: 'server.askedForPassword' }]);
    follower.typed('right');
    expect(follower.hear(idPrompt)).toEqual([{ type: 'server.askedForId' }]);
    follower.typed('lior');
    follower.hear(menu);
    follower.hear(passwordPrompt);
    expect(follower.asksForPassword).toBe(false);
  });

  it.each<[place: string, typed: string[], heard: string[], completions: string[]]>([
    ['in the menu', [], [], [...menuOptions]],
    ['while an answer is due', ['1'], [], []],
    ['at the question whom to ask', ['1'], [targetPrompt], ['exit()', 'dana', 'golan']],
    ['while somebody is asked', ['1', 'dana'], [targetPrompt], ['exit()']],
    ['in a chat', ['1', 'dana'], [targetPrompt, chatStarted('dana')], ['exit()']],
    ['in the room', ['3'], [roomJoined, roomEmpty], ['exit()']],
    ['at a question', [], [question('golan')], ['y', 'n']],
  ])('proposes what means something %s', (_, typed, heard, completions) => {
    const follower = identified();
    follower.hear(`${joinedServer('golan')}${joinedServer('dana')}`);
    for (let step = 0; step < Math.max(typed.length, heard.length); step++) {
      if (typed[step] !== undefined) follower.typed(typed[step] as string);
      if (heard[step] !== undefined) follower.hear(heard[step] as string);
    }
    expect(follower.completions('')).toEqual(completions);
  });

  it('proposes what begins with what is typed, in capitals or not', () => {
    const follower = identified();
    follower.hear(`${joinedServer('golan')}${joinedServer('dana')}`);
    follower.typed('1');
    follower.hear(targetPrompt);
    expect(follower.completions('GO')).toEqual(['golan']);
    follower.typed('exit()');
    follower.hear(menu);
    follower.hear(disconnected('golan'));
    follower.typed('1');
    follower.hear(targetPrompt);
    expect(follower.completions('')).toEqual(['exit()', 'dana']);
  });

  it('takes lines typed ahead in their turn', () => {
    const follower = identified();
    for (const line of ['1', 'dana', 'hello', 'exit()']) follower.typed(line);
    follower.hear(`${targetPrompt}${userNotFound}${menu}`);
    follower.hear(`${invalidOption}${menu}${invalidOption}${menu}`);
    expect(follower.completions('')).toEqual([...menuOptions]);
  });

  it('knows nothing at a server with other words, and again at the next menu', () => {
    const follower = new Follower();
    follower.hear('Welcome to another server!\nName? ');
    follower.typed('lior');
    expect(follower.hear(`Hello, lior.\n${youLeftChat}`)).toEqual([]);
    expect(follower.completions('')).toEqual([]);
    follower.hear(menu);
    expect(follower.completions('')).toEqual([...menuOptions]);
  });

  it('keeps its place when a prompt comes again behind a line that was refused', () => {
    const follower = new Follower();
    follower.hear(idPrompt);
    follower.typed('x'.repeat(5000));
    follower.hear(`${lineTooLong(4096)}${idPrompt}`);
    follower.typed('lior');
    expect(follower.hear(menu)).toEqual([{ type: 'id.accepted', id: 'lior' }]);
  });

  it('reads a sentence that comes in parts', () => {
    const follower = new Follower();
    const update = [...`${idPrompt}`].flatMap((letter) => follower.hear(letter));
    expect(update).toEqual([{ type: 'server.askedForId' }]);
    follower.typed('lior');
    expect([...menu].flatMap((letter) => follower.hear(letter))).toEqual([{ type: 'id.accepted', id: 'lior' }]);
  });
});

describe('the rows of a line', () => {
  it.each([
    ['latin', 5],
    ['שלום', 4],
    ['漢字', 4],
    ['👍🇮🇱', 6],
    ['e\u0301', 1],
  ])('%s takes %i columns', (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });

  it.each([
    ['one two three', 10, ['one two', '    three']],
    ['onetwothreefour', 10, ['onetwothre', '    efour']],
    ['漢字漢字漢字', 9, ['漢字漢字', '    漢字']],
    [`lior: ${' '.repeat(14)}golan: hello`, 20, ['lior:', '    golan: hello']],
    ['exactly ten', 11, ['exactly ten']],
  ])('%j in %i columns', (line, columns, rows) => {
    expect(rowsOf(line, columns, '    ')).toEqual(rows);
    expect(rows.every((row) => columnsOf(row) <= columns)).toBe(true);
  });
});

describe('the looks', () => {
  const plain = new Looks({ colours: 0, hasTimes: false, hasBell: true });

  it('colour an id the same everywhere, and leave unknown lines alone', () => {
    const looks = new Looks({ colours: 256, hasTimes: false, hasBell: false });
    const colour = /(38;5;\d+)m/.exec(looks.lines('dana: hello\n', 80, 'lior'))?.[1];
    expect(colour).toBeDefined();
    expect(looks.lines('[14:05] dana: dana\n', 80, '')).toBe(`[14:05] \x1b[${colour}mdana\x1b[39m: dana\n`);
    expect(looks.lines(joinedServer('dana'), 80, '')).toBe(`\x1b[${colour}mdana\x1b[39m joined the server.\n`);
    expect(looks.lines('Hello dana.\n', 80, '')).toBe('Hello dana.\n');
  });

  it('show the time, but not twice', () => {
    const looks = new Looks({ colours: 0, hasTimes: true, hasBell: false }, () => new Date(2026, 10, 23, 9, 5));
    expect(looks.lines('dana: hello\n[14:05] dana: earlier\n', 80, '')).toBe(
      '09:05 dana: hello\n[14:05] dana: earlier\n',
    );
  });

  it.each([
    ['golan: hi lior!\n', true],
    ['golan: hi LIOR\n', true],
    ['golan: liorit is here\n', false],
    ['golan: hi\n', false],
    ['[14:05] golan: hi lior\n', false],
    [joinedServer('lior'), false],
  ])('ring at %j: %s', (line, rings) => {
    expect(plain.lines(line, 80, 'lior').startsWith('\x07')).toBe(rings);
  });

  it('let no row begin where a line of the server would', () => {
    const faked = `golan: ${' '.repeat(33)}dana: not me\n`;
    const rows = plain.lines(faked, 40, '').split('\n').slice(0, -1);
    expect(rows.length).toBeGreaterThan(1);
    for (const row of rows.slice(1)) expect(row).toMatch(/^ {4}/);
  });
});
