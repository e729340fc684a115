/** What a netcat screen shows: prompts, and the lines that come in between. */
import { describe, expect, it } from 'vitest';
import { PromptRenderer } from '../../src/dialogue/promptRenderer.ts';
import { gatherThree } from '../support/memory.ts';

const prompt = 'Enter user ID: ';

/** A screen, in the user's verbs. `answer` is Enter after the prompt. */
function openScreen() {
  let written = '';
  const screen = new PromptRenderer({
    write: (text) => {
      written += text;
    },
  });
  return {
    screen,
    answer: () => {
      screen.lineTyped();
      screen.promptAnswered();
    },
    get text() {
      return written;
    },
  };
}

describe('with a prompt standing', () => {
  it.each<[what: string, play: (screen: ReturnType<typeof openScreen>) => void, text: string]>([
    ['a line in between', ({ screen }) => screen.interject('a\n'), `\na\n${prompt}`],
    ['several lines at once', ({ screen }) => screen.interject('a\nb\n'), `\na\nb\n${prompt}`],
    [
      'one line after the other',
      ({ screen }) => {
        screen.interject('a\n');
        screen.interject('b\n');
      },
      `\na\n${prompt}\nb\n${prompt}`,
    ],
    [
      'the end of what it asked for',
      ({ screen }) => screen.show('Request expired.\nMenu:\n'),
      '\nRequest expired.\nMenu:\n',
    ],
    ['another prompt', ({ screen }) => screen.show('Accept? (y/n): '), '\nAccept? (y/n): '],
    [
      'an answer and what follows',
      ({ screen, answer }) => {
        answer();
        screen.show('User busy.\nMenu:\n');
      },
      'User busy.\nMenu:\n',
    ],
    [
      'an answer, and a line before the reply to it',
      ({ screen, answer }) => {
        answer();
        screen.interject('a\n');
        screen.show('Menu:\n');
      },
      'a\nMenu:\n',
    ],
    [
      'a line that was no answer, and why',
      ({ screen }) => {
        screen.lineTyped();
        screen.interject('Line too long.\n');
      },
      `Line too long.\n${prompt}`,
    ],
    [
      'an answer that leads to the same prompt',
      ({ screen, answer }) => {
        answer();
        screen.show(prompt);
        screen.interject('a\n');
      },
      `${prompt}\na\n${prompt}`,
    ],
  ])('%s', (_, play, text) => {
    const open = openScreen();
    open.screen.show(prompt);
    play(open);
    expect(open.text).toBe(prompt + text);
  });
});

describe('without a prompt', () => {
  it.each(['', 'Menu:\n', 'You left the chat.\nMenu:\n'])(
    'lines follow each other as they are: after "%s"',
    (before) => {
      const open = openScreen();
      if (before !== '') open.screen.show(before);
      open.screen.interject('a\n');
      open.screen.show('b\n');
      open.screen.interject('c\n');
      expect(open.text).toBe(`${before}a\nb\nc\n`);
    },
  );

  it('a prompt that was replaced does not come back', () => {
    const open = openScreen();
    open.screen.show(prompt);
    open.screen.show('Menu:\n');
    open.screen.interject('a\n');
    expect(open.text).toBe(`${prompt}\nMenu:\na\n`);
  });

  it('a line typed changes nothing', () => {
    const open = openScreen();
    open.screen.show('Menu:\n');
    open.answer();
    open.screen.interject('a\n');
    expect(open.text).toBe('Menu:\na\n');
  });
});

describe('what others read too', () => {
  it('is not encoded again where no prompt stands, and never given without the prompt where one does', () => {
    const written: [string, Buffer | undefined][] = [];
    const screen = new PromptRenderer({ write: (text, bytes) => written.push([text, bytes]) });
    const bytes = Buffer.from('a\n');
    screen.interject('a\n', bytes);
    screen.show(prompt);
    screen.interject('a\n', bytes);
    expect(written).toEqual([
      ['a\n', bytes],
      [prompt, undefined],
      [`\na\n${prompt}`, undefined],
    ]);
  });
});

describe('in a dialogue', () => {
  it('the question is shown again after a line that was refused', () => {
    const { lior, golan } = gatherThree();
    golan.type('1', 'lior');
    lior.read();
    lior.typeRefused('lineTooLong');
    expect(lior.read()).toBe(
      'Line too long: at most 4096 bytes. Nothing was sent.\ngolan wants to chat with you. Accept? (y/n): ',
    );
  });

  it('the question is not shown again once the asker has withdrawn', () => {
    const { all, lior, golan } = gatherThree();
    golan.type('1', 'lior', 'exit()');
    lior.read();
    all.gather('dan');
    expect(lior.read()).toBe('dan joined the server.\n');
  });

  it('the first prompt is shown again after a line that is not text', () => {
    const { all } = gatherThree();
    const dan = all.connect();
    dan.read();
    dan.typeRefused('lineNotUtf8');
    expect(dan.read()).toBe('That line is not valid UTF-8. Nothing was sent.\nEnter your user ID: ');
  });

  it('a prompt that was answered is not shown again while there is no reply yet', () => {
    const { lior } = gatherThree();
    lior.type('1', 'golan');
    lior.read();
    lior.typeRefused('lineNotUtf8');
    expect(lior.read()).toBe('That line is not valid UTF-8. Nothing was sent.\n');
  });

  it('a prompt that was left unanswered is not shown in the menu', () => {
    const { all, lior } = gatherThree();
    lior.type('1', 'exit()');
    lior.read();
    all.gather('dan');
    expect(lior.read()).toBe('dan joined the server.\n');
  });
});
