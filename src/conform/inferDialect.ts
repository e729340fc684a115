/**
 * A proposal for a dialect: what a server says to two people in a short dialogue.
 *
 * Owns: the dialogue, and which of the texts is which reply. It guesses by the place in the dialogue alone, so the
 * author of the server should read the result. Next: `protocol/dialect.ts`.
 */
import { randomBytes } from 'node:crypto';
import { type Dialect, readDialect } from '../protocol/dialect.ts';
import { SetupError } from '../runtime/operatorError.ts';
import { type Target, TestClient } from './testClient.ts';

/** How many times as long a server may take for the first word of an answer. */
const patience = 8;

export interface Learned {
  /** The dialect file. */
  readonly text: string;
  /** What was found out, and what wasn't, one sentence each. */
  readonly notes: readonly string[];
}

export async function inferDialect(target: Target): Promise<Learned> {
  const conversation = new Conversation(target);
  const features: Dialect['features'] = { ...readDialect('statechat').features, promptAgain: false, segments: false };
  try {
    await conversation.hold(features);
  } finally {
    conversation.leave();
  }
  const dialect = {
    name: 'learned',
    about: `Proposed by a short dialogue with ${target.host}:${target.port}.`,
    features,
    replies: conversation.replies,
  };
  return { text: `${JSON.stringify(dialect, null, 2)}\n`, notes: conversation.notes };
}

/** Two clients who say everything once, and what they read. */
class Conversation {
  readonly notes: string[] = [];
  readonly replies: Record<string, string> = {};
  readonly #target: Target;
  readonly #clients: TestClient[] = [];
  readonly #ids: readonly [string, string];

  constructor(target: Target) {
    this.#target = target;
    const suffix = randomBytes(3).toString('hex');
    this.#ids = [`ann${suffix}`, `ben${suffix}`];
  }

  async hold(features: Dialect['features']): Promise<void> {
    const [ann, menu] = await this.#meetMenu();
    const withoutMenu = (text: string): string =>
      menu !== '' && text.endsWith(menu) ? text.slice(0, -menu.length) : text;
    this.#keep('invalidOption', withoutMenu(await this.#say(ann, 'x')));
    const ben = await this.#connect(this.#ids[1]);
    await this.#listen(ben);
    this.#keep('idTaken', await this.#say(ben, this.#ids[0]));
    await this.#say(ben, this.#ids[1]);
    const presence = await this.#listen(ann, false);
    features.presence = presence !== '';
    if (features.presence) this.#keep('joinedServer', presence);
    features.list = withoutMenu(await this.#say(ann, '4')) !== (this.replies.invalidOption ?? '');
    this.#keep('targetPrompt', await this.#say(ann, '1'));
    this.#keep('refused.unknown', withoutMenu(await this.#say(ann, 'nobody')));
    await this.#chat(ann, ben, withoutMenu);
    await this.#meetInRoom(ann, ben, withoutMenu);
    await this.#say(ann, '1');
    features.withdraw = (await this.#say(ann, 'exit()')) === menu;
    const taken = await this.#say(ann, '2');
    this.#keep('farewell', taken === '' ? '' : '{any}\n');
  }

  leave(): void {
    for (const client of this.#clients) client.destroy();
  }

  async #meetMenu(): Promise<[TestClient, string]> {
    const ann = await this.#connect(this.#ids[0]);
    this.#keep('idPrompt', await this.#listen(ann));
    const menu = await this.#say(ann, this.#ids[0]);
    this.#keep('menu', menu);
    return [ann, menu];
  }

  async #chat(ann: TestClient, ben: TestClient, withoutMenu: (text: string) => string): Promise<void> {
    await this.#say(ann, '1');
    const waiting = await this.#say(ann, this.#ids[1], false);
    if (waiting !== '')
      this.notes.push(`The asker reads ${JSON.stringify(waiting)} at once, which the protocol doesn't have.`);
    this.#keep('question', await this.#listen(ben));
    this.#keep('stillWaiting', await this.#say(ann, 'hello?'));
    this.#keep('chatStarted', await this.#say(ben, 'y'));
    await this.#listen(ann);
    ann.send('some words\n');
    const line = await this.#listen(ben);
    this.#keep('line', line.replace('some words', '{text}'));
    this.#keep('youLeftChat', withoutMenu(await this.#say(ann, 'exit()')));
    this.#keep('partnerLeft', withoutMenu(await this.#listen(ben)));
  }

  async #meetInRoom(ann: TestClient, ben: TestClient, withoutMenu: (text: string) => string): Promise<void> {
    this.#keep('roomJoined', (await this.#say(ann, '3')).split('\n')[0]?.concat('\n') ?? '');
    await this.#say(ben, '3');
    this.#keep('joinedRoom', await this.#listen(ann));
    this.#keep('youLeftRoom', withoutMenu(await this.#say(ben, 'exit()')));
    this.#keep('leftRoom', await this.#listen(ann));
    await this.#say(ann, 'exit()');
  }

  async #connect(id: string): Promise<TestClient> {
    const client = await TestClient.connect(id, this.#target).catch((error: Error) => {
      throw new SetupError(`${this.#target.host}:${this.#target.port} can't be reached: ${error.message}.`);
    });
    this.#clients.push(client);
    return client;
  }

  /** Everything that comes until nothing more does, with names in place of ids. */
  async #listen(client: TestClient, isSure = true): Promise<string> {
    // Where something has to come, a slow server has more time for its first word than between two.
    for (let wait = 0; isSure && wait < patience && client.unread === ''; wait++)
      await client.until(() => client.unread !== '');
    await client.until(() => false);
    const text = client.unread;
    client.unread = '';
    return text.replaceAll(this.#ids[0], '{id}').replaceAll(this.#ids[1], '{id}');
  }

  #say(client: TestClient, line: string, isSure = true): Promise<string> {
    client.send(`${line}\n`);
    return this.#listen(client, isSure);
  }

  #keep(name: string, text: string): void {
    if (text === '') this.notes.push(`Nothing was said where "${name}" was expected: left as in docs/protocol.md.`);
    else this.replies[name] = text;
  }
}
