/**
 * People who say everything once, and what they read: for a proposal of a dialect.
 *
 * Owns: when a text is whole, the time that all of it may take, and how ids become placeholders. Next: `inferDialect.ts`.
 */
import type { Wording } from '../protocol/dialect.ts';
import { SetupError } from '../runtime/operatorError.ts';
import { type Name, names, newSuffix, withoutStrangers } from './ids.ts';
import { type Target, TestClient } from './testClient.ts';

/** All of it is over after so long, in ms: what was not heard until then is not heard. */
const maxMs = 11_000;
/** Nothing more comes if nothing has come for so long, in ms. */
const quietMs = 120;
/** The same where the menu has come: it is the end of what is said. */
const quietMenuMs = 25;
/** A line that the menu does not offer. */
const noOption = 'x';
/** Where nothing has to come, in ms. */
const perhapsMs = 150;

export interface Heard {
  /** Everything, with `{id}` or `{ann}` in place of ids. */
  readonly whole: string;
  /** What stands before the menu. */
  readonly reply: string;
}

export class Listener {
  readonly suffix = newSuffix();
  readonly replies: Record<string, Wording> = {};
  readonly notes: string[] = [];
  readonly #target: Target;
  readonly #onProgress: (what: string) => void;
  readonly #deadline = performance.now() + maxMs;
  readonly #clients: TestClient[] = [];
  /** The latest connection of each. */
  readonly #people = new Map<Name, TestClient>();
  /** The menu may be worded in several ways, at several places. */
  readonly #menus: string[] = [];
  #noOption = '';

  constructor(target: Target, onProgress: (what: string) => void) {
    this.#target = target;
    this.#onProgress = onProgress;
  }

  progress(what: string): void {
    this.#onProgress(what);
  }

  async connect(name: Name): Promise<TestClient> {
    const client = await TestClient.connect(name + this.suffix, this.#target).catch((error: Error) => {
      throw new SetupError(`${this.#target.host}:${this.#target.port} can't be reached: ${error.message}.`);
    });
    this.#clients.push(client);
    this.#people.set(name, client);
    return client;
  }

  async enter(name: Name): Promise<TestClient> {
    const client = await this.connect(name);
    await this.listen(client, true);
    await this.say(client, client.id);
    return client;
  }

  /** Says a line, and hears everything that comes of it. */
  async say(client: TestClient, line: string, isSure = true): Promise<Heard> {
    // What came before belongs to something else.
    await client.until(() => false, 15);
    client.unread = '';
    client.send(`${line}\n`);
    return this.listen(client, isSure);
  }

  /** Everything until nothing more comes. Where something has to come, the first word may take long. */
  async listen(client: TestClient, isSure = false): Promise<Heard> {
    const left = Math.max(0, this.#deadline - performance.now());
    const firstMs = isSure ? this.#target.timeoutMs : perhapsMs;
    await client.until(() => client.unread !== '', Math.min(left, firstMs));
    let length = 0;
    while (client.unread.length !== length) {
      length = client.unread.length;
      const quiet = this.isMenu(client.unread) ? quietMenuMs : quietMs;
      await client.until(() => client.unread.length !== length, Math.min(left, quiet));
    }
    const text = withoutStrangers(client.unread, this.suffix).replace(/^\n+/, '');
    client.unread = '';
    const whole = names.reduce((rest, name) => rest.replaceAll(name + this.suffix, `{${name}}`), text);
    return { whole, reply: this.#withoutMenu(whole) };
  }

  /** What a person reads whose line is no option of the menu. */
  async keepNoOption(client: TestClient): Promise<void> {
    const heard = await this.say(client, noOption);
    this.#noOption = heard.whole;
    this.keep('invalidOption', heard);
  }

  /**
   * The person, in the menu. Whom a missing part has left elsewhere comes back on a new connection; what they would read there
   * would be taken for something else.
   */
  async inMenu(client: TestClient): Promise<TestClient> {
    const name = client.id.slice(0, -this.suffix.length) as Name;
    const present = this.#people.get(name) ?? client;
    // A server that says nothing to such a line doesn't say where anybody is.
    if (this.#noOption === '') return present;
    const { whole } = await this.say(present, noOption);
    if (whole === this.#noOption) return present;
    await present.leave();
    return this.enter(name);
  }

  /** A reply that leads back to the menu: without the menu it would be something else. */
  keepBack(name: string, { whole, reply }: Heard): void {
    if (whole !== reply) this.keepText(name, reply);
  }

  keep(name: string, { reply }: Pick<Heard, 'reply'>): void {
    this.keepText(name, reply);
  }

  /** The same words as those of a reply that is known. */
  isAgain(name: string, { reply }: Heard): boolean {
    return templateOf(reply) === this.replies[name];
  }

  keepText(name: string, text: string): void {
    const template = templateOf(text);
    // When the time is over, nothing is where it belongs any more.
    if (template !== '' && performance.now() < this.#deadline) this.replies[name] = template;
  }

  keepMenu(text: string): void {
    const menu = text.replace(/\n+$/, '\n');
    if (this.#menus.includes(menu)) return;
    this.#menus.push(menu);
    this.#menus.sort((a, b) => b.length - a.length);
    this.replies.menu = this.#menus.length === 1 ? menu : [...this.#menus];
  }

  isMenu(text: string): boolean {
    return this.#menus.some((menu) => text.trimEnd().endsWith(menu.trimEnd()));
  }

  async leave(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.leave()));
  }

  /** A reply is one line; a menu of other words may stand behind it. */
  #withoutMenu(text: string): string {
    const menu = this.#menus.find((each) => text.endsWith(each));
    if (menu !== undefined) return text.slice(0, -menu.length);
    const [first = '', ...rest] = text.split(/(?<=\n)/);
    const isOtherMenu = this.#menus.length > 0 && rest.length > 1 && /^(?:menu|\W*1\b)/i.test(rest[0] ?? '');
    if (!isOtherMenu) return text;
    this.keepMenu(rest.join(''));
    return first;
  }
}

function templateOf(text: string): string {
  return text.replace(new RegExp(`\\{(?:${names.join('|')})\\}`, 'g'), '{id}');
}
