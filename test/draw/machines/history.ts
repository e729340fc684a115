import { createMachine } from 'xstate';

/** Shallow and deep history, with and without a place for the first time. */
export default createMachine({
  id: 'editor',
  initial: 'open',
  states: {
    open: {
      initial: 'reading',
      states: {
        reading: { on: { edit: 'editing' } },
        editing: {
          initial: 'text',
          states: { text: { on: { draw: 'picture' } }, picture: { on: { write: 'text' } } },
        },
        last: { type: 'history', history: 'shallow' },
        lastDeep: { type: 'history', history: 'deep', target: 'editing' },
      },
      on: { lock: 'locked' },
    },
    locked: { on: { unlock: 'open.last', resume: '#editor.open.lastDeep' } },
  },
});
