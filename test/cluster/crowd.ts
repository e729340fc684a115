/**
 * Many users who ask each other, chat, visit the room and leave, in no order: programs that react to what they read.
 *
 * Owns: what each user does at each prompt. Users wait for nothing but their server, and end with it. `rest` brings all
 * that are left to the menu: a user who doesn't get there waits in vain.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { onTestFinished, vi } from 'vitest';
import { deadlineMs } from '../support/deadline.ts';
import { idPrompt, menu, targetPrompt } from '../support/wireTexts.ts';

class RandomUser {
  /** The user is at the menu and has read all of it. */
  isAtMenu = false;
  isGone = false;
  chats = 0;
  readonly #socket: Socket;
  readonly #id: string;
  readonly #others: readonly string[];
  #text = '';
  #isResting = false;
  #random: number;

  constructor(port: number, index: number, others: readonly string[]) {
    this.#id = others[index] as string;
    this.#others = others;
    this.#random = index + 1;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.isGone = true;
    });
    onTestFinished(() => {
      this.#socket.destroy();
    });
  }

  async connected(): Promise<void> {
    await once(this.#socket, 'connect');
  }

  rest(): void {
    this.#isResting = true;
    this.#say('exit()');
  }

  begin(): void {
    this.#isResting = false;
    if (this.isAtMenu) this.#choose();
  }

  #read(text: string): void {
    this.#text = (this.#text + text).slice(-1000);
    this.isAtMenu = this.#text.endsWith(menu);
    if (this.isAtMenu) this.#choose();
    else if (this.#text.endsWith(idPrompt)) this.#say(this.#id);
    else if (this.#text.endsWith(targetPrompt)) this.#say(this.#isResting ? 'exit()' : this.#randomId());
    else if (this.#text.endsWith('(y/n): ')) this.#say(this.#chance(4) ? 'n' : 'y');
    else if (/Chat started with \S+ Type exit\(\) to leave\.\n$/.test(this.#text)) {
      this.chats++;
      this.#say('hello');
      this.#say('how are you');
      if (this.#isResting || this.#chance(2)) this.#say('exit()');
    } else if (/: how are you\n$/.test(this.#text)) {
      this.#say(this.#isResting || !this.#chance(3) ? 'exit()' : 'how are you');
    } else if (/people are here.*\n$|Nobody else.*\n$/.test(this.#text)) this.#say('exit()');
  }

  #choose(): void {
    if (this.#isResting) return;
    this.#say(this.#chance(8) ? '3' : '1');
  }

  #say(line: string): void {
    if (!this.isGone) this.#socket.write(`${line}\n`);
  }

  #randomId(): string {
    return this.#others[this.#next() % this.#others.length] as string;
  }

  #chance(oneIn: number): boolean {
    return this.#next() % oneIn === 0;
  }

  #next(): number {
    this.#random = (this.#random * 1_103_515_245 + 12_345) % 2_147_483_648;
    return this.#random >> 8;
  }
}

export class Crowd {
  readonly #users: RandomUser[];

  constructor(places: readonly { port: number }[], size: number) {
    const ids = Array.from({ length: size }, (_, index) => `user${index}`);
    this.#users = ids.map(
      (_, index) => new RandomUser((places[index % places.length] as { port: number }).port, index, ids),
    );
  }

  get chats(): number {
    return this.#users.reduce((sum, { chats }) => sum + chats, 0);
  }

  /** The number of users whose connection has ended. */
  get lost(): number {
    return this.#users.filter(({ isGone }) => isGone).length;
  }

  async run(ms: number): Promise<void> {
    for (const user of this.#users) user.begin();
    await wait(ms);
  }

  /** All users that are left go to the menu, and stay there. */
  async rest(): Promise<void> {
    for (const user of this.#users) user.rest();
    await vi.waitUntil(() => this.#users.every(({ isAtMenu, isGone }) => isAtMenu || isGone), { timeout: deadlineMs });
  }
}
