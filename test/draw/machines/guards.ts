import { and, not, or, setup, stateIn } from 'xstate';

/** Guards by name, with parameters, as functions, and combined. */
export const door = setup({
  types: { context: {} as { keys: number } },
  guards: {
    hasKey: ({ context }) => context.keys > 0,
    isWeekday: () => true,
    isAfter: (_, { hour }: { hour: number }) => hour > 8,
  },
}).createMachine({
  id: 'door',
  context: { keys: 1 },
  initial: 'closed',
  states: {
    closed: {
      on: {
        open: [
          { guard: and(['hasKey', not('isWeekday')]), target: 'opened' },
          { guard: or([and(['hasKey', 'isWeekday']), { type: 'isAfter', params: { hour: 9 } }]), target: 'opened' },
          { guard: ({ context }) => context.keys > 3, target: 'opened' },
          {
            guard: ({ context }) => {
              const many = 100;
              return context.keys > many;
            },
            target: 'broken',
          },
          { guard: not(stateIn('#broken')), actions: () => {} },
        ],
      },
    },
    opened: { on: { close: { target: 'closed', guard: stateIn({ opened: {} }) } } },
    broken: { id: 'broken', type: 'final' },
  },
});
