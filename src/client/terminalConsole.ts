/**
 * The console of a person at a terminal.
 *
 * Owns: what each key does, what happens to pasted text, and which events of the person's these become.
 * Knows nothing of sockets or of the dialogue. Next: `keyReader.ts`, `lineEditor.ts`, `terminalScreen.ts`.
 */
import { type Key, KeyReader } from './keyReader.ts';
import { LineEditor } from './lineEditor.ts';
import type { LineStyler } from './lineStyler.ts';
import { draftTaken } from './notices.ts';
import { TerminalScreen } from './terminalScreen.ts';
import type { ConsoleHandler, DialogueInfo, Streams, UserConsole } from './userConsole.ts';

export class TerminalConsole implements UserConsole {
  readonly #streams: Streams;
  readonly #dialogue: DialogueInfo;
  readonly #line = new LineEditor();
  readonly #screen: TerminalScreen;
  #handler: ConsoleHandler | undefined;
  #keys: KeyReader | undefined;
  /** The next key answers a question. */
  #isAsking = false;
  /** The last key was a yes: a Return behind it belongs to that answer, and is no line. */
  #hasSaidYes = false;
  /** What is typed is a password, and no longer what it was before that was asked for. */
  #isSecret = false;
  /** The server doesn't keep up: no line is sent. */
  #isHeld = false;

  constructor(streams: Streams, styler: LineStyler, dialogue: DialogueInfo, { isPlain = false } = {}) {
    this.#streams = streams;
    this.#dialogue = dialogue;
    this.#screen = new TerminalScreen({ streams, styler, dialogue, line: this.#line, isPlain });
  }

  start(handler: ConsoleHandler): void {
    if (this.#handler !== undefined) return;
    this.#handler = handler;
    this.#streams.stdout.on('resize', this.#screen.draw).on('drain', handler.outputDrained);
    this.#keys = new KeyReader(this.#streams, {
      key: (key) => this.#onKey(key),
      paste: (text) => this.#onPaste(text),
      pasteTooLong: () => handler.pasteTooLong(),
      ended: () => this.#endInput(),
      suspending: () => this.#screen.leave(),
      resumed: () => this.#screen.startEditing(),
    });
    this.#keys.start();
  }

  print(text: string): boolean {
    // What was typed before is no part of a password, which nobody sees.
    const isNew = this.#dialogue.asksForPassword && !this.#isSecret;
    this.#isSecret = this.#dialogue.asksForPassword;
    if (isNew && this.#line.take({ isSecret: true }) !== '') this.#screen.note(draftTaken, true);
    return this.#screen.print(text);
  }

  note(line: string, { isHint = false } = {}): void {
    this.#screen.note(line, isHint);
  }

  echo(line: string): void {
    this.#screen.finish(line);
    this.#screen.draw();
  }

  finishText(): void {
    this.#screen.finishText();
  }

  ask(question: string): void {
    this.#isAsking = true;
    this.#screen.showQuestion(question);
  }

  endQuestion(): void {
    this.#isAsking = false;
    this.#screen.showQuestion('');
  }

  holdInput(): void {
    this.#isHeld = true;
  }

  releaseInput(): void {
    this.#isHeld = false;
  }

  close(): void {
    const { stdout } = this.#streams;
    this.#stopKeys();
    this.#screen.finishText();
    stdout.off('resize', this.#screen.draw);
    if (this.#handler) stdout.off('drain', this.#handler.outputDrained);
  }

  #stopKeys(): void {
    this.#screen.stopEditing();
    this.#keys?.stop();
    this.#keys = undefined;
  }

  #onKey({ text, name }: Key): void {
    const endsAnswer = this.#hasSaidYes && returns.includes(name);
    this.#hasSaidYes = false;
    if (endsAnswer) return;
    if (name === 'ctrl-c') this.#handler?.interrupted();
    else if (name === 'ctrl-z') this.#keys?.suspend();
    else if (this.#isAsking) this.#answerQuestion(name);
    else if (returns.includes(name)) this.#enter();
    else if (name === 'ctrl-d' && this.#line.text === '') this.#endInput();
    else if (name === 'tab') this.#complete();
    else if (name === 'ctrl-l') this.#screen.clear();
    else {
      const edit = editing[name];
      if (edit === undefined) this.#line.insert(text);
      else edit(this.#line);
      this.#screen.drawSoon();
    }
  }

  #answerQuestion(name: string): void {
    if (name === 'y') {
      this.#hasSaidYes = true;
      this.#line.take({ isSecret: true });
      this.#handler?.confirmed();
    } else if (declining.includes(name)) this.#handler?.declined();
  }

  #enter(): void {
    if (this.#isHeld) {
      this.#streams.stdout.write('\x07');
      return;
    }
    if (this.#handler?.command(this.#line.text)) {
      // What the client says to it stands in its place, and the prompt stays.
      this.#line.take();
      this.#screen.draw();
      return;
    }
    this.#screen.finishTyped();
    const line = this.#line.take({ isSecret: this.#dialogue.asksForPassword });
    this.#isSecret = false;
    this.#handler?.input(`${line}\n`);
    this.#screen.draw();
  }

  /** Ctrl-D: no more keys are read, so that Ctrl-C comes as a signal from now on. */
  #endInput(): void {
    if (this.#keys === undefined) return;
    this.#stopKeys();
    this.#handler?.inputEnded();
  }

  /** One line is typed text. Several lines are sent only if the person says so. */
  #onPaste(pasted: string): void {
    if (this.#isAsking) return;
    const text = pasted.replace(/\n$/, '');
    if (text.includes('\n')) {
      this.#handler?.pasted(`${this.#line.beforeCursor}${text}${this.#line.afterCursor}`.split('\n'));
      return;
    }
    this.#line.insert(text);
    this.#screen.draw();
  }

  #complete(): void {
    const completions = this.#dialogue.completions(this.#line.beforeCursor);
    const [only] = completions;
    if (only === undefined) return;
    if (completions.length > 1) this.#screen.list(completions);
    else this.#line.replaceBefore(only);
    this.#screen.draw();
  }
}

const returns = ['return', 'enter'];

/** The keys that answer a question with no. Node takes a lone Escape for one with Alt. */
const declining = ['n', 'alt-escape', ...returns, 'ctrl-d', 'ctrl-u'];

/** What keys do to the line: those of every shell. */
const editing: Record<string, (line: LineEditor) => void> = {
  left: (line) => line.move('characterLeft'),
  'ctrl-b': (line) => line.move('characterLeft'),
  right: (line) => line.move('characterRight'),
  'ctrl-f': (line) => line.move('characterRight'),
  'ctrl-left': (line) => line.move('wordLeft'),
  'alt-left': (line) => line.move('wordLeft'),
  'alt-b': (line) => line.move('wordLeft'),
  'ctrl-right': (line) => line.move('wordRight'),
  'alt-right': (line) => line.move('wordRight'),
  'alt-f': (line) => line.move('wordRight'),
  home: (line) => line.move('home'),
  'ctrl-a': (line) => line.move('home'),
  end: (line) => line.move('end'),
  'ctrl-e': (line) => line.move('end'),
  up: (line) => line.step(-1),
  'ctrl-p': (line) => line.step(-1),
  down: (line) => line.step(1),
  'ctrl-n': (line) => line.step(1),
  backspace: (line) => line.remove('characterLeft'),
  'ctrl-h': (line) => line.remove('characterLeft'),
  delete: (line) => line.remove('characterRight'),
  'ctrl-d': (line) => line.remove('characterRight'),
  'ctrl-w': (line) => line.remove('wordLeft'),
  'alt-backspace': (line) => line.remove('wordLeft'),
  'alt-d': (line) => line.remove('wordRight'),
  'ctrl-u': (line) => line.remove('home'),
  'ctrl-k': (line) => line.remove('end'),
  'ctrl-y': (line) => line.putBack(),
};
