/**
 * A relay on bare `node:net`: what the platform itself costs.
 *
 * Owns: its sockets. It has no ids, no states, no limits, and checks nothing. But it waits for whole lines, and gathers
 * the writes to a socket in one turn of the event loop, as any fast server on Node would. Usage: relay.ts PORT
 */
import { createServer, type Socket } from 'node:net';

interface Peer {
  socket: Socket;
  /** The text after the last line feed. */
  rest: string;
  gathered: string;
  take: (lines: string, peer: Peer) => void;
  other: Peer | undefined;
}

const room = new Set<Peer>();
const waiting = new Map<string, Peer>();
let full: Peer[] = [];

createServer((socket) => {
  const peer: Peer = { socket, rest: '', gathered: '', take: welcome, other: undefined };
  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => {
    const text = peer.rest + chunk.toString();
    const end = text.lastIndexOf('\n') + 1;
    peer.rest = text.slice(end);
    if (end > 0) peer.take(text.slice(0, end), peer);
  });
  socket.on('error', () => {});
  socket.on('close', () => room.delete(peer));
}).listen({ port: Number(process.argv[2]), host: '127.0.0.1' });

process.on('SIGTERM', () => process.exit(0));

function welcome(_: string, peer: Peer): void {
  peer.take = place;
  write(peer, 'welcome\n');
}

function place(line: string, peer: Peer): void {
  if (line === 'room\n') {
    room.add(peer);
    peer.take = toRoom;
    write(peer, 'joined\n');
    return;
  }
  peer.take = toOther;
  const other = waiting.get(line);
  if (other === undefined) {
    waiting.set(line, peer);
    return;
  }
  waiting.delete(line);
  peer.other = other;
  other.other = peer;
  write(peer, 'paired\n');
  write(other, 'paired\n');
}

function toOther(lines: string, peer: Peer): void {
  if (peer.other) write(peer.other, lines);
}

function toRoom(lines: string, peer: Peer): void {
  for (const member of room) if (member !== peer) write(member, lines);
}

function write(peer: Peer, text: string): void {
  if (peer.gathered === '' && full.push(peer) === 1) setImmediate(flush);
  peer.gathered += text;
}

function flush(): void {
  const peers = full;
  full = [];
  for (const peer of peers) {
    const text = peer.gathered;
    peer.gathered = '';
    peer.socket.write(text);
  }
}
