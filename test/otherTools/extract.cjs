/**
 * `node extract.cjs FILE`: prints the charts of a file as JSON, as the parser of Stately's tools reads them from its text.
 *
 * Owns: all that needs XState 4, which that parser is built on. It runs as a program of its own, and no TypeScript stands in this
 * folder, so the two XStates never meet. Next: `../charts/stately.system.test.ts`, which compares.
 */
const { readFileSync } = require('node:fs');
const { extractMachinesFromFile } = require('@xstate/machine-extractor');

// The parser tells the console of everything it keeps as text, such as each function.
console.log = console.warn = console.error = () => {};

const found = extractMachinesFromFile(readFileSync(process.argv[2], 'utf8'));
const charts = found === null ? [] : found.machines.map((machine) => machine?.toConfig() ?? null);
process.stdout.write(JSON.stringify(charts));
