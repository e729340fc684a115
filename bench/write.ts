/**
 * `RESULTS.md` and its three pictures.
 *
 * Owns: what the page says around the tables, and which figures it draws.
 * Next: `svg.ts` (how), `results.ts` (the tables).
 */
import { writeFileSync } from 'node:fs';
import { type GrowthRow, sizes } from './growth.ts';
import { growthTable, type Results, short } from './results.ts';
import type { Plan } from './scenarios/scenario.ts';
import type { ServerKind } from './servers.ts';
import { type BarPanel, barChart, type LinePanel, lineChart } from './svg.ts';

export interface Outcome {
  results: Results;
  growthRows: readonly GrowthRow[];
  kinds: readonly ServerKind[];
  plan: Plan;
  notes: readonly string[];
  machine: readonly string[];
}

export function writeResults(outcome: Outcome): void {
  write('messages.svg', messagesPicture(outcome));
  write('connections.svg', connectionsPicture(outcome));
  write('growth.svg', growthPicture(outcome.growthRows));
  write('RESULTS.md', page(outcome));
}

function write(name: string, content: string): void {
  writeFileSync(new URL(name, import.meta.url), content);
}

function page({ results, growthRows, plan, notes, machine }: Outcome): string {
  const command = ['npm run bench --', ...process.argv.slice(2)].join(' ');
  const facts = [...machine, `Command: \`${command}\` (${plan.runs} runs)`, ...notes];
  return `# statechat beside other servers

<!-- Written by the command below; changes made by hand are lost. -->

${facts.map((fact) => `- ${fact}`).join('\n')}

The figures are from one machine on one day; what counts is the ratios. Each is the median of all
rounds, in which every server had its turn as a fresh process, with the lowest and the highest in
parentheses. A ratio below 1 means that statechat needs less; where a row is a rate, a ratio above 1
means that it does more. CPU is the server's user and system time. All servers run on 127.0.0.1,
discard their log at its default level, and are driven by another process.

${results.table()}

![Cost per message](messages.svg)

![Cost per connection](connections.svg)

The same, in figures:

${results.medians()}

## What is compared

- **bare relay**: \`bench/peers/relay.ts\`, sockets of Node and nothing else: no ids and no check of
  what is sent. Chunks of whole lines go on as they came, without the sender's id. It shows what the
  platform costs.
- **ngircd**: an IRC server in C. It has no pairs; its *pair, one line, leave* is two users who join
  and leave a channel. It leaves Nagle's algorithm on, which saves it work when lines follow each
  other closely and costs its readers time.
- **threaded Python**: \`bench/peers/threaded.py\`, statechat's dialogue with a thread for each
  connection.

*One line at a time*: two users answer each other, each line when the previous one has been read.
*20 lines in flight*: they do so with 20 lines on their way. In a room of 50, these two talk and 48
listen; a delivery is one line that reaches one user. *Pair, one line, leave* is done by 50 pairs at
once. *One more connection*: 1,000 connect, give an id and read the menu, or leave, while the others
stay. Resident memory is what the system counts, including garbage that has not been collected.
"Above the fresh server's" also includes what a server grows by once, such as compiled code. *Way of
a chat line*: from one socket to the other, at about 150 lines a second; here the server has a CPU
to itself. The p99 of a flooded server depends on the system's time slices as much as on the server,
so only its ratio to the bare relay's means something.

## In the directory

Look-ups, pairings and quits in \`src/chat/directory/memoryDirectory.ts\` while this many ids are
online. Every operation takes the same number of steps at any size; what grows is the time of an
access to memory, for a bare \`Map\` too.

${growthTable(growthRows)}

![Cost in the directory](growth.svg)
`;
}

function messagesPicture({ results, kinds }: Outcome): string {
  const panel = (scenario: string, title: string): BarPanel => ({
    title,
    bars: kinds.map(({ name }) => {
      const value = results.of(scenario, 'cpu', name);
      return { label: name, value, text: Number.isNaN(value) ? '–' : `${short(value)} µs` };
    }),
  });
  return barChart('Cost per message: CPU time of the server for each line that reaches somebody', [
    panel('chat-1', 'chat, one line at a time'),
    panel('chat-20', 'chat, 20 lines in flight'),
    panel('room-1', 'room of 50, one line at a time'),
    panel('room-20', 'room of 50, 20 lines in flight'),
  ]);
}

function connectionsPicture({ results, kinds, plan }: Outcome): string {
  const panel = (title: string, measure: string, unit: string): LinePanel => ({
    title,
    ticks: plan.levels.map((level) => level.toLocaleString('en')),
    lines: kinds.map(({ name }) => ({
      label: name,
      values: plan.levels.map((level) => results.of('connections', `${measure} ${level}`, name)),
    })),
    format: (value) => `${value} ${unit}`,
  });
  return lineChart('Cost per connection, by the number of connections', [
    panel('connect, give an id, read the menu: CPU', 'come', 'µs'),
    panel('leave: CPU', 'go', 'µs'),
    panel("resident memory above the fresh server's", 'kb', 'kB'),
  ]);
}

function growthPicture(rows: readonly GrowthRow[]): string {
  const short = ['look-up', 'bare Map', 'pairingId', 'quit'];
  return lineChart('Cost in the directory, by the number of ids', [
    {
      title: 'ns per operation',
      ticks: sizes.map((size) => size.toLocaleString('en')),
      lines: rows.map(({ ns }, row) => ({ label: short[row] ?? '', values: ns })),
      format: (value) => `${value} ns`,
    },
  ]);
}
