import { assign, createMachine, fromCallback } from 'xstate';

const child = createMachine({
  id: 'child',
  initial: 'busy',
  states: { busy: { on: { go: 'over' } }, over: { type: 'final' } },
});

/** Actors by name, by machine and by function, their ends, errors and snapshots. */
export const loader = createMachine({
  types: {} as { context: { data: string; tries: number } },
  id: 'loader',
  context: { data: '', tries: 0 },
  initial: 'loading',
  states: {
    loading: {
      invoke: {
        src: 'fetchData',
        id: 'fetching',
        onDone: { target: 'shown', actions: assign({ data: ({ event }) => event.output }) },
        onError: [
          {
            guard: ({ context }) => context.tries < 3,
            target: 'waiting',
            actions: assign({ tries: ({ context }) => context.tries + 1 }),
          },
          { target: 'failed' },
        ],
      },
    },
    waiting: { after: { 1000: 'loading' } },
    shown: {
      invoke: [
        { src: child, onDone: 'loading', onSnapshot: { actions: 'look' } },
        { src: fromCallback(function listen() {}), id: 'listening' },
      ],
    },
    failed: { type: 'final' },
  },
});
