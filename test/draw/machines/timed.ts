import { setup } from 'xstate';

/** Delays by number and by name, several at once, and conditions without an event. */
export const lamp = setup({
  types: { context: {} as { isHot: boolean } },
  delays: { aWhile: 500, asLongAsItTakes: ({ context }) => (context.isHot ? 10 : 20) },
  guards: { isHot: ({ context }) => context.isHot },
  actions: { warn: () => {} },
}).createMachine({
  id: 'lamp',
  context: { isHot: false },
  initial: 'on',
  states: {
    on: {
      after: {
        1000: { target: 'dim' },
        aWhile: [{ guard: 'isHot', target: 'off', actions: 'warn' }, { actions: 'warn' }],
      },
    },
    dim: { always: [{ guard: 'isHot', target: 'off' }], after: { asLongAsItTakes: 'off' } },
    off: { always: { guard: ({ context }) => context.isHot, actions: 'warn' } },
  },
});
