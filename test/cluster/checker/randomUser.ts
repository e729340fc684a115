/**
 * A user who does anything: claims an id that others want too, asks, chats, visits the room, hangs up and comes again. Every
 * line that is said has a number, so that whoever reads it knows which one has to come next.
 *
 * Owns: what this user reads at each place, whether it may come there, and what is typed next. Knows nothing of faults.
 * Next: `record.ts` (what is found).
 */
import { connect, type Socket } from 'node:net';
import { idPrompt, idTaken, menuEnd, roomJoined, targetPrompt } from '../../support/wireTexts.ts';
import { linesMissing } from '../phases.ts';
import type { Record } from './record.ts';

export interface Place {
  readonly port: number;
  isGone: boolean;
  isFrozen: boolean;
}

type State = 'away' | 'naming' | 'claiming' | 'menu' | 'moving' | 'targeting' | 'asking' | 'asked' | 'chat' | 'room';

/** What was read last of one speaker, and how many notices that lines may be missing had come before. */
interface Latest {
  readonly number: number;
  readonly notices: number;
}

const question = /^(\S+) wants to chat with you\. Accept\? \(y\/n\): /;
const started = /^Chat started with (\S+)\. /;
const chatLine = /^(\S+): c\/(\d+)\/(\d+)\/(\d+)\/(\S+)$/;
const roomLine = /^(\S+): r\/(\d+)\/(\d+)$/;
/** Who asks waits so long for an answer, in ms. */
const patienceMs = 2500;

export class RandomUser {
  readonly name: string;
  readonly #record: Record;
  readonly #places: readonly Place[];
  readonly #others: readonly string[];
  #random: number;
  #place: Place | undefined;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #text = '';
  #state: State = 'away';
  #since = 0;
  #isOwner = false;
  #isResting = false;
  /** At rest: the directory has moved this user once more, and back. */
  #wasMoved = false;
  #isOver = false;
  #visit = 0;
  #chats = 0;
  #partner = '';
  #saidInChat = 0;
  #saidInRoom = 0;
  #notices = 0;
  /** The chat whose lines are read: empty before the first of them, undefined outside of a chat. */
  #chat: { key: string; latest: Latest } | undefined;
  #room: Map<string, Latest> | undefined;

  constructor(record: Record, places: readonly Place[], names: readonly string[], index: number, seed: number) {
    this.#record = record;
    this.#places = places;
    this.#others = names;
    this.name = names[index % names.length] as string;
    this.#random = seed * 1009 + index * 31 + 1;
  }

  get isFrozen(): boolean {
    return this.#place?.isFrozen ?? false;
  }

  get hasId(): boolean {
    return this.#isOwner;
  }

  /** At rest, at a place where nothing is under way for this user. */
  get isAtRest(): boolean {
    return this.#state === 'naming' || this.#state === 'away' || (this.#state === 'menu' && this.#wasMoved);
  }

  get whereabouts(): string {
    return `${this.name}, ${this.#state} for ${((performance.now() - this.#since) / 1000).toFixed(1)} s`;
  }

  begin(): void {
    this.#act();
  }

  rest(): void {
    this.#isResting = true;
    this.#wasMoved = false;
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#leave();
  }

  #go(state: State): void {
    this.#state = state;
    this.#since = performance.now();
  }

  #come(): void {
    const open = this.#places.filter(({ isGone }) => !isGone);
    const place = open[this.#next(open.length)] as Place;
    this.#visit = ++this.#record.visits;
    this.#chats = this.#saidInRoom = 0;
    this.#text = '';
    const socket = connect({ port: place.port, host: '127.0.0.1', noDelay: true });
    socket.setEncoding('utf8').on('error', () => {});
    socket.on('data', (text: string) => {
      if (this.#socket === socket) this.#read(text);
    });
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      if (this.#isOwner && !place.isGone) this.#record.counts.disconnected++;
      this.#leave();
    });
    this.#place = place;
    this.#socket = socket;
    this.#go('moving');
  }

  #leave(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    if (this.#isOwner) this.#record.ownsNoMore(this);
    this.#isOwner = false;
    this.#chat = undefined;
    this.#room = undefined;
    this.#go('away');
    socket?.destroy();
  }

  #read(text: string): void {
    this.#text += text;
    while (this.#text !== '') {
      const length = this.#readPrompt();
      const end = length > 0 ? length : this.#text.indexOf('\n') + 1;
      if (end === 0) return;
      const line = this.#text.slice(0, end);
      this.#text = this.#text.slice(end);
      if (length === 0) this.#readLine(line);
    }
  }

  /** How long the prompt is with which the text begins; 0 if it is none. */
  #readPrompt(): number {
    const prompts: readonly [string, State][] = [
      [idPrompt, 'naming'],
      [idTaken, 'naming'],
      [targetPrompt, 'targeting'],
    ];
    for (const [prompt, state] of prompts) {
      if (!this.#text.startsWith(prompt)) continue;
      this.#go(state);
      return prompt.length;
    }
    const [asks = '', asker = ''] = question.exec(this.#text) ?? [];
    if (asks !== '' && (this.#state !== 'asked' || this.#partner !== asker)) {
      this.#partner = asker;
      this.#go('asked');
    }
    return asks.length;
  }

  #readLine(line: string): void {
    const text = line.slice(0, -1);
    const partner = started.exec(text)?.[1];
    if (line === menuEnd) this.#atMenu();
    else if (line === linesMissing) this.#notices++;
    else if (line === roomJoined) {
      this.#room = new Map();
      this.#go('room');
    } else if (partner !== undefined) this.#startChat(partner);
    else if (chatLine.test(text)) this.#readInChat(text);
    else if (roomLine.test(text)) this.#readInRoom(text);
  }

  #atMenu(): void {
    if (!this.#isOwner) {
      this.#isOwner = true;
      this.#record.owns(this);
    }
    this.#chat = undefined;
    this.#room = undefined;
    this.#partner = '';
    this.#go('menu');
  }

  #startChat(partner: string): void {
    this.#record.counts.chats++;
    if (partner !== this.#partner) this.#wrong(`chats with ${partner}, not with ${this.#partner}`);
    this.#partner = partner;
    this.#chats++;
    this.#saidInChat = 0;
    this.#chat = { key: '', latest: { number: 0, notices: this.#notices } };
    this.#go('chat');
  }

  #readInChat(text: string): void {
    const [, shown, visit, chats, number, to] = chatLine.exec(text) ?? [];
    const chat = this.#chat;
    this.#record.counts.chatLines++;
    const key = `${visit}/${chats}`;
    if (chat === undefined) this.#wrong(`is in no chat, and reads ${text}`);
    else if (shown !== this.#partner || to !== this.name) this.#wrong(`chats with ${this.#partner}, and reads ${text}`);
    else if (chat.key !== '' && chat.key !== key) this.#wrong(`reads a line of an earlier chat: ${text}`);
    else this.#chat = { key, latest: this.#inOrder(chat.latest, Number(number), text) };
  }

  #readInRoom(text: string): void {
    const [, , visit = '', number] = roomLine.exec(text) ?? [];
    this.#record.counts.roomLines++;
    const latest = this.#room?.get(visit);
    const now = { number: Number(number), notices: this.#notices };
    if (this.#room === undefined) this.#wrong(`is not in the room, and reads ${text}`);
    this.#room?.set(visit, latest === undefined ? now : this.#inOrder(latest, now.number, text));
  }

  #inOrder(latest: Latest, number: number, text: string): Latest {
    if (number === latest.number) this.#record.find('twice', `${this.name} reads ${text} again`);
    else if (number < latest.number) this.#record.find('order', `${this.name} reads ${text} behind ${latest.number}`);
    else if (number > latest.number + 1 && latest.notices === this.#notices) {
      this.#record.find('gap', `${this.name} reads ${text} behind ${latest.number}, and no notice`);
    }
    return { number: Math.max(number, latest.number), notices: this.#notices };
  }

  #wrong(what: string): void {
    this.#record.find('wrong', `${this.name} ${what}`);
  }

  #act = (): void => {
    if (this.#isOver) return;
    if (this.#isResting) this.#comeToRest();
    else this.#do();
    this.#timer = setTimeout(this.#act, 20 + this.#next(this.#state === 'away' ? 500 : 230));
  };

  #do(): void {
    const state = this.#state;
    if (state === 'away') this.#come();
    else if (state === 'naming' && this.#next(3) === 0) this.#claim();
    else if (state === 'menu') this.#choose();
    else if (state === 'targeting') this.#ask();
    else if (state === 'asking' && performance.now() - this.#since > patienceMs) this.#move('exit()');
    else if (state === 'asked') this.#answer(this.#next(6) === 0 ? 'n' : 'y');
    else if (state === 'chat') this.#chatOn();
    else if (state === 'room') this.#sayInRoom();
  }

  /** Leaves wherever the user is, and is moved once more by the directory. */
  #comeToRest(): void {
    const state = this.#state;
    if (state === 'menu' && !this.#wasMoved) this.#move('1');
    else if (state === 'targeting') {
      this.#wasMoved = true;
      this.#move('exit()');
    } else if (state === 'asked') this.#answer('n');
    else if (state === 'asking' || state === 'chat' || state === 'room') this.#move('exit()');
  }

  #choose(): void {
    const chance = this.#next(100);
    if (chance < 60) this.#move('1');
    else if (chance < 80) this.#move('3');
    else if (chance < 85) this.#move('4');
    else if (chance < 90) this.#leave();
  }

  #claim(): void {
    this.#record.counts.claims++;
    this.#say(this.name);
    this.#go('claiming');
  }

  #ask(): void {
    this.#partner = this.#others[this.#next(this.#others.length)] as string;
    this.#say(this.#partner);
    this.#go('asking');
  }

  #answer(answer: string): void {
    this.#say(answer);
    this.#go('moving');
  }

  #chatOn(): void {
    for (let lines = 1 + this.#next(5); lines > 0; lines--) {
      this.#say(`c/${this.#visit}/${this.#chats}/${++this.#saidInChat}/${this.#partner}`);
    }
    if (this.#next(10) === 0) this.#move('exit()');
  }

  #sayInRoom(): void {
    for (let lines = this.#next(3); lines > 0; lines--) this.#say(`r/${this.#visit}/${++this.#saidInRoom}`);
    if (this.#next(8) === 0) this.#move('exit()');
  }

  #move(line: string): void {
    this.#say(line);
    this.#go('moving');
  }

  #say(line: string): void {
    this.#socket?.write(`${line}\n`);
  }

  /** A number below this one. */
  #next(below: number): number {
    this.#random = (this.#random * 1_103_515_245 + 12_345) % 2_147_483_648;
    return (this.#random >> 8) % below;
  }
}
