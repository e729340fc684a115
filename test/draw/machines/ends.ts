import { createMachine } from 'xstate';

/** Ends with an output, inside and at the top. */
export const exam = createMachine({
  id: 'exam',
  initial: 'writing',
  output: ({ event }) => event,
  states: {
    writing: {
      initial: 'first',
      states: {
        first: { on: { next: 'second' } },
        second: { on: { next: 'handedIn' } },
        handedIn: { type: 'final', output: { pages: 2 } },
      },
      onDone: [{ guard: 'isGood', target: 'passed' }, { target: 'failed' }],
    },
    passed: { type: 'final', output: () => 'passed' },
    failed: { type: 'final' },
  },
});
