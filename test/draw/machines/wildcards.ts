import { setup } from 'xstate';

/** Events by pattern, ones that are forbidden, and states that are entered again or not. */
export const listener = setup({ actions: { complain: () => {}, follow: () => {} } }).createMachine({
  id: 'listener',
  initial: 'listening',
  on: { '*': { actions: 'complain' }, 'mouse.*': { actions: 'follow' } },
  states: {
    listening: {
      initial: 'quietly',
      on: {
        again: { target: 'listening', reenter: true },
        inside: { target: '.loudly' },
        afresh: { target: '.loudly', reenter: true },
        same: { target: 'listening' },
        'key.*': {},
        'mouse.*': undefined,
      },
      states: { quietly: {}, loudly: { on: { self: 'loudly', 'a.*': {}, 'b.*': {} } } },
    },
  },
});
