/** What the client makes of what it reads and what is typed, and how it looks. */
import { describe, expect, it } from 'vitest';
import { DialogueTracker, type TrackerEvent } from '../../src/client/dialogueTracker.ts';
import {
  chatResumed,
  idPrompt,
  menu,
  partnerAway,
  proofPrompt,
  question,
  requestDenied,
  targetPrompt,
  wrongPassword,
} from '../support/wireTexts.ts';

function identified(): DialogueTracker {
  const tracker = new DialogueTracker();
  tracker.read(idPrompt);
  tracker.typed('lior');
  tracker.read(menu);
  return tracker;
}

/** The events without those about replies and requests, which have tests of their own. */
function wants(events: readonly TrackerEvent[]): TrackerEvent[] {
  return events.filter(({ type }) => type.startsWith('server.') || type === 'id.accepted');
}

describe('the dialogue tracker', () => {
  it('says when an id is asked for, and which one was accepted', () => {
    const tracker = new DialogueTracker();
    expect(wants(tracker.read(idPrompt))).toEqual([{ type: 'server.askedForId' }]);
    tracker.typed('golan');
    expect(wants(tracker.read('User ID taken. Choose another user ID: '))).toEqual([]);
    tracker.typed('lior');
    expect(wants(tracker.read(menu))).toEqual([{ type: 'id.accepted', id: 'lior' }]);
    expect(tracker.id).toBe('lior');
  });

  it('knows a password prompt, also after a wrong one, and not in a chat', () => {
    const tracker = new DialogueTracker();
    expect(wants(tracker.read('Password: '))).toEqual([{ type: 'server.askedForPassword' }]);
    expect(tracker.asksForPassword).toBe(true);
    tracker.typed('wrong');
    expect(tracker.asksForPassword).toBe(false);
    expect(wants(tracker.read('Wrong password.\nPassword: '))).toEqual([{ type: 'server.askedForPassword' }]);
    tracker.typed('right');
    expect(wants(tracker.read(idPrompt))).toEqual([{ type: 'server.askedForId' }]);
    tracker.typed('golan');
    tracker.read(proofPrompt('golan'));
    expect(tracker.asksForPassword).toBe(true);
    tracker.typed('sesame');
    tracker.read('Wrong password.\n');
    tracker.read(idPrompt);
    tracker.typed('lior');
    tracker.read(menu);
    tracker.read('Password: ');
    expect(tracker.asksForPassword).toBe(false);
  });

  it('takes the password prompt of an id for one, whatever came before', () => {
    const tracker = new DialogueTracker();
    tracker.read(idPrompt);
    tracker.read(`lior joined the server.\nRequest denied.\n`);
    expect(tracker.asksForPassword).toBe(false);
    tracker.read(proofPrompt('golan'));
    expect(tracker.asksForPassword).toBe(true);
    tracker.typed('sesame');
    expect(tracker.asksForPassword).toBe(false);
    tracker.read(proofPrompt('golan'));
    expect(tracker.asksForPassword).toBe(true);
    tracker.read(menu);
    expect(tracker.asksForPassword).toBe(false);
  });

  it('knows the password prompt of an id, also after a wrong one, and not in other words of users', () => {
    const tracker = new DialogueTracker();
    tracker.read(idPrompt);
    for (let attempt = 0; attempt < 2; attempt++) {
      tracker.typed('golan');
      expect(tracker.asksForPassword).toBe(false);
      expect(wants(tracker.read(proofPrompt('golan')))).toEqual([{ type: 'server.askedForPassword' }]);
      expect([tracker.asksForPassword, tracker.completions('')]).toEqual([true, []]);
      tracker.typed('guess');
      expect(tracker.asksForPassword).toBe(false);
      tracker.read(`${wrongPassword}${idPrompt}`);
      expect(tracker.asksForPassword).toBe(false);
    }
    tracker.typed('golan');
    tracker.typed('typed ahead');
    expect(wants(tracker.read(`${proofPrompt('golan')}${menu}`))).toEqual([{ type: 'id.accepted', id: 'golan' }]);
    // In lines of users there is no prompt; nobody but the server leaves one unended.
    tracker.read(`lior: ${proofPrompt('golan')}\n`);
    expect(tracker.asksForPassword).toBe(false);
    tracker.read(proofPrompt('golan'));
    expect(tracker.asksForPassword).toBe(true);
  });

  it('knows that a password may lead back into a chat', () => {
    const tracker = new DialogueTracker();
    tracker.read(idPrompt);
    tracker.typed('golan');
    tracker.read(proofPrompt('golan'));
    tracker.typed('sesame');
    expect(wants(tracker.read(chatResumed('lior')))).toEqual([{ type: 'id.accepted', id: 'golan' }]);
    expect([tracker.isTalking, tracker.completions('')]).toEqual([true, ['exit()']]);
    tracker.read(partnerAway('lior'));
    expect(tracker.isTalking).toBe(true);
  });

  it.each<[place: string, typed: string[], heard: string[], completions: string[]]>([
    ['in the menu', [], [], ['1', '2', '3', '4']],
    ['while an answer is due', ['1'], [], []],
    ['at the question whom to ask', ['1'], [targetPrompt], ['exit()', 'dana', 'golan']],
    ['while a user is asked', ['1', 'dana'], [targetPrompt], ['exit()']],
    ['in a chat', ['1', 'dana'], [targetPrompt, 'Chat started with dana. Type exit() to leave.\n'], ['exit()']],
    ['in the room', ['3'], ['Joined common room. Type exit() to leave.\n', 'Nobody else is here yet.\n'], ['exit()']],
    ['at a question', [], ['golan wants to chat with you. Accept? (y/n): '], ['y', 'n', 'never']],
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
    expect(wants(tracker.read('Hello, lior.\nYou left the chat.\n'))).toEqual([]);
    expect(tracker.completions('')).toEqual([]);
    tracker.read(menu);
    expect(tracker.completions('')).toEqual(['1', '2', '3', '4']);
  });

  it('waits for no reply when it has lost its way, also at a question that was read before', () => {
    const tracker = identified();
    tracker.read(question('golan'));
    tracker.typed('n');
    tracker.read(`${requestDenied}${menu}`);
    expect(tracker.typed('4')).toContainEqual({ type: 'reply.awaited' });
    expect(tracker.read(question('golan'))).toContainEqual({ type: 'reply.received' });
  });

  it('keeps its place when a prompt comes again behind a line that was refused', () => {
    const tracker = new DialogueTracker();
    tracker.read(idPrompt);
    tracker.typed('x'.repeat(5000));
    tracker.read(`Line too long: at most 4096 bytes. Nothing was sent.\n${idPrompt}`);
    tracker.typed('lior');
    expect(wants(tracker.read(menu))).toEqual([{ type: 'id.accepted', id: 'lior' }]);
  });

  it('reads a sentence that comes in parts', () => {
    const tracker = new DialogueTracker();
    const update = wants([...idPrompt].flatMap((letter) => tracker.read(letter)));
    expect(update).toEqual([{ type: 'server.askedForId' }]);
    tracker.typed('lior');
    expect(wants([...menu].flatMap((letter) => tracker.read(letter)))).toEqual([{ type: 'id.accepted', id: 'lior' }]);
  });
});

const chatStarted = 'Chat started with dana. Type exit() to leave.\n';

describe('what is told to the client chart', () => {
  /** What follows from what is typed and read, one after the other, from the menu on. */
  function follow(...steps: ({ typed: string } | { read: string })[]): TrackerEvent[] {
    const tracker = identified();
    return steps.flatMap((step) => ('typed' in step ? tracker.typed(step.typed) : tracker.read(step.read)));
  }

  it.each<[title: string, steps: ({ typed: string } | { read: string })[], events: TrackerEvent[]]>([
    ['a reply is awaited', [{ typed: '4' }], [{ type: 'reply.awaited' }]],
    [
      'the reply has come',
      [{ typed: '4' }, { read: `lior (free, you)\n${menu}` }],
      [{ type: 'reply.awaited' }, { type: 'reply.received' }],
    ],
    [
      'a user is asked',
      [{ typed: '1' }, { read: targetPrompt }, { typed: 'dana' }],
      [{ type: 'reply.awaited' }, { type: 'reply.received' }, { type: 'request.sent', partner: 'dana' }],
    ],
    [
      'a partner leaves',
      [{ typed: '1' }, { read: targetPrompt }, { typed: 'dana' }, { read: `${chatStarted}dana left the chat.\n` }],
      [
        ...([{ type: 'reply.awaited' }, { type: 'reply.received' }] as const),
        ...([{ type: 'request.sent', partner: 'dana' }, { type: 'request.answered' }] as const),
        ...([{ type: 'reply.awaited' }, { type: 'turn.changed' }] as const),
      ],
    ],
    ['a user asks', [{ read: 'dana wants to chat with you. Accept? (y/n): ' }], [{ type: 'turn.changed' }]],
    [
      'the question comes again because nobody understood the answer',
      [
        { read: 'dana wants to chat with you. Accept? (y/n): ' },
        { typed: 'perhaps' },
        { read: 'dana wants to chat with you. Accept? (y/n): ' },
      ],
      [{ type: 'turn.changed' }, { type: 'reply.awaited' }, { type: 'reply.received' }],
    ],
    [
      'the server says what nobody knows',
      [{ typed: '4' }, { read: 'You left the chat.\n' }],
      [{ type: 'reply.awaited' }, { type: 'reply.received' }],
    ],
  ])('%s', (_, steps, events) => {
    expect(follow(...steps)).toEqual(events);
  });
});
