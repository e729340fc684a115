/**
 * The user's end of one connection, over TCP or over WebSocket, for tests that count every byte.
 *
 * Owns: how a line is sent, and when the end was read. Knows nothing of what is said. Next: `overTcp.ts`.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import WebSocket from 'ws';

export interface Client {
  readonly socket: Socket;
  /** The address that it says it comes from; undefined if that is the socket's. */
  readonly address?: string;
  /** It can end its side and go on reading. */
  readonly canHalfClose: boolean;
  /** The server has ended the connection, and the end is on its way. */
  readonly isEnding: boolean;
  readonly isEnded: boolean;
  /** Sends a line, if that is possible. */
  say(text: string): void;
  /** Returns what was read since the last call. */
  takeText(): string;
}

export async function openTcp(port: number): Promise<Client> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  let text = '';
  let isEnded = false;
  socket.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  socket.once('end', () => {
    isEnded = true;
  });
  await once(socket, 'connect');
  return {
    ...{ socket, canHalfClose: true, isEnding: false },
    get isEnded() {
      return isEnded;
    },
    say(line) {
      if (socket.writable) socket.write(`${line}\n`);
    },
    takeText() {
      const taken = text;
      text = '';
      return taken;
    },
  };
}

let opened = 0;

/** Names an address of its own in `X-Forwarded-For`. */
export async function openWebSocket(port: number): Promise<Client> {
  const number = ++opened;
  const address = `10.${number >> 16}.${(number >> 8) & 0xff}.${number & 0xff}`;
  let socket: Socket | undefined;
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}/dialogue`, {
    headers: { 'x-forwarded-for': address },
    perMessageDeflate: false,
    createConnection: () => {
      socket = connect({ port, host: '127.0.0.1', noDelay: true });
      return socket;
    },
  });
  let text = '';
  webSocket.on('message', (data) => {
    text += data;
  });
  webSocket.on('error', () => {});
  await once(webSocket, 'open');
  return {
    ...{ socket: socket as unknown as Socket, address, canHalfClose: false },
    get isEnding() {
      return webSocket.readyState !== webSocket.OPEN;
    },
    get isEnded() {
      return webSocket.readyState === webSocket.CLOSED;
    },
    say(line) {
      if (webSocket.readyState === webSocket.OPEN) webSocket.send(line);
    },
    takeText() {
      const taken = text;
      text = '';
      return taken;
    },
  };
}
