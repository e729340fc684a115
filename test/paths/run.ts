/**
 * Runs suites of dialogues against a subject, and says in readable text what went wrong.
 *
 * Owns: the comparison of each output with the reviewed behaviour (`golden.ts`), the judgement by the dialogue chart
 * (`dialogueJudge.ts`), and what a terminal adds to the texts. Knows nothing of how the subject is built.
 */
import { dialogueOf, type Input, isLine } from './alphabet.ts';
import { DialogueJudge } from './dialogueJudge.ts';
import type { Behaviour, Reaction } from './golden.ts';
import { type Output, outputInWords, type Subject } from './subject.ts';
import type { Suite } from './suites.ts';

export interface Result {
  readonly suite: string;
  readonly tests: number;
  readonly steps: number;
  /** Steps whose texts were judged, too, because all updates of the puppet had been possible. */
  readonly judged: number;
  readonly ms: number;
  /** One readable text for each dialogue that went wrong, the shortest dialogue first; at most `maxFailures`. */
  readonly failures: readonly string[];
}

export interface RunOptions {
  /** Also compare the state the subject says it is in, if it can be seen; true by default. */
  states?: boolean;
  /** Also compare the ways for text that open and close, if they can be seen; true by default. */
  wiring?: boolean;
  /** Stop after this many dialogues that went wrong; 5 by default. */
  maxFailures?: number;
}

/** The expected output of the inputs so far, and the state of the user's terminal. */
interface Expectation {
  readonly reaction: Reaction;
  /** Returns a text as it is written to a terminal. */
  readonly onScreen: string;
}

/** Runs every dialogue of a suite; with several subjects, as many dialogues at once. */
export async function runSuite(
  suite: Suite,
  subjects: readonly Subject[],
  behaviour: Behaviour,
  options: RunOptions = {},
): Promise<Result> {
  const start = performance.now();
  const failures: { length: number; text: string }[] = [];
  const queue = suite.sequences.values();
  let [tests, steps, judged] = [0, 0, 0];
  await Promise.all(
    subjects.map(async (subject) => {
      for (const sequence of queue) {
        if (failures.length >= (options.maxFailures ?? 5)) return;
        const run = await runDialogue(sequence, subject, behaviour, options);
        tests++;
        steps += run.steps;
        judged += run.judged;
        if (run.failure !== undefined) failures.push({ length: run.steps, text: run.failure });
      }
    }),
  );
  failures.sort((a, b) => a.length - b.length);
  const ms = Math.round(performance.now() - start);
  return { suite: suite.name, tests, steps, judged, ms, failures: failures.map(({ text }) => text) };
}

/** Runs a suite, says how it went on the console, and throws with the dialogues that went wrong. */
export async function expectAsReviewed(
  name: string,
  suite: Suite,
  subjects: readonly Subject[],
  behaviour: Behaviour,
): Promise<void> {
  const result = await runSuite(suite, subjects, behaviour);
  console.log(resultLine(name, result));
  if (result.failures.length > 0) throw new Error(`${resultLine(name, result)}\n\n${result.failures.join('\n\n')}\n`);
}

/** Returns one console line: what ran, and how it went. */
function resultLine(subject: string, { suite, tests, steps, judged, ms, failures }: Result): string {
  const verdict = failures.length === 0 ? 'all as expected' : `${failures.length} FAILED`;
  return `${subject}: ${suite}: ${tests} dialogues, ${steps} steps (${judged} judged), ${ms} ms, ${verdict}`;
}

async function runDialogue(
  sequence: readonly Input[],
  subject: Subject,
  behaviour: Behaviour,
  options: RunOptions,
): Promise<{ steps: number; judged: number; failure: string | undefined }> {
  const judge = new DialogueJudge();
  const expected = expectations(behaviour, sequence);
  let judged = 0;
  for (let step = 0; step <= sequence.length; step++) {
    const input = sequence[step - 1];
    const output = input === undefined ? await subject.reset() : await subject.apply(input);
    const wrong = [
      judge.judge(input, output),
      difference(expected[step] as Expectation, output, subject, options),
    ].filter((it) => it !== undefined);
    if (judge.isJudging && step > 0) judged++;
    if (wrong.length > 0) return { steps: step, judged, failure: failureText(sequence, step, wrong) };
  }
  return { steps: sequence.length, judged, failure: undefined };
}

/**
 * Follows the reviewed behaviour, and the cursor of the terminal: a text that interrupts a prompt starts a new line, and
 * after a line that was refused the prompt is shown again.
 */
function expectations({ first, states }: Behaviour, sequence: readonly Input[]): Expectation[] {
  const [initial] = states.keys();
  let reaction: Reaction = { output: first, next: initial as string };
  const result: Expectation[] = [{ reaction, onScreen: first.text }];
  let prompt = promptOf(first.text);
  let isCursorAtPrompt = prompt !== '';
  for (const input of sequence) {
    const next = states.get(reaction.next)?.get(input);
    if (next === undefined) throw new Error(`The golden file has no row for ${input.label} in ${reaction.next}.`);
    reaction = next;
    const isRefused = input.event.type === 'line.refused';
    const shown = next.output.text;
    const text = isRefused && shown !== '' ? shown + prompt : shown;
    if (isLine(input)) isCursorAtPrompt = false;
    if (isLine(input) && !isRefused) prompt = '';
    result.push({ reaction, onScreen: text !== '' && isCursorAtPrompt ? `\n${text}` : text });
    if (text === '') continue;
    prompt = promptOf(text);
    isCursorAtPrompt = prompt !== '';
  }
  return result;
}

/** What stands behind the last line feed. */
function promptOf(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1);
}

function difference(expected: Expectation, output: Output, subject: Subject, options: RunOptions): string | undefined {
  const { output: wanted, next } = expected.reaction;
  const seesWiring = output.wiring !== undefined && options.wiring !== false;
  const shown = (it: Output, text: string): string =>
    outputInWords({ text, commands: it.commands, ended: it.ended, ...(seesWiring && { wiring: it.wiring ?? [] }) });
  const [right, real] = [
    shown(wanted, subject.hasScreen ? expected.onScreen : wanted.text),
    shown(output, output.text),
  ];
  if (right !== real) return `expected ${right}\n  but saw  ${real}`;
  const state = options.states === false ? undefined : subject.state?.();
  if (state !== undefined && state !== next) return `expected to be in ${next}\n  but is in         ${state}`;
  return undefined;
}

function failureText(sequence: readonly Input[], step: number, wrong: readonly string[]): string {
  const rest = sequence.slice(step);
  const notRun = rest.length === 0 ? '' : `\n  not run: ${dialogueOf(rest)}`;
  return `${dialogueOf(sequence.slice(0, step))}\n${wrong.map((it) => `  ${it}`).join('\n')}${notRun}`;
}
