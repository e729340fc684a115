import { createMachine } from 'xstate';

/** JavaScript, and two machines with one id; what is no machine is passed over. */
export const first = createMachine({ id: 'twin', initial: 'a', states: { a: { on: { go: 'b' } }, b: {} } });
export const second = createMachine({ id: 'twin', initial: 'c', states: { c: {} } });
export const config = { id: 'config', initial: 'a', states: { a: {} } };
export const number = 5;
