import { createMachine, setup } from 'xstate';

/** As little as a machine can be. Two of them have no id. */
export const nothing = createMachine({});
export const withoutId = createMachine({ on: { hello: { actions: 'wave' } } });
export const oneState = setup({}).createMachine({ id: 'oneState', initial: 'only', states: { only: {} } });
