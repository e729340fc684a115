import { createMachine } from 'xstate';

/** Names of states, events, guards and actions that no form takes as they are. */
export const names = createMachine({
  id: 'odd names (very)',
  initial: 'not started',
  states: {
    'not started': {
      on: {
        'start now': { target: 'in progress: 50 %', guard: 'is it ok?', actions: ['say "hello"', 'a_b', 'a b', 'a.b'] },
      },
    },
    'in progress: 50 %': {
      on: { 'v1.2 done': 'état "final"; <b>' },
      initial: '日本語',
      states: { 日本語: { on: { '🙂': '_under_' } }, _under_: { on: { "it's": '*stars*' } }, '*stars*': {} },
    },
    'état "final"; <b>': { on: { 'a b': 'a b', a_b: 'a_b' } },
    'a b': { id: 'an id with blanks' },
    a_b: { on: { back: '#an id with blanks', 'go.dotted': 'dots\\.in\\.it' } },
    'dots.in.it': { type: 'final' },
    end: { on: { class: 'state' } },
    state: { on: { note: 'end' } },
  },
});
