/** The way of a user's lines past the chart: whose lines are shown, which wait, and for whom senders have to wait. */
import { describe, expect, it } from 'vitest';
import { LineChannel } from '../../src/chat/lineChannel.ts';

/** The channel of a user who reads everything at once. */
function open() {
  const shown: string[] = [];
  const reading = { needsDrain: false, onceDrained: () => {} };
  return { channel: new LineChannel(reading, (lines) => shown.push(lines)), shown, reading };
}

const say = (): void => {};
const partner = { needsDrain: false, onceDrained: () => {}, receive: () => {} };

describe('a channel', () => {
  it('sends where it was opened to, and nowhere once it is closed', () => {
    const { channel } = open();
    const sent: string[] = [];
    channel.send('before');
    channel.open((text) => sent.push(text), 1, partner);
    expect([channel.isOpen, channel.reader]).toEqual([true, partner]);
    channel.send('within');
    channel.close();
    channel.send('after');
    expect([sent, channel.isOpen, channel.reader]).toEqual([['within'], false, undefined]);
  });

  it('shows the lines of its chat, and those that came before the start, in order', () => {
    const { channel, shown } = open();
    channel.receive(5, 'early\n');
    channel.receive(5, 'earlier than the start\n');
    expect(shown).toEqual([]);
    channel.open(say, 5, partner);
    channel.receive(5, 'hello\n');
    expect(shown).toEqual(['early\n', 'earlier than the start\n', 'hello\n']);
  });

  it('shows early lines once, and only those of the chat that starts', () => {
    const { channel, shown } = open();
    channel.receive(5, 'of 5\n');
    channel.receive(6, 'of 6\n');
    channel.open(say, 5, partner);
    channel.close();
    channel.open(say, 6, partner);
    channel.close();
    channel.open(say, 7, partner);
    expect(shown).toEqual(['of 5\n', 'of 6\n']);
  });

  it('shows no line of an earlier chat in a later one', () => {
    const { channel, shown } = open();
    channel.open(say, 5, partner);
    channel.close();
    channel.receive(5, 'late\n');
    channel.open(say, 6, partner);
    channel.receive(5, 'later\n');
    expect(shown).toEqual([]);
  });

  it('shows no lines of a chat while the room is open', () => {
    const { channel, shown } = open();
    channel.receive(5, 'early\n');
    channel.open(say);
    channel.receive(5, 'early too\n');
    expect(shown).toEqual([]);
    channel.close();
    channel.open(say, 5, partner);
    expect(shown).toEqual(['early\n', 'early too\n']);
  });
});

describe('whoever sends to a channel has to wait', () => {
  it('once 100 texts wait for the start of their chat, until it starts', () => {
    const { channel } = open();
    for (let count = 1; count <= 100; count++) {
      expect(channel.needsDrain).toBe(false);
      channel.receive(5, 'early\n');
    }
    expect(channel.needsDrain).toBe(true);
    channel.open(say, 5, partner);
    channel.close();
    for (let count = 1; count <= 100; count++) {
      expect(channel.needsDrain).toBe(false);
      channel.receive(6, 'early\n');
    }
    expect(channel.needsDrain).toBe(true);
  });

  it('for nobody who still sends to a chat that is over, whatever was opened since', () => {
    const { channel } = open();
    channel.open(say, 5, partner);
    channel.close();
    for (let count = 0; count < 100; count++) channel.receive(5, 'late\n');
    expect(channel.needsDrain).toBe(false);
    channel.open(say);
    channel.close();
    for (let count = 0; count < 200; count++) channel.receive(5, 'late\n');
    expect(channel.needsDrain).toBe(false);
  });

  it('for nobody whose session ends', () => {
    const { channel, shown } = open();
    for (let count = 0; count < 100; count++) channel.receive(5, 'early\n');
    channel.forgetEarly();
    for (let count = 0; count < 100; count++) channel.receive(6, 'early\n');
    expect(channel.needsDrain).toBe(false);
    channel.open(say, 5, partner);
    expect(shown).toEqual([]);
  });

  it('while the one who reads has too much to read', () => {
    const { channel, reading } = open();
    const waiting: (() => void)[] = [];
    reading.onceDrained = (callback?: () => void) => void waiting.push(callback as () => void);
    reading.needsDrain = true;
    expect(channel.needsDrain).toBe(true);
    const goOn = (): void => {};
    channel.onceDrained(goOn);
    expect(waiting).toEqual([goOn]);
  });
});

describe('a channel whose partner is away', () => {
  const maxHeldUnits = 65_536;

  /** It was open, and holds what is said from now on. */
  function hold() {
    const opened = open();
    const sent: string[] = [];
    const reopen = (): void => opened.channel.open((text) => sent.push(text), 5, partner);
    reopen();
    opened.channel.hold();
    return { ...opened, sent, reopen };
  }

  it('sends what was said, in order and once, when the partner is back', () => {
    const { channel, sent, reopen } = hold();
    channel.send('one\n');
    channel.send('two\n');
    expect([channel.isOpen, sent]).toEqual([true, []]);
    reopen();
    channel.send('three\n');
    expect(sent).toEqual(['one\n', 'two\n', 'three\n']);
    reopen();
    expect(sent.length).toBe(3);
  });

  it('forgets it when the chat is over, and whatever was held before', () => {
    const { channel, sent, reopen } = hold();
    channel.send('one\n');
    channel.close();
    reopen();
    expect(sent).toEqual([]);
    channel.hold();
    channel.send('two\n');
    channel.hold();
    channel.send('three\n');
    reopen();
    expect(sent).toEqual(['three\n']);
  });

  it('lets the user wait when as much is held as there may be', () => {
    const { channel, reopen } = hold();
    channel.send('x'.repeat(maxHeldUnits - 1));
    expect(channel.reader?.needsDrain).toBe(false);
    channel.send('x');
    expect(channel.reader?.needsDrain).toBe(true);
    let told = 0;
    channel.reader?.onceDrained(() => told++);
    reopen();
    // The update that the partner is back is what lets the user go on.
    expect([channel.reader, told]).toEqual([partner, 0]);
    channel.hold();
    expect(channel.reader?.needsDrain).toBe(false);
  });
});
