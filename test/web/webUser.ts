/**
 * A user who speaks WebSocket with the server, in the same verbs as one over TCP.
 *
 * Owns: the user's end: each line is one message, and what comes is text, or the own chart. Next: `../support/user.ts`.
 */
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import WebSocket, { type ClientOptions } from 'ws';
import { User } from '../support/user.ts';

export interface WebUser {
  user: User;
  webSocket: WebSocket;
  /** What came beside the text, as JSON. */
  beside: string[];
}

interface WebUserOptions extends ClientOptions {
  /** `ws` or `wss`. */
  scheme?: string;
  path?: string;
  protocols?: string[];
}

/** Opens a WebSocket; it is closed when the test ends. */
export async function connectByWeb(
  { webPort }: { webPort: number | undefined },
  { scheme = 'ws', path = '/dialogue', protocols = [], ...options }: WebUserOptions = {},
): Promise<WebUser> {
  const webSocket = new WebSocket(`${scheme}://127.0.0.1:${webPort}${path}`, protocols, options);
  onTestFinished(() => webSocket.terminate());
  const beside: string[] = [];
  const stream = new Duplex({
    read() {},
    write(bytes: Buffer, _, done) {
      const lines = bytes.toString().split('\n').slice(0, -1);
      for (const line of lines) webSocket.send(line);
      done();
    },
    final(done) {
      webSocket.close();
      done();
    },
  });
  webSocket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) beside.push(data.toString());
    else stream.push(data);
  });
  webSocket.on('close', () => stream.push(null));
  await once(webSocket, 'open');
  return { user: new User(stream), webSocket, beside };
}
