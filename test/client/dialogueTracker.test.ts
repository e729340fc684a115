/** What the client makes of what it reads and what is typed, and how it styler. */
import { describe, expect, it } from 'vitest';
import { DialogueTracker } from '../../src/client/dialogueTracker.ts';
import { LineStyler } from '../../src/client/lineStyler.ts';
import { columnsOf, rowsOf } from '../../src/client/width.ts';
import { idPrompt, menu, targetPrompt } from '../support/person.ts';

function identified(): DialogueTracker {
  const tracker = new DialogueTracker();
  tracker.read(idPrompt);
  tracker.typed('lior');
  tracker.read(menu);
  return tracker;
}

describe('the dialogue tracker', () => {
  it('says when an id is asked for, and which one was accepted', () => {
    const tracker = new DialogueTracker();
    expect(tracker.read(idPrompt)).toEqual([{ type: 'server.askedForId' }]);
    tracker.typed('golan');
    expect(tracker.read('User ID taken. Choose another user ID: ')).toEqual([]);
    tracker.typed('lior');
    expect(tracker.read(menu)).toEqual([{ type: 'id.accepted', id: 'lior' }]);
    expect(tracker.id).toBe('lior');
  });

  it('knows a password prompt, also after a wrong one, and not in a chat', () => {
    const tracker = new DialogueTracker();
    expect(tracker.read('Password: ')).toEqual([{ type: 'server.askedForPassword' }]);
    expect(tracker.asksForPassword).toBe(true);
    tracker.typed('wrong');
    expect(tracker.asksForPassword).toBe(false);
    expect(tracker.read('Wrong password.\nPassword: ')).toEqual([{ type: 'server.askedForPassword' }]);
    tracker.typed('right');
    expect(tracker.read(idPrompt)).toEqual([{ type: 'server.askedForId' }]);
    tracker.typed('lior');
    tracker.read(menu);
    tracker.read('Password: ');
    expect(tracker.asksForPassword).toBe(false);
  });

  it.each<[place: string, typed: string[], heard: string[], completions: string[]]>([
    ['in the menu', [], [], ['1', '2', '3', '4']],
    ['while an answer is due', ['1'], [], []],
    ['at the question whom to ask', ['1'], [targetPrompt], ['exit()', 'dana', 'golan']],
    ['while somebody is asked', ['1', 'dana'], [targetPrompt], ['exit()']],
    ['in a chat', ['1', 'dana'], [targetPrompt, 'Chat started with dana. Type exit() to leave.\n'], ['exit()']],
    ['in the room', ['3'], ['Joined common room. Type exit() to leave.\n', 'Nobody else is here yet.\n'], ['exit()']],
    ['at a question', [], ['golan wants to chat with you. Accept? (y/n): '], ['y', 'n']],
  ])('proposes what means something %s', (_, typed, heard, completions) => {
    const tracker = identified();
    tracker.read('golan joined the server.\ndana joined the server.\n');
    for (let step = 0; step < Math.max(typed.length, heard.length); step++) {
      if (typed[step] !== undefined) tracker.typed(typed[step] as string);
      if (heard[step] !== undefined) tracker.read(heard[step] as string);
    }
    expect(tracker.completions('')).toEqual(completions);
  });

  it('proposes what begins with what is typed, in capitals or not', () => {
    const tracker = identified();
    tracker.read('golan joined the server.\ndana joined the server.\n');
    tracker.typed('1');
    tracker.read(targetPrompt);
    expect(tracker.completions('GO')).toEqual(['golan']);
    tracker.typed('exit()');
    tracker.read(menu);
    tracker.read('golan disconnected.\n');
    tracker.typed('1');
    tracker.read(targetPrompt);
    expect(tracker.completions('')).toEqual(['exit()', 'dana']);
  });

  it('takes lines typed ahead in their turn', () => {
    const tracker = identified();
    for (const line of ['1', 'dana', 'hello', 'exit()']) tracker.typed(line);
    tracker.read(`${targetPrompt}User not found.\n${menu}`);
    tracker.read(`Invalid option.\n${menu}Invalid option.\n${menu}`);
    expect(tracker.completions('')).toEqual(['1', '2', '3', '4']);
  });

  it('knows nothing at a server with other words, and again at the next menu', () => {
    const tracker = new DialogueTracker();
    tracker.read('Welcome to another server!\nName? ');
    tracker.typed('lior');
    expect(tracker.read('Hello, lior.\nYou left the chat.\n')).toEqual([]);
    expect(tracker.completions('')).toEqual([]);
    tracker.read(menu);
    expect(tracker.completions('')).toEqual(['1', '2', '3', '4']);
  });

  it('keeps its place when a prompt comes again behind a line that was refused', () => {
    const tracker = new DialogueTracker();
    tracker.read(idPrompt);
    tracker.typed('x'.repeat(5000));
    tracker.read(`Line too long: at most 4096 bytes. Nothing was sent.\n${idPrompt}`);
    tracker.typed('lior');
    expect(tracker.read(menu)).toEqual([{ type: 'id.accepted', id: 'lior' }]);
  });

  it('reads a sentence that comes in parts', () => {
    const tracker = new DialogueTracker();
    const update = [...`${idPrompt}`].flatMap((letter) => tracker.read(letter));
    expect(update).toEqual([{ type: 'server.askedForId' }]);
    tracker.typed('lior');
    expect([...menu].flatMap((letter) => tracker.read(letter))).toEqual([{ type: 'id.accepted', id: 'lior' }]);
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

describe('the styler', () => {
  const plain = new LineStyler({ colours: 0, hasTimes: false, hasBell: true });

  it('colour an id the same everywhere, and leave unknown lines alone', () => {
    const styler = new LineStyler({ colours: 256, hasTimes: false, hasBell: false });
    const colour = /(38;5;\d+)m/.exec(styler.lines('dana: hello\n', 80, 'lior'))?.[1];
    expect(colour).toBeDefined();
    expect(styler.lines('[14:05] dana: dana\n', 80, '')).toBe(`[14:05] \x1b[${colour}mdana\x1b[39m: dana\n`);
    expect(styler.lines('dana joined the server.\n', 80, '')).toBe(`\x1b[${colour}mdana\x1b[39m joined the server.\n`);
    expect(styler.lines('Hello dana.\n', 80, '')).toBe('Hello dana.\n');
  });

  it('show the time, but not twice', () => {
    const styler = new LineStyler({ colours: 0, hasTimes: true, hasBell: false }, () => new Date(2026, 10, 23, 9, 5));
    expect(styler.lines('dana: hello\n[14:05] dana: earlier\n', 80, '')).toBe(
      '09:05 dana: hello\n[14:05] dana: earlier\n',
    );
  });

  it.each([
    ['golan: hi lior!\n', true],
    ['golan: hi LIOR\n', true],
    ['golan: liorit is here\n', false],
    ['golan: hi\n', false],
    ['[14:05] golan: hi lior\n', false],
    ['lior joined the server.\n', false],
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
