const { createMachine } = require('xstate');

/** CommonJS. */
module.exports = {
  common: createMachine({ id: 'common', initial: 'a', states: { a: { on: { go: 'b' } }, b: { type: 'final' } } }),
};
