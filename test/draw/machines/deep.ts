import { setup } from 'xstate';

const inner = {
  initial: 'five',
  states: { five: { on: { up: '#one', out: '#deep.other' } }, side: { tags: ['waiting', 'rare'] } },
};

/** States in states in states, with something done on the way in. */
export const deep = setup({ actions: { prepare: () => {} } }).createMachine({
  id: 'deep',
  initial: 'one',
  states: {
    one: {
      id: 'one',
      description: 'The outermost one.',
      initial: { target: 'two', actions: ['prepare'] },
      states: {
        two: {
          initial: 'three',
          states: { three: { initial: 'four', states: { four: { ...inner, on: { across: '.side' } } } } },
          on: { leave: '#deep.other' },
        },
      },
    },
    other: { on: { back: 'one.two.three.four.side' } },
  },
});
