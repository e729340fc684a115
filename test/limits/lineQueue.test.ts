/** What has to wait is kept in order, nothing is lost or taken twice, and nothing is read meanwhile. */
import { describe, expect, it } from 'vitest';
import { Inbox, type Input } from '../../src/dialogue/lineQueue.ts';

/** An owner who takes as many things as the test allows; `onTake` happens while one is being taken. */
function open(allowed = 0, onTake: (inbox: Inbox) => void = () => {}) {
  const taken: string[] = [];
  const throttle: string[] = [];
  const owner = {
    allowed,
    mayTake: () => owner.allowed > 0,
    take: (input: Input) => {
      owner.allowed--;
      taken.push(input === 'end' ? '.' : 'line' in input ? input.line : `!${input.refused}`);
      onTake(inbox);
    },
    pause: () => throttle.push('pause'),
    resume: () => throttle.push('resume'),
  };
  const inbox = new Inbox(owner);
  const allow = (count: number): void => {
    owner.allowed += count;
    inbox.feed();
  };
  return { inbox, taken, throttle, allow };
}

describe('an inbox', () => {
  it('hands over lines that came together one by one, in order, with what came between', () => {
    const { inbox, taken, allow } = open();
    inbox.add({ lines: 'a\nb' });
    inbox.add({ refused: 'lineTooLong' });
    inbox.add({ lines: 'c' });
    inbox.add('end');
    const all = ['a', 'b', '!lineTooLong', 'c', '.'];
    for (let count = 1; count <= all.length; count++) {
      allow(1);
      expect(taken).toEqual(all.slice(0, count));
    }
    expect(inbox.isEmpty).toBe(true);
  });

  it.each([
    ['', ['']],
    ['\n', ['', '']],
    ['a\n\nb', ['a', '', 'b']],
    ['\na\n', ['', 'a', '']],
  ])('loses no empty line: %j', (lines, expected) => {
    const { inbox, taken } = open(10);
    inbox.add({ lines });
    expect(taken).toEqual(expected);
  });

  it('pauses once, however much comes, and resumes once when nothing waits', () => {
    const { inbox, throttle, allow } = open();
    for (const lines of ['a', 'b', 'c\nd']) inbox.add({ lines });
    expect(throttle).toEqual(['pause']);
    allow(3);
    expect(throttle).toEqual(['pause']);
    allow(1);
    expect(throttle).toEqual(['pause', 'resume']);
  });

  it('never pauses for what may be taken at once', () => {
    const { inbox, throttle } = open(100);
    for (let count = 0; count < 10; count++) inbox.add({ lines: 'a\nb\nc' });
    expect(throttle).toEqual([]);
  });

  it('does not stay paused behind the end, where there is nothing to read', () => {
    const { inbox, throttle } = open();
    inbox.add({ lines: 'a' });
    inbox.add('end');
    expect(throttle).toEqual(['pause', 'resume']);
  });

  it('keeps the order when something comes while something is taken', () => {
    let more = 3;
    const { taken, allow, inbox } = open(0, (self) => {
      if (more-- > 0) self.add({ lines: `caused ${more}` });
    });
    inbox.add({ lines: 'a\nb' });
    allow(10);
    expect(taken).toEqual(['a', 'b', 'caused 2', 'caused 1', 'caused 0']);
  });

  it('throws away everything when it is cleared, even by what it hands over', () => {
    const { inbox, taken, throttle, allow } = open(0, (self) => self.clear());
    inbox.add({ lines: 'a\nb' });
    inbox.add('end');
    allow(10);
    expect([taken, inbox.isEmpty, throttle]).toEqual([['a'], true, ['pause', 'resume']]);
  });
});
