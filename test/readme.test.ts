/** What the README shows is true. What it names, `docs.test.ts` checks. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startTestServer } from './support/testServer.ts';
import { connect, type User } from './support/user.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it('has at most 150 lines, so that it is read', () => {
    expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(150);
  });

  it('shows two terminals as they really look', async () => {
    const [lior, golan] = [...readme.matchAll(/```text\n(Enter your user ID: [\s\S]*?)```/g)].map(
      ([, screen]) => screen,
    );
    const server = await startTestServer();
    const screens = new Map([
      ['lior', new Screen(await connect(server), lior ?? '')],
      ['golan', new Screen(await connect(server), golan ?? '')],
    ]);
    const script = 'lior: lior|golan: golan|lior: 1|lior: golan|golan: y|lior: hey how are u?|golan: fine, and you?';
    for (const line of `${script}|golan: exit()|lior: 2`.split('|')) {
      const [who, text] = line.split(': ') as [string, string];
      await screens.get(who)?.type(text);
    }
    for (const screen of screens.values()) await screen.expectRest();
  });
});

/** A terminal of the README: what was typed stands between what was read. */
class Screen {
  readonly #user: User;
  #rest: string;

  constructor(user: User, screen: string) {
    this.#user = user;
    this.#rest = screen;
  }

  /** Reads what stands before the typed line, then types it. */
  async type(text: string): Promise<void> {
    const at = this.#rest.indexOf(`${text}\n`);
    expect(at, `"${text}" stands on the screen`).toBeGreaterThanOrEqual(0);
    await this.#user.expect(this.#rest.slice(0, at));
    this.#user.say(text);
    this.#rest = this.#rest.slice(at + text.length + 1);
  }

  async expectRest(): Promise<void> {
    await this.#user.expect(this.#rest);
  }
}
