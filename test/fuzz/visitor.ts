/**
 * One connection to the server under test, which reads everything and sends whatever it is told.
 *
 * Owns: the socket, what has come and not been judged, and the wait for more. Every wait has a deadline.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Judge } from './screens.ts';

/** How long the server may take for anything, in ms; it shares the machine with others. */
export const deadlineMs = 10_000;

const refused = Buffer.from('Nothing was sent.\n');

export class Visitor {
  readonly judge: Judge;
  readonly #socket: Socket;
  /** What has come since the last look. */
  #unjudged: Buffer[] = [];
  /** The end of all that has come, enough to see the last sentence. */
  #tail = Buffer.alloc(0);
  #bytesRead = 0;
  /** How many lines of theirs were refused. */
  #refusals = 0;
  /** The server sends nothing more. */
  isOver = false;
  /** The server has ended its side with FIN. */
  #hasFin = false;
  #isClosed = false;
  #mayType = true;
  #look = (): void => {};

  constructor(port: number, judge = new Judge()) {
    this.judge = judge;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (bytes) => this.#onData(bytes));
    this.#socket.on('error', () => {});
    this.#socket.on('end', () => {
      this.#hasFin = true;
      this.isOver = true;
      this.#look();
    });
    this.#socket.on('close', () => {
      this.#isClosed = true;
      this.isOver = true;
      this.#look();
    });
  }

  async open(): Promise<void> {
    await once(this.#socket, 'connect', { signal: AbortSignal.timeout(deadlineMs) });
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** The last of what is on the screen, but for what answers a fence. */
  get screen(): string {
    return this.#tail.toString('utf8').replaceAll('That line is not valid UTF-8. Nothing was sent.\n', '');
  }

  send(bytes: Buffer): void {
    if (this.#mayType && !this.isOver) this.#socket.write(bytes);
  }

  say(text: string): void {
    this.send(Buffer.from(`${text}\n`));
  }

  /** FIN, and reads on. */
  halfClose(): void {
    this.#mayType = false;
    this.#socket.end();
  }

  /** RST. */
  cut(): void {
    this.#mayType = false;
    this.#socket.resetAndDestroy();
  }

  /**
   * Until everything sent before has been taken: a line that is no text is answered in every state and changes nothing. Other
   * lines of theirs may have been refused as well; that only makes the wait shorter.
   */
  async fence(): Promise<void> {
    if (!this.#mayType || this.isOver) return;
    const goal = this.#refusals + 1;
    this.send(Buffer.from([0xff, 0x0a]));
    await this.#until(() => this.#refusals >= goal || this.isOver, 'a line is not answered');
  }

  async reads(text: string): Promise<void> {
    await this.#until(() => this.isOver || this.takeable().includes(text), `${JSON.stringify(text)} does not come`);
    if (this.isOver) throw new Error(`the connection of an onlooker has ended: ${JSON.stringify(this.screen)}`);
  }

  async closed(): Promise<void> {
    await this.#until(() => this.#isClosed, 'a connection that has ended is not closed');
  }

  /** What has come since it was last taken. */
  takeable(): Buffer {
    if (this.#unjudged.length > 1) this.#unjudged = [Buffer.concat(this.#unjudged)];
    return this.#unjudged[0] ?? Buffer.alloc(0);
  }

  /** Everything that has come since the last look; throws if any of it should not have. */
  look(): string {
    const bytes = this.takeable();
    this.#unjudged = [];
    const wrong = this.judge.wrongWith(bytes, this.#hasFin);
    if (wrong) throw new Error(`somebody reads ${wrong}`);
    return bytes.toString('utf8');
  }

  /** Whatever is still under way is of no interest. */
  destroy(): void {
    this.#socket.destroy();
  }

  #onData(bytes: Buffer): void {
    this.#unjudged.push(bytes);
    this.#bytesRead += bytes.length;
    const seen = Buffer.concat([this.#tail.subarray(-refused.length + 1), bytes]);
    for (let at = seen.indexOf(refused); at !== -1; at = seen.indexOf(refused, at + 1)) this.#refusals++;
    this.#tail = Buffer.concat([this.#tail, bytes]).subarray(-600);
    this.#look();
  }

  async #until(isSo: () => boolean, otherwise: string): Promise<void> {
    if (isSo()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${otherwise} within ${deadlineMs} ms; on the screen: ${JSON.stringify(this.screen)}`));
      }, deadlineMs);
      this.#look = () => {
        if (!isSo()) return;
        clearTimeout(timer);
        this.#look = () => {};
        resolve();
      };
    });
  }
}
