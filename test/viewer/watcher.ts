/**
 * Somebody who watches the viewer's stream over HTTP.
 *
 * Owns: the reading of server-sent events. Next: `stream.test.ts`.
 */
import { once } from 'node:events';
import { get, type IncomingMessage, type RequestOptions } from 'node:http';
import { onTestFinished } from 'vitest';

export interface Told {
  /** `message` for Stately's own, `statechat` for ours. */
  name: string;
  id: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever came; the tests say what it has to be.
  data: any;
}

export interface WatchOptions {
  path?: string;
  lastEventId?: string;
}

export class Watcher {
  readonly told: Told[] = [];
  /** Everything that came, as it came. */
  text = '';
  readonly #response: IncomingMessage;
  #unread = '';

  constructor(response: IncomingMessage) {
    this.#response = response;
    response.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    response.on('error', () => {});
  }

  static async watch(port: number, { path = '/events', lastEventId }: WatchOptions = {}): Promise<Watcher> {
    const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    return new Watcher(await request({ port, path, headers }));
  }

  get lastId(): string {
    return this.told.at(-1)?.id ?? '';
  }

  get isOver(): boolean {
    return this.#response.destroyed;
  }

  /** The types of what was told, `lobby` and sessions named. */
  get types(): string[] {
    return this.told.map(({ data }) => [data.type, data.sessionId].filter(Boolean).join(' '));
  }

  /** Reads until something fits; answers it. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  async until(fits: (data: any) => boolean): Promise<any> {
    for (let next = 0; ; ) {
      for (; next < this.told.length; next++) if (fits(this.told[next]?.data)) return this.told[next]?.data;
      if (this.isOver) throw new Error('The stream has ended.');
      await once(this.#response, 'data');
    }
  }

  stopReading(): void {
    this.#response.pause();
  }

  goOnReading(): void {
    this.#response.resume();
  }

  leave(): void {
    this.#response.destroy();
  }

  #take(text: string): void {
    this.text += text;
    const parts = (this.#unread + text).split('\n\n');
    this.#unread = parts.pop() ?? '';
    for (const part of parts) {
      const fields = new Map(part.split('\n').map((line) => line.split(/: (.*)/, 2) as [string, string]));
      const data = fields.get('data');
      if (data === undefined) continue;
      this.told.push({ name: fields.get('event') ?? 'message', id: fields.get('id') ?? '', data: JSON.parse(data) });
    }
  }
}

/** One request, to 127.0.0.1; it is over when the test ends. */
export async function request(options: RequestOptions): Promise<IncomingMessage> {
  const sent = get({ host: '127.0.0.1', agent: false, ...options });
  onTestFinished(() => {
    sent.on('error', () => {}).destroy();
  });
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

export async function bodyOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
}
