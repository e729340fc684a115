import {
  assign,
  cancel,
  createMachine,
  emit,
  enqueueActions,
  log,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate';

function beep(): void {}

const helper = createMachine({ id: 'helper' });

/** All actions that XState brings, and some that it doesn't. */
export const worker = setup({
  types: {
    context: {} as { count: number },
    events: {} as { type: 'go' | 'tick' | 'stop' | 'other' },
    emitted: {} as { type: 'news' },
  },
  actions: {
    ring: (_, _params: { times: number; how: { loud: boolean } }) => {},
    count: assign({ count: 1 }),
    again: raise({ type: 'tick' }),
  },
}).createMachine({
  id: 'worker',
  context: { count: 0 },
  entry: log('hello'),
  initial: 'idle',
  states: {
    idle: {
      exit: [{ type: 'ring', params: { times: 2, how: { loud: true } } }, beep],
      on: {
        go: {
          target: 'working',
          actions: [
            'count',
            'again',
            raise({ type: 'tick' }, { delay: 100, id: 'later' }),
            assign(({ context }) => ({ count: context.count + 1 })),
          ],
        },
      },
    },
    working: {
      entry: [spawnChild(helper), sendTo('helping', { type: 'start' }), emit({ type: 'news' })],
      on: {
        tick: { actions: [raise({ type: 'stop' }), enqueueActions(() => {}), sendParent({ type: 'done' })] },
        stop: { target: 'idle', actions: [cancel('later'), stopChild('helping')] },
        other: { actions: raise(() => ({ type: 'tick' as const })) },
      },
    },
  },
});
