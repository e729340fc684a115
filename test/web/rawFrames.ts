/**
 * WebSocket frames made by hand, as no browser would send them.
 *
 * Owns: the handshake as text, and the bytes of a client's frame. Knows nothing of what the server makes of them.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One masked frame; `claimed` is the length that it says it has. */
export function frame(
  opcode: number,
  payload: string | Buffer = '',
  { fin = true, claimed = Buffer.byteLength(payload) } = {},
): Buffer {
  const bytes = Buffer.from(payload as string);
  const head = [(fin ? 0x80 : 0) | opcode];
  if (claimed < 126) head.push(0x80 | claimed);
  else if (claimed < 65_536) head.push(0x80 | 126, claimed >> 8, claimed & 0xff);
  else {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(claimed));
    head.push(0x80 | 127, ...length);
  }
  // A mask of zeros changes nothing.
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), bytes]);
}

export function handshake(headers: Record<string, string> = {}, path = '/dialogue'): string {
  const all = {
    ...{ host: '127.0.0.1', upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-version': '13' },
    ...{ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' },
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

export interface RawPage {
  socket: Socket;
  /** Everything that came, as bytes of frames or of HTTP. */
  read(): string;
  closed: Promise<unknown>;
}

/** Opens a connection to the port of the page, and sends this first; it is closed when the test ends. */
export async function openRaw({ webPort }: { webPort: number | undefined }, first: string | Buffer): Promise<RawPage> {
  const socket = connect({ port: webPort as number, host: '127.0.0.1', noDelay: true });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  const pieces: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => pieces.push(bytes));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'connect');
  socket.write(first);
  return { socket, read: () => Buffer.concat(pieces).toString('latin1'), closed };
}
