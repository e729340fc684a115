/**
 * The end of `npm run prove`: prints what is proved, how, with which figures, and what that does not say.
 *
 * Owns: the rows of the table in docs/verification.md. The figures come from the run, or are counted here. With `--write`
 * the table of that page is written again; without, it is only said that its figures are others.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { type Circle, circles, everyDecision } from '../decisions/directoryGraph.ts';
import { figuresOf } from '../support/figures.ts';
import { explore } from '../system/explore.ts';
import { measureCoverage } from './coverage.ts';
import { readGolden } from './golden.ts';
import { multiUserSuites, withoutPrefixes } from './multiUserPaths.ts';
import { exploreSession } from './sessionGraph.ts';
import { spellingSuite, withSpellings } from './spellings.ts';

interface Row {
  claim: string;
  how: string;
  figure: string;
  limits: string;
}

const page = new URL('../../docs/verification.md', import.meta.url);
const [begin, end] = ['<!-- written by `npm run figures -- --write` -->', '<!-- end of the table -->'];

/** A figure of this proof's latest run, as people write it. */
function of(proof: string, name: string): string {
  const figure = figuresOf(proof)?.[name];
  if (figure !== undefined) return inWords(figure);
  process.exitCode = 1;
  return '(not run)';
}

function inWords(figure: number): string {
  return figure.toLocaleString('en');
}

function size({ tests, steps }: { tests: number; steps: number }): string {
  return `${inWords(tests)} dialogues, ${inWords(steps)} steps`;
}

/** The rows about one session. */
function sessionRows(): Row[] {
  const nodes = exploreSession();
  const { inputs, branches, pairs, hsi } = measureCoverage();
  const { sequences } = spellingSuite(nodes, withSpellings(readGolden()));
  const steps = sequences.reduce((sum, { length }) => sum + length, 0);
  return [
    {
      claim:
        'A session does what people have reviewed: at every input in every state, and at every transition after every other one.',
      how: 'The chart alone, a session in the lobby, and the server over TCP play the generated dialogues. `golden/session.txt` says what has to come.',
      figure: `${inWords(branches.covered)} transitions, ${inWords(inputs.covered)} inputs in states, ${inWords(pairs.covered)} pairs of transitions`,
      limits:
        'Nothing about ids and pairings other than those of the alphabet. A reviewer can overlook a wrong row; the judge may find it then.',
    },
    {
      claim:
        'A session that differs in any dialogue, however long, is found, if it has no more states than the reviewed one.',
      how: 'HSI (m = n) on the same three.',
      figure: `${hsi.states} states; ${size(hsi)}`,
      limits: 'Nothing about sessions with more states, about inputs outside the alphabet, or about when bytes come.',
    },
    {
      claim: 'The same, if it has one state more.',
      how: 'HSI (m = n + 1) on the chart alone and on a session in the lobby. Of inputs that do the same everywhere it has one.',
      figure: `${of('oneMoreState', 'tests')} dialogues, ${of('oneMoreState', 'steps')} steps`,
      limits: 'Nothing over TCP, and nothing about two states more.',
    },
    {
      claim:
        'A line typed with blanks, in capitals, with an id of 32 or 33 characters, with a reserved word, empty, or as long as allowed does what the plain line does.',
      how: 'Each of them in every state, on the same three.',
      figure: size({ tests: sequences.length, steps }),
      limits:
        'Nothing about other letters and blanks of Unicode. Lines that are too long have tests of their own (`test/transport/refusedLines.test.ts`).',
    },
    {
      claim:
        'What a session remembers beside its chart changes no dialogue: rates, early lines, the prompt, waiting lines, framing, the send queue.',
      how: 'Each store is filled as far as its bound, then the suites are played (`test/paths/hiddenStores.test.ts`).',
      figure: '8 ways to fill a store',
      limits: 'Nothing about two stores that are full at once. What happens at each bound is in `test/limits/`.',
    },
    {
      claim: 'A fault that shows only after many visits is noticed.',
      how: 'Random walks in every `npm test`, on the chart alone and in the lobby. A menu in which a choice holds five times only is found.',
      figure: '4 walks of 1,500 steps; more than 10 visits to each state after the id',
      limits: 'Nothing certain about a fault that needs more visits, or one order of them.',
    },
  ];
}

/** The rows about several users. */
function systemRows(): Row[] {
  const suites = multiUserSuites();
  const dialogues = withoutPrefixes([...suites.states, ...suites.branches, ...suites.inputs, ...suites.pairs]);
  const steps = dialogues.reduce((sum, { moves }) => sum + moves.length, 0);
  const evictions = explore({ users: 2, underWay: 1, evictions: true });
  const contested = explore({ users: 2, underWay: 1, evictions: false, contestedIds: true });
  const named = explore({ users: 2, underWay: 1, evictions: false, contestedIds: true, names: true });
  return [
    {
      claim:
        'Two users read what the charts say, also if answers come late, a line overtakes an update, or one hangs up. FIN comes when it is due, and nothing after it.',
      how: 'Dialogues with everything that can happen to the first of them, in memory and over TCP.',
      figure: size({ tests: dialogues.length, steps }),
      limits:
        'One message is under way to each. A user who cuts the connection reads no FIN, so nobody looks for it there.',
    },
    {
      claim:
        'Users and directory agree in every state of three users together, nobody waits for ever, and everybody can get back to the menu.',
      how: 'Every state is visited. States that differ only in who is who count once.',
      figure: `${of('threeUsers', 'states')} states, ${of('threeUsers', 'steps')} steps`,
      limits: 'One message under way to each and from each, nobody is evicted. Larger searches are below.',
    },
    {
      claim:
        'As for three, for two users: evicted and shut down at any moment; who want each other’s ids; with two messages under way.',
      how: 'The same.',
      figure: `${inWords(evictions.states)}, ${inWords(contested.states)} and ${of('twoMessages', 'states')} states`,
      limits: 'Not all three at once.',
    },
    {
      claim:
        'An id that has a password is nobody’s without it, in whatever order claims, checks, verdicts and new files of names come, and nobody waits for ever there.',
      how: 'The same for two users who claim both ids, with right and wrong passwords, at servers whose file may change at every moment; the lobby chart decides on each claim. One message under way to each; `npm run explore -- 2 2 ids names` has two.',
      figure: `${inWords(named.states)} states; ${inWords(contested.states)} without passwords`,
      limits:
        'The directory is one; what several servers add is in `test/cluster/`. That the check itself is right is in `test/passwordGate/`.',
    },
    {
      claim:
        'Who has lost the connection in a chat finds it again with the password, with what was said meanwhile; the partner reads of both, and nobody waits for ever.',
      how: 'The same for two in a chat with passwords and a third session that comes as the first of them. All may be lost, evicted or too late, or take over, at every moment.',
      figure: `${of('returns', 'states')} states, ${of('returns', 'steps')} steps`,
      limits: 'They type only what leads back to the chat and out of it. One message is under way to each.',
    },
    {
      claim: 'Six users who do anything on sockets that split, delay, cut and stall find every promise kept.',
      how: 'Random runs on a virtual clock, from a new seed each time.',
      figure: 'at least 1,000,000 steps of users',
      limits: 'Chance decides what is met. Seeds that ever failed are played again in `npm test`.',
    },
    {
      claim: 'The directory in memory and the one in Redis decide what the pairing chart decides.',
      how: 'Every command in every state that three users can bring a directory into: the directory against an actor of the chart (`npm test`), the Lua against the directory (`npm run test:system`).',
      figure: decisions(),
      limits:
        'Nothing about more than one pairing at once: that is in the random comparison (`test/cluster/differential.system.test.ts`). What a broken Redis does is in [scale-out.md](scale-out.md).',
    },
  ];
}

function decisions(): string {
  const states = Object.values<Circle>(circles).flatMap(everyDecision);
  const count = states.reduce((sum, state) => sum + state.decisions.length, 0);
  return `${inWords(count)} decisions in ${inWords(states.length)} states, among them all ${of('explored', 'decisions')} of the explorations`;
}

/** The rows about faults. */
function faultRows(): Row[] {
  return [
    {
      claim: 'Users notice every fault of the session chart that can show.',
      how: 'Each fault of a list is made, one at a time. Only what two users read counts, FIN included; where passwords are asked for, the exploration with them. Whether a fault can show at all is proved by a program.',
      figure: `${of('sessionFaults', 'noticed')} noticed, ${of('sessionFaults', 'byJudge')} of them without knowing the true chart; ${of('sessionFaults', 'equivalent')} proved to make no difference; ${of('sessionFaults', 'survivors')} neither. Apart: ${of('sessionFaults', 'neverComes')} accept an event that never comes`,
      limits:
        'Nothing about faults that are not in the list, or about two at once. “No difference” holds for two users with one message under way.',
    },
    {
      claim: 'A limit in the session chart that is off by one is noticed.',
      how: 'Each number and comparison in its source text is changed; the ways to type a line are played.',
      figure: `${of('limitFaults', 'noticed')} of ${of('limitFaults', 'total')}`,
      limits: 'Limits outside the chart have tests of their own (`test/limits/`).',
    },
    {
      claim: 'Faults of the pairing chart are noticed.',
      how: 'The same list. The dialogues of two users, then the exploration with late clocks.',
      figure: `${of('pairingFaults', 'byDialogues')} noticed in dialogues, ${of('pairingFaults', 'byExploration')} in the exploration; ${of('pairingFaults', 'same')} decide the same always, ${of('pairingFaults', 'neverComes')} take a command that no session sends then; ${of('pairingFaults', 'survivors')} neither`,
      limits: 'Many decide the same because the final states differ in name only.',
    },
    {
      claim: 'Faults in the code of the directory in memory are noticed.',
      how: 'StrykerJS’s instrumenter changes it in all its ways (`npm run mutants -- directory`). What counts is what users see, and what the directory says to whoever asks it. One that decides the same in every decision that three users can ask for is no fault.',
      figure: `${of('lobbyFaults', 'noticed')} noticed, ${of('lobbyFaults', 'equivalent')} decide the same always, ${of('lobbyFaults', 'open')} neither`,
      limits: 'Nothing about two faults at once.',
    },
  ];
}

function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ claim, how, figure, limits }) => `| ${[claim, how, figure, limits].join(' | ')} |`);
  return [
    '| What is claimed | How it is shown | Figure | What it does not say |',
    '| --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

const table = tableOf([...sessionRows(), ...systemRows(), ...faultRows()]);
console.log(table);
const text = readFileSync(page, 'utf8');
const [before, after] = [text.slice(0, text.indexOf(begin) + begin.length), text.slice(text.indexOf(end))];
const written = `${before}\n\n${table}\n\n${after}`;
if (process.argv.includes('--write')) writeFileSync(page, written);
else if (written !== text) {
  console.log('\ndocs/verification.md has another table: `npm run figures -- --write` writes this one. Read the diff.');
}
