/** What has to wait is kept in order, nothing is lost or taken twice, and nothing is read meanwhile. */
import { describe, expect, it } from 'vitest';
import { type Input, LineQueue } from '../../src/dialogue/lineQueue.ts';

/** An owner who takes as many things as the test allows; `onTake` happens while one is being taken. */
function open(allowed = 0, onTake: (queue: LineQueue) => void = () => {}) {
  const taken: string[] = [];
  const throttle: string[] = [];
  const owner = {
    allowed,
    mayTake: () => owner.allowed > 0,
    take: (input: Input) => {
      owner.allowed--;
      taken.push(input === 'end' ? '.' : 'line' in input ? input.line : `!${input.refused}`);
      onTake(queue);
    },
    pause: () => throttle.push('pause'),
    resume: () => throttle.push('resume'),
  };
  const queue = new LineQueue(owner, owner);
  const allow = (count: number): void => {
    owner.allowed += count;
    queue.feed();
  };
  return { queue, taken, throttle, allow };
}

describe('a line queue', () => {
  it('hands over lines that came together one by one, in order, with what came between', () => {
    const { queue, taken, allow } = open();
    queue.add({ lines: 'a\nb' });
    queue.add({ refused: 'lineTooLong' });
    queue.add({ lines: 'c' });
    queue.add('end');
    const all = ['a', 'b', '!lineTooLong', 'c', '.'];
    for (let count = 1; count <= all.length; count++) {
      allow(1);
      expect(taken).toEqual(all.slice(0, count));
    }
    expect(queue.isEmpty).toBe(true);
  });

  it.each([
    ['', ['']],
    ['\n', ['', '']],
    ['a\n\nb', ['a', '', 'b']],
    ['\na\n', ['', 'a', '']],
  ])('loses no empty line: %j', (lines, expected) => {
    const { queue, taken } = open(10);
    queue.add({ lines });
    expect(taken).toEqual(expected);
  });

  it('pauses once, however much comes, and resumes once when nothing waits', () => {
    const { queue, throttle, allow } = open();
    for (const lines of ['a', 'b', 'c\nd']) queue.add({ lines });
    expect(throttle).toEqual(['pause']);
    allow(3);
    expect(throttle).toEqual(['pause']);
    allow(1);
    expect(throttle).toEqual(['pause', 'resume']);
  });

  it('never pauses for what may be taken at once', () => {
    const { queue, throttle } = open(100);
    for (let count = 0; count < 10; count++) queue.add({ lines: 'a\nb\nc' });
    expect(throttle).toEqual([]);
  });

  it('does not stay paused behind the end, where there is nothing to read', () => {
    const { queue, throttle } = open();
    for (const lines of ['a', 'b', 'c']) queue.add({ lines });
    queue.add('end');
    expect(throttle).toEqual(['pause', 'resume']);
  });

  it('keeps the order when something comes while something is taken', () => {
    let more = 3;
    const { taken, allow, queue } = open(0, (self) => {
      if (more-- > 0) self.add({ lines: `caused ${more}` });
    });
    queue.add({ lines: 'a\nb' });
    allow(10);
    expect(taken).toEqual(['a', 'b', 'caused 2', 'caused 1', 'caused 0']);
  });

  it('takes nothing before what is being taken has been', () => {
    const doing: string[] = [];
    const owner = {
      mayTake: () => true,
      take: (input: Input) => {
        const name = input === 'end' ? 'the end' : 'a line';
        doing.push(`begins ${name}`);
        if (input !== 'end') queue.add('end');
        doing.push(`has done ${name}`);
      },
    };
    const queue = new LineQueue(owner, { pause: () => {}, resume: () => {} });
    queue.add({ lines: 'a' });
    expect(doing).toEqual(['begins a line', 'has done a line', 'begins the end', 'has done the end']);
  });

  it('throws away everything when it is cleared, even by what it hands over', () => {
    const { queue, taken, throttle, allow } = open(0, (self) => self.clear());
    queue.add({ lines: 'a\nb' });
    queue.add('end');
    allow(10);
    expect([taken, queue.isEmpty, throttle]).toEqual([['a'], true, ['pause', 'resume']]);
  });
});
