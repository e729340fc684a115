/**
 * `npm run explore -- USERS UNDER_WAY [evictions] [ids] [names] [returns] [remembers] [limited]`: a longer exploration than the tests make.
 * Ends with exit code 1 if it is not complete, and with a sequence diagram if a promise is broken.
 */
import { explore } from './explore.ts';
import { reportOf } from './sequenceDiagram.ts';

const [users = '3', underWay = '2', ...flags] = process.argv.slice(2);
const options = {
  users: Number(users),
  underWay: Number(underWay),
  evictions: flags.includes('evictions'),
  contestedIds: flags.includes('ids'),
  names: flags.includes('names'),
  returns: flags.includes('returns'),
  remembers: flags.includes('remembers'),
  askedPerMinute: flags.includes('limited') ? 1 : 0,
  maxStates: 14_000_000,
  onProgress: (states: number) => console.error(`${states} states`),
};
const result = explore(options);
console.log(
  `${result.states} states, ${result.steps} steps, ${(result.ms / 1000).toFixed(0)} s, ` +
    `${result.complete ? 'complete' : 'not complete'}, ${result.stuck} stuck`,
);
if (result.violation) console.log(reportOf(options, result));
process.exitCode = result.complete && !result.stuck ? 0 : 1;
