/**
 * Firefox as Debian has it, by the protocol that it speaks itself (WebDriver BiDi). What drives Chromium here can't drive it.
 *
 * Owns: the browser's process and profile, and a page in its user's verbs: what runs in the page, and what it complains of.
 * Next: `firefox.system.test.ts`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import WebSocket from 'ws';

export const firefox = ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find((path) => existsSync(path));

/** Counts what the page's security policy forbids, from before its first line runs. */
const watchPolicy = `() => {
  globalThis.forbidden = [];
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    forbidden.push(violatedDirective + ' ' + blockedURI));
}`;

interface Answer {
  id?: number;
  type: 'success' | 'error' | 'event';
  result?: unknown;
  message?: string;
  params?: { level?: string; text?: string };
}

export class Firefox {
  /** Errors of the page and of its console. */
  readonly trouble: string[] = [];
  readonly #socket: WebSocket;
  readonly #stop: () => Promise<void>;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  #commands = 0;
  #context = '';

  static async start(): Promise<Firefox> {
    const home = mkdtempSync(join(tmpdir(), 'statechat-firefox-'));
    const args = ['--headless', '--no-remote', '--profile', home, '--remote-debugging-port', '0'];
    const child = spawn(firefox ?? '', args, {
      env: { ...process.env, HOME: home },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const stop = async (): Promise<void> => {
      const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
      child.kill('SIGKILL');
      await gone;
      rmSync(home, { recursive: true, maxRetries: 5 });
    };
    for await (const line of createInterface(child.stderr)) {
      const [, url] = /WebDriver BiDi listening on (ws:\S+)/.exec(line) ?? [];
      if (url === undefined) continue;
      const socket = new WebSocket(`${url}/session`, { perMessageDeflate: false });
      await once(socket, 'open');
      child.stderr.resume();
      const browser = new Firefox(socket, stop);
      await browser.#begin();
      return browser;
    }
    await stop();
    throw new Error('Firefox has ended before it could be driven.');
  }

  private constructor(socket: WebSocket, stop: () => Promise<void>) {
    this.#socket = socket;
    this.#stop = stop;
    socket.on('message', (data) => this.#receive(JSON.parse(String(data))));
  }

  async stop(): Promise<void> {
    this.#socket.terminate();
    await this.#stop();
  }

  open(url: string): Promise<unknown> {
    return this.#send('browsingContext.navigate', { context: this.#context, url, wait: 'complete' });
  }

  /** Returns the value of an expression in the page, as text. */
  async read(expression: string): Promise<string> {
    const target = { context: this.#context };
    const answer = await this.#send('script.evaluate', {
      expression: `String(${expression})`,
      target,
      awaitPromise: true,
    });
    const { type, result, exceptionDetails } = answer as {
      type: string;
      result?: { value: string };
      exceptionDetails?: { text: string };
    };
    if (type !== 'success') throw new Error(exceptionDetails?.text);
    return result?.value ?? '';
  }

  /** Clicks the button with this text, as a user who sees it would. */
  async click(text: string): Promise<void> {
    const button = `[...document.querySelectorAll('button')].find((each) =>
      each.checkVisibility() && [each.textContent, each.ariaLabel].includes(${JSON.stringify(text)}))`;
    await this.read(`(${button}).click()`);
  }

  /** Types into the field with this id, and presses Enter. */
  async type(field: string, text: string): Promise<void> {
    await this.read(`document.getElementById('${field}').focus()`);
    const keys = [...text, '\uE007'].flatMap((value) => ['keyDown', 'keyUp'].map((type) => ({ type, value })));
    const actions = [{ type: 'key', id: 'keyboard', actions: keys }];
    await this.#send('input.performActions', { context: this.#context, actions });
  }

  async #begin(): Promise<void> {
    await this.#send('session.new', { capabilities: {} });
    await this.#send('session.subscribe', { events: ['log.entryAdded'] });
    await this.#send('script.addPreloadScript', { functionDeclaration: watchPolicy });
    const { contexts } = (await this.#send('browsingContext.getTree', {})) as { contexts: { context: string }[] };
    this.#context = contexts[0]?.context ?? '';
  }

  async #send(method: string, params: object): Promise<unknown> {
    const id = ++this.#commands;
    const answered = new Promise<Answer>((resolve) => this.#answers.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { type, result, message } = await answered;
    if (type === 'error') throw new Error(`${method}: ${message}`);
    return result;
  }

  #receive(answer: Answer): void {
    if (answer.type === 'event' && answer.params?.level === 'error') this.trouble.push(answer.params.text ?? '');
    this.#answers.get(answer.id ?? 0)?.(answer);
    this.#answers.delete(answer.id ?? 0);
  }
}
