/**
 * The client, put together.
 *
 * Owns: which part carries out which action of the chart, and which event each part's events become.
 * Decides nothing; what happens when is in `machines/client.machine.ts`. The server's text goes from the connection
 * straight to the console, past the chart.
 */
import { type Actor, createActor, toPromise } from 'xstate';
import { clientMachine } from '../../machines/client.machine.ts';
import { commandIn, withoutDoubling } from '../../machines/clientCommands.ts';
import type { ClientEvent } from '../../machines/clientEvents.ts';
import { hasAllColours } from './colours.ts';
import { type Address, Connection } from './connection.ts';
import { DialogueTracker } from './dialogueTracker.ts';
import { IgnoreFilter } from './ignoreFilter.ts';
import { desktopCode, LineStyler } from './lineStyler.ts';
import { hints, noticeText, pasteQuestion } from './notices.ts';
import { PendingInput } from './pendingInput.ts';
import { PipeConsole } from './pipeConsole.ts';
import { TerminalConsole } from './terminalConsole.ts';
import { type DialogueInfo, isFullTerminal, type Streams, type UserConsole } from './userConsole.ts';

export interface ClientOptions extends Address {
  id?: string;
  /** The time stands before each line. */
  times?: boolean;
  /** The bell rings when a user asks for a chat, or says one's id. */
  bell?: boolean;
  /** For screen readers: no colours, and nothing is written twice. */
  plain?: boolean;
}

/** Runs until the connection is over or the person leaves; resolves with the exit code. */
export function runClient(options: ClientOptions, streams: Streams): Promise<number> {
  return new Client(options, streams).run();
}

class Client {
  readonly #options: ClientOptions;
  readonly #streams: Streams;
  readonly #userConsole: UserConsole;
  readonly #pendingInput = new PendingInput();
  readonly #actor: Actor<typeof clientMachine>;
  #connection: Connection | undefined;
  #tracker = new DialogueTracker();
  /** What the parts have found out while a text was read; it happens once that text is shown. */
  #events: ClientEvent[] = [];

  constructor(options: ClientOptions, streams: Streams) {
    this.#options = options;
    this.#streams = streams;
    this.#userConsole = isFullTerminal(streams) ? this.#terminalConsole() : new PipeConsole(streams);
    this.#actor = createActor(this.#machine(), {
      input: { interactive: this.#isPerson, id: options.id ?? '', pace: Math.random() },
    });
  }

  async run(): Promise<number> {
    const interrupt = () => this.#send({ type: 'user.interrupted' });
    // While the console reads keys, Ctrl-C comes from it; at all other times, and from `kill -INT`, as the signal.
    process.on('SIGINT', interrupt);
    this.#streams.stdout.on('error', () => this.#send({ type: 'output.closed' }));
    try {
      this.#actor.start();
      return (await toPromise(this.#actor)).exitCode;
    } finally {
      process.off('SIGINT', interrupt);
    }
  }

  /** The chart, with its actions. */
  #machine(): typeof clientMachine {
    const pending = this.#pendingInput;
    return clientMachine.provide({
      actions: {
        openSocket: () => this.#openConnection(),
        closeSocket: () => this.#connection?.close(),
        endSocket: () => this.#connection?.end(),
        sendInput: ({ event }) => {
          if (event.type === 'input.received') this.#write(event.data);
        },
        sendId: ({ context }) => {
          this.#userConsole.echo(context.id);
          this.#write(`${context.id}\n`);
        },
        addPendingInput: ({ event }) => {
          if (event.type === 'input.received') pending.add(event.data);
          if (pending.needsDrain) this.#userConsole.holdInput();
        },
        sendPendingLine: () => this.#write(pending.takeLine()),
        sendPendingInput: () => {
          this.#userConsole.releaseInput();
          this.#write(pending.takeAll());
        },
        dropPendingInput: () => void pending.takeAll(),
        startInput: () => this.#startInput(),
        sendPastedLine: ({ context }) => this.#sendPastedLine(context.pastedLines[context.sentLines] ?? ''),
        askAboutPaste: ({ context }) => this.#userConsole.ask(pasteQuestion(context)),
        endQuestion: () => this.#userConsole.endQuestion(),
        say: ({ context }, { notice }) => {
          const text = noticeText(notice, { ...this.#options, ...context });
          this.#userConsole.note(text, { isHint: hints.includes(notice) });
        },
        declineIgnored: () => this.#write('n\n'),
        closeConsole: () => this.#userConsole.close(),
      },
    });
  }

  #terminalConsole(): UserConsole {
    const { stdout } = this.#streams;
    const { times = false, bell = true, plain: isPlain = false } = this.#options;
    const isColourless = isPlain || process.env.NO_COLOR || !stdout.hasColors(16);
    const most = hasAllColours(process.env) ? 'all' : 256;
    const colours = isColourless ? 0 : stdout.hasColors(256) ? most : 16;
    const styler = new LineStyler({ colours, hasTimes: times, hasBell: bell, desktop: desktopCode(process.env) });
    return new TerminalConsole(this.#streams, styler, this.#dialogueInfo(), { isPlain });
  }

  /** What the console may ask about the dialogue: always the one of the present connection. */
  #dialogueInfo(): DialogueInfo {
    const tracker = () => this.#tracker;
    return {
      get id() {
        return tracker().id;
      },
      get asksForPassword() {
        return tracker().asksForPassword;
      },
      get isTalking() {
        return tracker().isTalking;
      },
      completions: (beginning) => tracker().completions(beginning),
    };
  }

  #startInput(): void {
    this.#userConsole.start({
      command: (line) => this.#takeCommand(line),
      input: (data) => {
        const sent = this.#takesCommands ? withoutDoubling(data.toString()) : data;
        this.#send({ type: 'input.received', data: sent });
      },
      inputEnded: () => this.#send({ type: 'input.ended' }),
      interrupted: () => this.#send({ type: 'user.interrupted' }),
      pasted: (lines) => this.#send({ type: 'paste.received', lines }),
      pasteTooLong: () => this.#send({ type: 'paste.tooLong' }),
      confirmed: () => this.#send({ type: 'paste.confirmed' }),
      declined: () => this.#send({ type: 'paste.declined' }),
      outputDrained: () => this.#connection?.resume(),
    });
  }

  #openConnection(): void {
    const filter = new IgnoreFilter(
      () => this.#actor.getSnapshot().context.ignoredIds,
      () => this.#events.push({ type: 'request.ignored' }),
    );
    this.#tracker = new DialogueTracker();
    this.#connection = new Connection(this.#options, {
      connected: () => this.#send({ type: 'socket.connected' }),
      text: (text) => {
        // The tracker reads first, because what is typed may have to be hidden. The chart acts once the text is shown.
        const { isFree } = this.#tracker;
        this.#events = this.#tracker.read(text);
        const shown = filter.read(text, isFree);
        if (shown !== '' && !this.#userConsole.print(shown)) this.#connection?.pause();
        this.#send({ type: 'server.spoke' });
        for (const each of this.#events.splice(0)) this.#send(each);
      },
      unconfirmed: () => this.#send({ type: 'socket.unconfirmed' }),
      drained: () => this.#userConsole.releaseInput(),
      closed: (lastWords) => {
        this.#endText();
        this.#send({ type: 'socket.closed', lastWords });
      },
      failed: (code, lastWords) => {
        this.#endText();
        this.#send({ type: 'socket.failed', code, lastWords });
      },
    });
  }

  /** Nothing more comes on this connection. */
  #endText(): void {
    this.#tracker = new DialogueTracker();
    this.#userConsole.finishText();
  }

  /** Writes input to the server, and pauses the input while the server doesn't keep up. */
  #write(data: string | Uint8Array): void {
    if (data.length === 0) return;
    const lines = Buffer.from(data as string)
      .toString()
      .replace(/\n$/, '')
      .split('\n');
    const events = lines.flatMap((line) => this.#tracker.typed(line));
    if (this.#connection?.send(data) === false) this.#userConsole.holdInput();
    for (const each of events) this.#send(each);
  }

  /** True if a line with one stroke at its beginning is for the client now: the chart says so. */
  get #takesCommands(): boolean {
    return this.#actor.getSnapshot().can({ type: 'command.help', isSecret: this.#tracker.asksForPassword });
  }

  #takeCommand(line: string): boolean {
    const command = this.#takesCommands ? commandIn(line) : undefined;
    if (command === undefined) return false;
    this.#send({ ...command, isSecret: this.#tracker.asksForPassword });
    // Whoever has asked already is ignored, too.
    const asker = this.#tracker.asker.toLowerCase();
    if (this.#actor.getSnapshot().context.ignoredIds.includes(asker)) this.#send({ type: 'request.ignored' });
    return true;
  }

  get #isPerson(): boolean {
    return this.#streams.stdin.isTTY === true;
  }

  #sendPastedLine(line: string): void {
    this.#userConsole.echo(line);
    this.#write(`${line}\n`);
  }

  #send(event: ClientEvent): void {
    this.#actor.send(event);
  }
}
