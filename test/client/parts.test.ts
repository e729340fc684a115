/** The client's parts that need neither a terminal nor a socket. */
import { describe, expect, it } from 'vitest';
import { confirmedIn } from '../../src/client/confirmation.ts';
import { FarewellListener, farewellLine, restartLine } from '../../src/client/farewell.ts';
import { PromptSplitter } from '../../src/client/promptSplitter.ts';
import { VisibleText } from '../../src/client/visible.ts';
import { serverClosing, serverEnding } from '../support/wireTexts.ts';

describe('the text of the server', () => {
  const prompt = 'Enter user ID: ';

  it('keeps an unfinished line as the prompt', () => {
    const text = new PromptSplitter();
    expect(text.take(`Hello.\n${prompt}`)).toBe('Hello.\n');
    expect(text.prompt).toBe(prompt);
  });

  it('joins a prompt that comes in two parts', () => {
    const text = new PromptSplitter();
    text.take('Enter us');
    expect(text.take('er ID: ')).toBe('');
    expect(text.prompt).toBe(prompt);
  });

  it('shows a prompt once when the server repeats it after a line in between', () => {
    const text = new PromptSplitter();
    text.take(prompt);
    expect(text.take(`\ngolan joined the server.\n${prompt}`)).toBe('golan joined the server.\n');
    expect(text.prompt).toBe(prompt);
  });

  it('keeps a question on the screen when something else follows it', () => {
    const text = new PromptSplitter();
    text.take('lior wants to chat with you. Accept? (y/n): ');
    expect(text.take('\nlior withdrew.\n')).toBe('lior wants to chat with you. Accept? (y/n): \nlior withdrew.\n');
  });

  it('loses no line whose LF comes late', () => {
    const text = new PromptSplitter();
    text.take('lior: hello');
    expect(text.take('\nlior: again\n')).toBe('lior: hello\nlior: again\n');
  });

  it('starts again after an answer', () => {
    const text = new PromptSplitter();
    text.take(prompt);
    text.answer();
    expect(text.take('User not found.\n')).toBe('User not found.\n');
  });

  it('does not take the first part of a long line for a prompt, nor lose it when Enter is pressed', () => {
    const text = new PromptSplitter();
    const part = `lior: ${'long '.repeat(50)}`;
    expect(text.take(part)).toBe('');
    expect(text.prompt).toBe('');
    text.answer();
    expect(text.take('end\n')).toBe(`${part}end\n`);
  });

  it('breaks a line that never ends', () => {
    const text = new PromptSplitter();
    let shown = '';
    for (let round = 0; round < 20; round++) shown += text.take('x'.repeat(10_000));
    expect(shown.length).toBeGreaterThan(100_000);
  });
});

describe('the farewell', () => {
  const cases: [title: string, chunks: string[], heard: boolean][] = [
    ['is the last line', ['Menu:\n', `${farewellLine}\n`], true],
    ['is the only line', [`${farewellLine}\n`], true],
    ['comes in single characters', [...`Menu:\n${farewellLine}\n`], true],
    ['has no LF yet', [`Menu:\n${farewellLine}`], true],
    ['is followed by another line', [`${farewellLine}\n`, 'Menu:\n'], false],
    ['is followed by an empty line', [`${farewellLine}\n\n`], false],
    ['is a user saying it', [`lior: ${farewellLine}\n`], false],
    ['is the end of another sentence', [`The server is shutting down. ${farewellLine}\n`], false],
    ['was never said', [], false],
  ];
  for (const [title, chunks, heard] of cases) {
    it(`${heard ? 'is heard' : 'is not heard'} when it ${title}`, () => {
      const listener = new FarewellListener();
      for (const chunk of chunks) listener.read(chunk);
      expect(listener.lastWords === 'farewell').toBe(heard);
    });
  }
});

describe('a goodbye of any kind', () => {
  it('of a server that is stopped is known by its words', () => {
    expect(`${restartLine}\n`).toBe(serverClosing);
  });

  it.each([
    ['that of a server that is stopped', `Menu:\n${restartLine}\n`, 'restart'],
    ['the same behind a prompt', `Enter your user ID: \n${restartLine}\n`, 'restart'],
    ['the same as the first thing said', restartLine, 'restart'],
    ['that of a server that ends for good', `Menu:\n${serverEnding}`, 'goodbye'],
    ['another sentence', 'Menu:\nYou were idle for too long. Goodbye!\n', 'goodbye'],
    ["a user's line", 'Menu:\nlior: Goodbye!\n', 'none'],
    ["a user's line about a stop", `Menu:\nlior: ${restartLine}\n`, 'none'],
    ["a user's long line", `lior: ${'x'.repeat(300)} Goodbye!\n`, 'none'],
    ['something before the end', 'Goodbye!\nMenu:\n', 'none'],
  ])('%s: %j', (_, said, words) => {
    const listener = new FarewellListener();
    listener.read(said);
    expect(listener.lastWords).toBe(words);
  });
});

/** What is shown of a text that comes in these parts. */
function shown(...parts: string[]): string {
  const text = new VisibleText();
  return parts.map((part) => text.add(part)).join('') + text.end();
}

describe('what must not reach a screen', () => {
  it('control characters become visible, except LF and tab', () => {
    expect(shown('a\tb\n\x1b[2J\x07\r\x00\x7f\x9b')).toBe('a\tb\n␛[2J␇␍␀␡<U+009B>');
  });

  it.each([
    ['turns the reading direction', 'a\u202eb', 'a<U+202E>b'],
    ['takes no room', 'a\u200bb', 'a<U+200B>b'],
    ['is an invisible tag', 'a\u{e0041}b', 'a<U+E0041>b'],
    ['is a joiner that joins nothing', 'a \u200db', 'a <U+200D>b'],
  ])('a character that %s becomes visible', (_, text, visible) => {
    expect(shown(text)).toBe(visible);
  });

  it('every other character is left alone', () => {
    expect(shown('שלום 👩‍💻 漢字 é')).toBe('שלום 👩‍💻 漢字 é');
  });

  it('it makes no difference in which parts the text comes', () => {
    const text = 'a\r\n👩‍💻 \u202e\r\u200db\r\n\r';
    expect(shown(...text)).toBe(shown(text));
    expect(shown(text)).toBe('a\n👩‍💻 <U+202E>␍<U+200D>b\n␍');
  });
});

describe('what was sent', () => {
  const ports = { localPort: 0xabcd, remotePort: 0xff98 };
  const row = (queue: string, retransmissions: string, local = 'ABCD') =>
    ` 1: 0100007F:${local} 0100007F:FF98 01 ${queue}:00000000 01:00000014 ${retransmissions}     0        0 1070808 1`;

  it.each<[title: string, table: string, confirmed: boolean | undefined]>([
    ['is confirmed when nothing waits', row('00000000', '00000000'), true],
    ['may still be confirmed while it has not been sent again often', row('00000007', '00000005'), undefined],
    ['is not confirmed when it has', row('00000007', '00000006'), false],
    ['is not that of another connection', row('00000007', '00000009', 'ABCE'), true],
    ['is unknown where there is no table', '', true],
  ])('%s', (_, table, confirmed) => {
    expect(confirmedIn(`  sl  local_address rem_address   st\n${table}\n`, ports)).toBe(confirmed);
  });
});
