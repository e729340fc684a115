/**
 * `node scion.cjs FILE < WALKS`: runs an SCXML file in SCION, an engine of statecharts that shares no code with XState.
 * WALKS is JSON, as `../charts/scionWalks.ts` makes it: the calls that are guards, those that are delays, and a list of
 * walks, each a list of steps. A step has the name of its event (none in the first step, which starts the machine) and
 * the guards that hold. Prints JSON: for each step the innermost states, what was done, and what is to be sent.
 *
 * Owns: the functions that the file calls: guards hold as the step says, actions and timers are only noted down.
 * Next: `../charts/scion.system.test.ts`, which compares.
 */
const { readFileSync } = require('node:fs');
const vm = require('node:vm');
const { core, documentStringToModel } = require('@scion-scxml/scxml');

/** The guards that hold in this step, what was done in it, and what is to be sent later or taken back. */
let holding = [];
let done = [];
let sent = [];

const file = process.argv[2];
const { guards: guardCalls, unprompted, delays: delayCalls, walks } = JSON.parse(readFileSync(0, 'utf8'));

/** Stands for every function that the file calls. */
const functions = new Proxy({}, { has: (_, name) => !(name in globalThis), get: (_, name) => functionNamed(name) });

function functionNamed(name) {
  if (typeof name !== 'string') return undefined;
  return (...parameters) => {
    const call = `${name}(${parameters.map((each) => `'${each}'`).join(', ')})`;
    if (guardCalls.includes(call)) return holding.includes(call) && (done.length > 0 || !unprompted.includes(call));
    // The engine asks for a delay before it sends.
    if (delayCalls.includes(call)) return 1000;
    done.push(call);
    return undefined;
  };
}

documentStringToModel(file, readFileSync(file, 'utf8'), (errors, model) => {
  if (errors) throw new Error(`SCION does not take ${file}: ${errors}`);
  model.prepare((error, prepared) => {
    if (error) throw error;
    process.stdout.write(JSON.stringify(walks.map((walk) => play(prepared, walk))));
  }, vm.createContext(functions));
});

function play(prepared, walk) {
  const machine = new core.Statechart(prepared, {
    console: { log() {}, error: (...words) => process.stderr.write(`${words.join(' ')}\n`) },
    customSend: ({ name }) => sent.push(`send ${name}`),
    customCancel: (id) => sent.push(`cancel ${id}`),
  });
  return walk.map(({ event, guards }) => {
    holding = guards;
    done = [];
    sent = [];
    if (event === undefined) machine.start();
    else machine.gen({ name: event });
    return { states: machine.getConfiguration().sort(), done, sent };
  });
}
