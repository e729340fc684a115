/**
 * What one person's terminal looks like just now, as far as the server can know.
 *
 * Owns: prompts. A text that doesn't end with a line feed leaves a prompt standing; a line that comes in between starts
 * on a line of its own, and the prompt is shown again after it. Knows nothing of states or of sockets.
 */
export interface TextOutput {
  /** `bytes` are the same text encoded, if others get it too. */
  write(text: string, bytes?: Buffer): void;
}

/** What stands on the screen, as plain data. */
export interface PromptState {
  prompt: string;
  isCursorAtPrompt: boolean;
}

export class PromptRenderer {
  readonly #output: TextOutput;
  /** The prompt nobody has answered yet; empty if there is none. */
  #prompt = '';
  /** True while the cursor stands behind the prompt. */
  #cursorAtPrompt = false;

  constructor(output: TextOutput) {
    this.#output = output;
  }

  get state(): PromptState {
    return { prompt: this.#prompt, isCursorAtPrompt: this.#cursorAtPrompt };
  }

  /** Goes on where another one has stopped. */
  set state({ prompt, isCursorAtPrompt }: PromptState) {
    this.#prompt = prompt;
    this.#cursorAtPrompt = isCursorAtPrompt;
  }

  /** Shows what the dialogue says next. Replaces a prompt that stands; to say nothing leaves it there. */
  show(text: string): void {
    if (text === '') return;
    this.#output.write(this.#cursorAtPrompt ? `\n${text}` : text);
    this.#prompt = text.slice(text.lastIndexOf('\n') + 1);
    this.#cursorAtPrompt = this.#prompt !== '';
  }

  /** Shows whole lines that come in between and change nothing: a prompt that stands is shown again after them. */
  interject(lines: string, bytes?: Buffer): void {
    if (this.#prompt === '') this.#output.write(lines, bytes);
    else this.show(lines + this.#prompt);
  }

  /** The person pressed Enter: the cursor is at the start of a line now. */
  lineTyped(): void {
    this.#cursorAtPrompt = false;
  }

  /** What the person typed was taken as an answer, so the prompt needn't be shown again. */
  promptAnswered(): void {
    this.#prompt = '';
  }
}
