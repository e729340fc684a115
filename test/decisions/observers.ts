/**
 * Users at the real lobby who look at each other: who is online and free, how many are in the room, who comes, goes and
 * speaks. What one reads of another has to be what that other one reads.
 *
 * Owns: a long walk of four users, drawn from a seed, and one who stays in the menu and looks around after each move.
 * Judged by what users read alone. Knows nothing of the directory.
 */
import { createActor } from 'xstate';
import { protocolMachine } from '../../machines/protocol.machine.ts';
import { readSentences, type Sentence } from '../../src/protocol/sentences.ts';
import { Dice } from '../random/choices.ts';
import type { FakeConnection } from '../support/fakeConnection.ts';
import { Gathering } from '../support/memory.ts';

/** What users may type where they can; names are spelled in either letter case. */
const lines: Record<string, readonly string[]> = {
  identifying: ['ann', 'ben', 'cat', 'dan'],
  menu: ['1', '1', '3', '9'],
  naming: ['ann', 'ben', 'cat', 'dan', 'eve', 'nobody', 'exit()'],
  asking: ['exit()'],
  asked: ['y', 'y', 'n'],
  chatting: ['hello', 'hello', '/help', 'exit()'],
  commonRoom: ['hello', 'hello', '/quit', 'exit()'],
};

class ObservingUser {
  terminal: FakeConnection;
  #dialogue = createActor(protocolMachine).start();
  /** What was read since the last move. */
  sentences: Sentence[] = [];

  constructor(terminal: FakeConnection) {
    this.terminal = terminal;
    this.look();
  }

  get place(): string {
    return this.#dialogue.getSnapshot().value;
  }

  /** Empty before the lobby has granted one. */
  get id(): string {
    return ['identifying', 'claiming'].includes(this.place) ? '' : this.#dialogue.getSnapshot().context.id;
  }

  get partner(): string {
    return this.#dialogue.getSnapshot().context.partner;
  }

  type(text: string): void {
    this.#dialogue.send({ type: 'line.typed', text });
    this.terminal.type(text);
  }

  look(): void {
    const { sentences, rest } = readSentences(this.terminal.read());
    if (rest) throw new Error(`${this.id} reads ${rest}`);
    for (const sentence of sentences) this.#dialogue.send(sentence);
    this.sentences = sentences;
  }

  /** What the list has to call this user. */
  get shown(): string {
    if (this.place === 'menu') return 'free';
    return this.place === 'commonRoom' ? 'in the common room' : 'busy';
  }
}

/** What somebody read that is not so, oldest first; none if all is well. */
export function listsAndCounts({ seed, moves }: { seed: number; moves: number }): string[] {
  const dice = new Dice();
  dice.start(seed);
  const all = new Gathering();
  const enter = (): ObservingUser => new ObservingUser(all.connect());
  const eve = enter();
  eve.type('eve');
  const users = [enter(), enter(), enter(), enter()];
  const wrong: string[] = [];
  for (let move = 0; move < moves && wrong.length === 0; move++) {
    const index = dice.of(users.length);
    const mover = users[index] as ObservingUser;
    const before = { id: mover.id, place: mover.place, partner: mover.partner };
    const places = users.map(({ place }) => place);
    const leaves = dice.oneIn(12);
    const line = dice.from(lines[mover.place] ?? []);
    const text = line.length === 3 && dice.oneIn(3) ? line.toUpperCase() : line;
    eve.look();
    if (leaves) mover.terminal.hangUp();
    else mover.type(text);
    for (const user of [eve, ...users]) user.look();
    const comesAndGoes = eve.sentences.map((sentence) => `${sentence.type} ${'id' in sentence ? sentence.id : ''}`);
    const isNew = !leaves && before.id === '' && mover.id !== '';
    const due =
      leaves && before.id ? [`read.disconnected ${before.id}`] : isNew ? [`read.joinedServer ${mover.id}`] : [];
    same(
      `eve reads after ${before.id} in ${before.place}`,
      comesAndGoes.filter((what) => !what.startsWith('read.question')),
      due,
    );
    users.forEach((user, reader) => {
      const hears = text === 'hello' && !leaves && user !== mover && shares(before, user, places[reader]);
      const heard = user.sentences.filter((sentence) => sentence.type === 'read.line');
      same(
        `${user.id} hears`,
        heard.map(({ id, text: said }) => `${id}: ${said}`),
        hears ? [`${before.id}: hello`] : [],
      );
      for (const sentence of user.sentences) {
        if (sentence.type === 'read.roomCount')
          same(
            'people in the room',
            sentence.count,
            users.filter(({ shown }) => shown === 'in the common room').length,
          );
      }
    });
    if (leaves) users[index] = enter();
    lookAround();
  }
  return wrong;

  function lookAround(): void {
    // Whoever asks eve is turned down.
    if (eve.place === 'asked') eve.type('n');
    for (const user of [...users, eve]) user.look();
    eve.type('4');
    eve.look();
    const listed = eve.sentences.filter((sentence) => sentence.type === 'read.userRow');
    const online = [...users.filter(({ id }) => id !== ''), eve];
    same(
      'the list',
      listed.map(({ id, state }) => `${id} ${state}`).sort(),
      online.map(({ id, shown }) => `${id} ${shown}`).sort(),
    );
  }

  function same(what: string, actual: unknown, expected: unknown): void {
    if (JSON.stringify(actual) !== JSON.stringify(expected))
      wrong.push(`${what}: ${JSON.stringify(actual)}, but should be ${JSON.stringify(expected)}`);
  }
}

function shares(
  speaker: { id: string; place: string; partner: string },
  { partner }: ObservingUser,
  place?: string,
): boolean {
  if (speaker.place !== place) return false;
  return place === 'commonRoom' || (place === 'chatting' && partner.toLowerCase() === speaker.id.toLowerCase());
}
