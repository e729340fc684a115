/**
 * Telnet's commands among the bytes of a connection (RFC 854): programs that speak telnet send them on their own, and
 * nobody typed them.
 *
 * Owns: which bytes they are, and what is sent back. Every option is refused, once for each connection: a client that
 * waits for the refusal goes on as a plain line terminal. TIMING-MARK (RFC 860) and ARE YOU THERE are requests, not
 * options: each gets its reply. A byte 255 that begins no command stays; it is no UTF-8, so the line it is in is refused.
 * Knows nothing of lines. Next: `lineDecoder.ts`.
 */
const iac = 255;
const dont = 254;
const doIt = 253;
const wont = 252;
const will = 251;
const subnegotiation = 250;
const areYouThere = 246;
/** The commands of RFC 1184 and RFC 885 begin here: end of file, suspend, abort, end of record. */
const firstCommand = 236;

const timingMark = 6;

/** What a subnegotiation may be long; without an end it takes no more of what follows. */
const maxSubnegotiationBytes = 1024;

const here = Buffer.from('\r\n[Yes]\r\n');

type State = 'text' | 'command' | 'option' | 'inside' | 'commandInside';

/** What is known between two pieces, as plain data. */
export interface TelnetState {
  state: State;
  verb: number;
  subnegotiationBytes: number;
  refused: number[];
  commandBytes: number;
}

/** True if a command may be among these bytes, where none has begun before. */
export function mayBeTelnet(bytes: Buffer): boolean {
  return bytes.includes(iac);
}

export class TelnetFilter {
  #state: State = 'text';
  /** WILL, WONT, DO or DONT, whose option comes next. */
  #verb = 0;
  #subnegotiationBytes = 0;
  #replies: Buffer[] = [];
  #hasSaidHere = false;
  /** WILL and DO of an option, once they have been refused. */
  readonly #refused = new Set<number>();
  /** Bytes of commands so far. */
  commandBytes = 0;

  get state(): TelnetState {
    const { commandBytes } = this;
    const refused = [...this.#refused];
    return {
      state: this.#state,
      verb: this.#verb,
      subnegotiationBytes: this.#subnegotiationBytes,
      refused,
      commandBytes,
    };
  }

  /** Goes on where another one has stopped. */
  set state({ state, verb, subnegotiationBytes, refused, commandBytes }: TelnetState) {
    this.#state = state;
    this.#verb = verb;
    this.#subnegotiationBytes = subnegotiationBytes;
    for (const option of refused) this.#refused.add(option);
    this.commandBytes = commandBytes;
  }

  /** What is text of these bytes, in order. */
  textOf(chunk: Buffer): Buffer {
    if (this.#state === 'text' && !mayBeTelnet(chunk)) return chunk;
    // A byte 255 of the chunk before may turn out to be text.
    const text = Buffer.allocUnsafe(chunk.length + 1);
    let length = 0;
    let held = this.#state === 'command' ? 1 : 0;
    for (const byte of chunk) {
      if (this.#state === 'text' && byte !== iac) text[length++] = byte;
      else if (this.#state === 'command' && byte === iac) {
        text[length++] = iac;
        this.#state = 'text';
      } else if (this.#state === 'command' && byte < firstCommand) {
        text[length++] = iac;
        text[length++] = byte;
        this.#state = 'text';
      } else this.#step(byte);
    }
    held -= this.#state === 'command' ? 1 : 0;
    this.commandBytes += chunk.length + held - length;
    this.#hasSaidHere = false;
    return text.subarray(0, length);
  }

  /** What has to be sent back since the last call; undefined for nothing. */
  takeReplies(): Buffer | undefined {
    if (this.#replies.length === 0) return undefined;
    const replies = Buffer.concat(this.#replies);
    this.#replies = [];
    return replies;
  }

  /** No more bytes will come: what looked like the beginning of a command is text. */
  end(): Buffer {
    const rest = this.#state === 'command' ? Buffer.from([iac]) : Buffer.alloc(0);
    this.#state = 'text';
    return rest;
  }

  /** One byte of a command. */
  #step(byte: number): void {
    switch (this.#state) {
      case 'text':
        this.#state = 'command';
        return;
      case 'command':
        this.#onCommand(byte);
        return;
      case 'option':
        this.#state = 'text';
        this.#onOption(byte);
        return;
      case 'inside':
        if (byte === iac) this.#state = 'commandInside';
        else if (++this.#subnegotiationBytes >= maxSubnegotiationBytes) this.#state = 'text';
        return;
      case 'commandInside':
        // A doubled 255 is one byte of the subnegotiation. Any other command than its end means that the end is missing.
        if (byte === iac) this.#state = 'inside';
        else this.#onCommand(byte);
    }
  }

  #onCommand(command: number): void {
    this.#state = 'text';
    if (command >= will && command <= dont) {
      this.#verb = command;
      this.#state = 'option';
    } else if (command === subnegotiation) {
      this.#subnegotiationBytes = 0;
      this.#state = 'inside';
    } else if (command === areYouThere && !this.#hasSaidHere) {
      this.#hasSaidHere = true;
      this.#replies.push(here);
    }
  }

  /** WONT and DONT are no requests: to reply to them is how loops begin. */
  #onOption(option: number): void {
    if (this.#verb !== doIt && this.#verb !== will) return;
    const isTimingMark = this.#verb === doIt && option === timingMark;
    const key = this.#verb * 256 + option;
    if (!isTimingMark && this.#refused.has(key)) return;
    if (!isTimingMark) this.#refused.add(key);
    this.#replies.push(Buffer.from([iac, this.#verb === doIt ? wont : dont, option]));
  }
}
