/**
 * One user of the exploration, as the directory sees a session: commands, and the updates that answer them.
 *
 * Owns: what the user can do next, what the session waits for, and which update makes sense when. Speaks no sentences.
 */
import type { DirectoryUpdate } from '../../../machines/events.ts';
import type { Partner } from '../../../src/chat/directory/relay.ts';
import type { RedisDirectory } from '../../../src/cluster/redisDirectory.ts';

export type Act = 'claim' | 'ask' | 'room' | 'accept' | 'withdraw' | 'leave' | 'say' | 'return' | 'hang up';

type Relay = ReturnType<RedisDirectory['attachRelay']>;

/** What can be done in a state. A state that is not named waits for an update. */
const acts: Readonly<Record<string, readonly Act[]>> = {
  new: ['claim'],
  menu: ['ask', 'room', 'hang up'],
  requesting: ['withdraw'],
  confirming: ['accept'],
  chatting: ['say', 'leave', 'hang up'],
  room: ['say', 'return'],
};

/** Which update makes sense in which state, and where it leads: what the session's chart says. */
const nexts: Readonly<Record<string, Partial<Record<DirectoryUpdate['type'], string>>>> = {
  claiming: { 'id.granted': 'menu', 'id.refused': 'new' },
  menu: { 'request.received': 'confirming' },
  moving: {
    'request.received': 'moving',
    'request.withdrawn': 'moving',
    'request.expired': 'moving',
    'move.granted': 'asking',
    'move.refused': 'confirming',
  },
  asking: { 'request.delivered': 'requesting', 'request.refused': 'menu' },
  requesting: { 'request.refused': 'menu', 'request.declined': 'menu', 'chat.started': 'chatting' },
  withdrawing: { 'request.refused': 'menu', 'request.withdrawn': 'menu', 'chat.started': 'chatting' },
  confirming: { 'request.withdrawn': 'menu' },
  accepting: { 'request.withdrawn': 'menu', 'chat.started': 'chatting' },
  chatting: { 'chat.ended': 'menu' },
  leaving: { 'chat.ended': 'menu' },
};

/** In these states an update is about the pairing that the user knows. */
const paired = ['requesting', 'withdrawing', 'confirming', 'accepting', 'chatting', 'leaving'];

export class Person {
  readonly id: string;
  readonly asks: string;
  readonly directory: RedisDirectory;
  readonly #relay: Relay;
  #channel: Partner | undefined;
  /** The number of the latest line of this chat; 0 if there is none. */
  said = 0;
  session: string;
  state = 'new';
  pairingId = 0;
  partner = '';
  lines = 0;
  /** Lines that came before the start of their chat. */
  early: { pairingId: number; line: string }[] = [];
  /** Hears that this user leaves a chat, after so many lines. */
  leaves: (pairingId: number, lines: number, partner: string) => void = () => {};
  #sessions = 0;
  readonly #report: (wrong: string) => void;

  constructor(id: string, asks: string, directory: RedisDirectory, relay: Relay, report: (wrong: string) => void) {
    this.id = id;
    this.asks = asks;
    this.directory = directory;
    this.#relay = relay;
    this.#report = report;
    this.session = this.#nextSession();
  }

  #nextSession(): string {
    return `${this.id}${++this.#sessions}`;
  }

  /** The id is this user's, as far as the server knows. */
  get holdsId(): boolean {
    return this.state !== 'new' && this.state !== 'claiming';
  }

  get waits(): boolean {
    return acts[this.state] === undefined;
  }

  get acts(): readonly Act[] {
    return acts[this.state] ?? [];
  }

  act(what: Act): void {
    const { session, directory, pairingId } = this;
    if (!this.acts.includes(what)) return;
    switch (what) {
      case 'claim':
        this.state = 'claiming';
        directory.send(session, { type: 'id.claim', id: this.id });
        break;
      case 'ask':
      case 'room':
        this.state = 'moving';
        directory.send(session, { type: 'menu.leave', to: what === 'ask' ? 'requesting' : 'commonRoom' });
        break;
      case 'accept':
        this.state = 'accepting';
        directory.send(session, { type: 'request.accept', pairingId });
        break;
      case 'withdraw':
        this.state = 'withdrawing';
        directory.send(session, { type: 'request.withdraw' });
        break;
      case 'leave':
        this.#leaves();
        this.state = 'leaving';
        directory.send(session, { type: 'chat.leave', pairingId });
        break;
      case 'return':
        this.state = 'menu';
        directory.send(session, { type: 'menu.return' });
        break;
      case 'say':
        this.#say();
        break;
      case 'hang up':
        if (this.state === 'chatting') this.#leaves();
        this.end();
        break;
    }
  }

  #leaves(): void {
    this.leaves(this.pairingId, this.said, this.partner);
  }

  /** The lines of the chat that has just begun. */
  readEarly(read: (line: string) => void): void {
    for (const { pairingId, line } of this.early) if (pairingId === this.pairingId) read(line);
    this.early = [];
  }

  #say(): void {
    const line = `${this.id} ${++this.lines}`;
    if (this.state === 'room') this.#relay.toRoom(line, this.session, true);
    else {
      this.said = this.lines;
      this.#channel?.receive(this.pairingId, line);
    }
  }

  /** The session ends, and the next one begins. */
  end(): void {
    const { session } = this;
    this.state = 'new';
    this.session = this.#nextSession();
    this.directory.remove(session);
  }

  take(update: DirectoryUpdate): void {
    const next = update.type === 'session.evicted' ? 'ended' : nexts[this.state]?.[update.type];
    const isOld = 'pairingId' in update && paired.includes(this.state) && update.pairingId !== this.pairingId;
    if (next === undefined || isOld) {
      this.#report(`${this.id}, who is ${this.state}, gets ${JSON.stringify(update)}`);
      return;
    }
    if ('pairingId' in update) this.pairingId = update.pairingId;
    if (update.type === 'chat.started') {
      this.partner = update.partnerSession;
      this.said = 0;
      this.#channel = this.#relay.partnerElsewhere(this.session, this.partner);
    }
    this.state = update.type === 'move.granted' && update.to === 'commonRoom' ? 'room' : next;
    if (next === 'ended') this.end();
    if (this.state === 'asking' && update.type === 'move.granted') {
      this.directory.send(this.session, { type: 'request.make', target: this.asks });
    }
  }
}
