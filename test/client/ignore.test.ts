/** What the client takes for itself, and what it hides of ignored users. */
import { describe, expect, it } from 'vitest';
import { commandIn, withoutDoubling } from '../../machines/clientCommands.ts';
import { IgnoreFilter } from '../../src/client/ignoreFilter.ts';
import { readSentences } from '../../src/protocol/sentences.ts';
import {
  askerWithdrew,
  chatStarted,
  disconnected,
  idPrompt,
  joinedRoom,
  menu,
  operatorSays,
  question,
  requestDenied,
  requestExpired,
  targetPrompt,
} from '../support/wireTexts.ts';

describe('a line', () => {
  it.each([
    ['/ignore', 'ignore', ''],
    ['/ignore mallory', 'ignore', 'mallory'],
    ['  /ignore  Mallory \n', 'ignore', 'Mallory'],
    ['/unignore mallory', 'unignore', 'mallory'],
    ['/ignored mallory', 'unknown', 'ignored'],
    ['/ignore @mallory', 'unknown', 'ignore @mallory'],
    ['/ignore mallory,', 'unknown', 'ignore mallory,'],
    ['/ignore mallory eve', 'unknown', 'ignore mallory eve'],
    ['/unignore @mallory', 'unignore', '@mallory'],
    ['/quit', 'unknown', 'quit'],
    ['/', 'unknown', ''],
    ['/etc/passwd', 'unknown', 'etc/passwd'],
  ])('%j is for the client: %s %s', (line, name, argument) => {
    expect(commandIn(line)).toEqual({ type: `command.${name}`, argument });
  });

  it.each(['/help', '/HELP\n'])('%j asks the client for help', (line) => {
    expect(commandIn(line)).toEqual({ type: 'command.help' });
  });

  it.each(['hello', '', 'a /help', '//help', ' //', '1/2'])('%j is for the server', (line) => {
    expect(commandIn(line)).toBeUndefined();
  });

  it.each([
    ['//help\n', '/help\n'],
    [' //etc', ' /etc'],
    ['///', '//'],
    ['hello //', 'hello //'],
    ['/x', '/x'],
  ])('%j is sent as %j', (line, sent) => {
    expect(withoutDoubling(line)).toBe(sent);
  });
});

function filterOf(...ids: string[]) {
  const requests = { count: 0 };
  const ignored = [...ids];
  const filter = new IgnoreFilter(
    () => ignored,
    () => void requests.count++,
  );
  /** In pieces of so many characters. */
  const show = (text: string, isFree = true, length = text.length): string => {
    let shown = '';
    for (let at = 0; at < text.length; at += length) shown += filter.read(text.slice(at, at + length), isFree);
    return shown;
  };
  return { ignored, requests, show };
}

describe.each([1, 2, 7, 1000])('in pieces of %i', (length) => {
  it('lines of an ignored user are hidden, also those that the room remembers, and no others', () => {
    const { show } = filterOf('mallory');
    const text = [
      ...[
        'lior: hi\n',
        'Mallory: buy now\n',
        'mallory2: hi\n',
        '[14:05 UTC] mallory: spam\n',
        '[14:06 UTC] lior: hi\n',
      ],
      ...[operatorSays('hello'), joinedRoom('mallory'), disconnected('mallory'), 'mallory: \n'],
    ].join('');
    const shown = text
      .split(/(?<=\n)/)
      .filter((line) => !/^(\[.*\] )?mallory: /i.test(line))
      .join('');
    expect(show(text, false, length)).toBe(shown);
  });

  it('prompts are shown at once, whatever they begin with', () => {
    const { show } = filterOf('e', 'user', 'mallory');
    expect(show(`${menu}${targetPrompt}`, false, length)).toBe(`${menu}${targetPrompt}`);
    expect(show(idPrompt, false, length)).toBe(idPrompt);
    expect(show(question('lior'), false, length)).toBe(question('lior'));
  });

  it.each([
    ['declined', requestDenied],
    ['withdrawn meanwhile', `\n${askerWithdrew('mallory')}`],
    ['over', `\n${requestExpired}`],
  ])('a request of an ignored user is hidden to its end and reported once: %s', (_, end) => {
    const { show, requests } = filterOf('mallory');
    expect(show(`lior joined the server.\n${question('Mallory')}`, true, length)).toBe('lior joined the server.\n');
    expect(requests.count).toBe(1);
    expect(show(`${end}${menu}noa joined the server.\n`, false, length)).toBe('noa joined the server.\n');
    expect(show(question('mallory'), true, length)).toBe('');
    expect(requests.count).toBe(2);
  });

  it('a line that comes in between is shown, though the question comes again with it', () => {
    const { show, requests } = filterOf('mallory');
    show(question('mallory'), true, length);
    expect(show(`\n${operatorSays('hello')}${question('mallory')}`, false, length)).toBe(operatorSays('hello'));
    expect(requests.count).toBe(1);
    expect(show(`${requestDenied}${menu}`, false, length)).toBe('');
  });

  it('who has chosen something meanwhile reads that it came to nothing', () => {
    const { show, requests } = filterOf('mallory');
    expect(show(question('mallory'), false, length)).toBe('');
    expect(requests.count).toBe(1);
    expect(show(`${requestDenied}${menu}`, false, length)).toBe(`${requestDenied}${menu}`);
  });

  it('nothing is held back or hidden while nobody is ignored, and not any more after that', () => {
    const { show, ignored } = filterOf('mallory');
    ignored.length = 0;
    expect(show('mallory: h', false, length)).toBe('mallory: h');
    expect(show(`i\n${question('mallory')}`, false, length)).toBe(`i\n${question('mallory')}`);
  });

  it('a chat with another user begins as it does', () => {
    const { show } = filterOf('mallory');
    expect(show(chatStarted('lior'), false, length)).toBe(chatStarted('lior'));
  });
});

it('the menu is known as the server says it', () => {
  expect(readSentences(menu).sentences).toEqual([{ type: 'read.menu' }]);
});
