/**
 * A room of 50 that never stops talking, 20 lines in flight; started by `scenarios/latency.ts`.
 *
 * Owns: the load, not the measurement. Usage: flood.ts DIALECT PORT MILLISECONDS
 */
import { type DialectName, dialects } from './dialects.ts';
import { gather, scatter, volley } from './group.ts';

const [dialectName, port, ms] = process.argv.slice(2) as [DialectName, string, string];
const group = await gather(dialects[dialectName], Number(port), 50, 'f');
console.log('flooding');
const { deliveries, seconds } = await volley([group], 20, Number(ms));
console.log(`${Math.round(deliveries / seconds)} deliveries/s`);
scatter(group);
