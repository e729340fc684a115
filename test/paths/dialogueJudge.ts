/**
 * Judges what a user reads in a generated dialogue by the dialogue chart, which was written from docs/protocol.md.
 *
 * Owns: three checks. No sentence is shown where it is forbidden; none is missing when no verdict is missing; the
 * connection ends after the last sentence and not before. They find a wrong sentence also if a reviewer has overlooked
 * it in the golden file. There are no checks any more once the puppet has lied: a user may read anything then
 * (`contract.ts`).
 */
import { createActor } from 'xstate';
import { protocolMachine } from '../../machines/protocol.machine.ts';
import { readSentences } from '../../src/protocol/sentences.ts';
import { type Input, typedIn } from './alphabet.ts';
import { Contract } from './contract.ts';
import { inWords, type Output } from './subject.ts';

export class DialogueJudge {
  readonly #dialogue = createActor(protocolMachine).start();
  readonly #contract = new Contract();
  /** What was read last, apart from what came in between: the prompt, if one stands. */
  #prompt = '';
  #hungUp = false;
  #ended = false;

  /** Returns what is wrong with an output after an input; undefined if nothing is. The first output has no input. */
  judge(input: Input | undefined, output: Output): string | undefined {
    if (input !== undefined) this.#take(input);
    for (const command of output.commands) this.#contract.commanded(command);
    return this.isJudging ? this.#findFault(output) : undefined;
  }

  /** False as soon as no correct directory could have sent these updates. */
  get isJudging(): boolean {
    return this.#contract.isKept;
  }

  #take({ event, ...input }: Input): void {
    const text = typedIn({ event, ...input });
    if (this.#ended) return;
    if (text !== undefined) this.#dialogue.send({ type: 'line.typed', text });
    else if (event.type === 'connection.closed') this.#hungUp = true;
    else if (event.type !== 'line.received' && event.type !== 'line.refused') this.#contract.updated(event);
    // Nobody can be told.
    this.#hungUp ||= event.type === 'limit.reached' && event.limit === 'unreachable';
  }

  #findFault(output: Output): string | undefined {
    const { sentences, rest } = readSentences(output.text);
    if (rest !== '') return `“${inWords(rest)}” is no sentence of the protocol`;
    for (const [index, sentence] of sentences.entries()) {
      // The prompt that stands is shown again.
      if (sentences[index - 1]?.type === 'read.lineRefused' && sentence.type === this.#prompt) continue;
      const before = this.#dialogue.getSnapshot();
      if (this.#ended) return `${JSON.stringify(sentence)} is shown after the end`;
      if ((protocolMachine.getTransitionData(before, sentence)?.length ?? 0) === 0) {
        return `${JSON.stringify(sentence)} is forbidden in ‘${before.value}’`;
      }
      this.#dialogue.send(sentence);
      if (sentence.type !== 'read.lineRefused') this.#prompt = sentence.type;
    }
    const after = this.#dialogue.getSnapshot();
    this.#ended ||= output.ended;
    if (this.#ended !== (after.matches('over') || this.#hungUp)) {
      return this.#ended ? `the connection ends in ‘${after.value}’` : 'the connection goes on after the last word';
    }
    if (!this.#ended && after.hasTag('replyPending') && !this.#contract.owesVerdict) {
      return `nothing more is said, but something is owed in ‘${after.value}’`;
    }
    return undefined;
  }
}
