/**
 * Why dictionaries: `npm run bench:dictionaries`, the figures of docs/data-structures.md.
 *
 * Owns: one question, which user is connected under this id, asked of a list and of a dictionary of so many users, and
 * the picture of it (`--write`). Nothing here passes or fails.
 */
import { writeFileSync } from 'node:fs';
import { lineChart } from './svg.ts';

const sizes = [10, 100, 1000, 10_000, 100_000];
const forMs = 200;

interface User {
  id: string;
  state: string;
}

const tenfold: { list: number; dictionary: number }[] = [];
console.log('| users | list, looked through | dictionary | how many times faster |');
console.log('| ---: | ---: | ---: | ---: |');
for (const size of sizes) {
  const users: User[] = Array.from({ length: size }, (_, number) => ({ id: `user${number}`, state: 'menu' }));
  const byId = new Map(users.map((user) => [user.id, user]));
  const list = perLookup(size, (id) => users.find((user) => user.id === id));
  const dictionary = perLookup(size, (id) => byId.get(id));
  tenfold.push({ list: Math.log10(list), dictionary: Math.log10(dictionary) });
  console.log(`| ${size} | ${list.toFixed(0)} ns | ${dictionary.toFixed(0)} ns | ${(list / dictionary).toFixed(0)} |`);
}

if (process.argv.includes('--write')) {
  const lines = (['list', 'dictionary'] as const).map((label) => ({
    label,
    values: tenfold.map((each) => each[label]),
  }));
  const format = (power: number): string => `10^${power.toFixed(1)}`;
  const panel = { title: 'ns for each look-up, by powers of ten', ticks: sizes.map(String), lines, format };
  writeFileSync(new URL('dictionaries.svg', import.meta.url), lineChart('Who is connected under this id?', [panel]));
}

/** Returns how long one look-up takes, in ns; each one looks for another user. */
function perLookup(size: number, find: (id: string) => User | undefined): number {
  const ids = Array.from({ length: 1000 }, (_, number) => `user${(number * 7919) % size}`);
  let found = 0;
  let lookups = 0;
  const begin = performance.now();
  for (let elapsed = 0; elapsed < forMs; elapsed = performance.now() - begin) {
    for (let each = 0; each < 20; each++) if (find(ids[lookups++ % ids.length] as string)) found++;
  }
  if (found !== lookups) throw new Error('A user was not found.');
  return ((performance.now() - begin) * 1e6) / lookups;
}
