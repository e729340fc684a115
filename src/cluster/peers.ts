/**
 * The other server processes, asked directly: is the directory down for them too?
 *
 * Owns: the port at which this process is asked, the addresses of the others, and what their replies mean together.
 * Redis is not asked for this, as it is what seems to be down. The whole protocol is one line, which a process sends to
 * any server that connects: `down NODE` if it was refused last, `up NODE` otherwise. If it is just finding out, the reply
 * waits for that.
 * Knows nothing of leases. Next: `clusterMembership.ts`. Why: docs/decisions/0030-refused-is-down-silence-is-doubt.md.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { ignoreError } from '../runtime/ignoreError.ts';

/** A peer has to reply in this time. */
export const replyTimeoutMs = 400;

type Reply = 'down' | 'up' | 'ended' | 'none';

/** What came from another process: the text, and whether nobody listens there. */
export type Ask = (host: string, port: number) => Promise<{ text: string; isRefused: boolean }>;

export class Peers {
  readonly #node: string;
  readonly #isDownHere: () => Promise<boolean>;
  /** Node → HOST PORT and more, with an empty host if that node can't be asked. */
  readonly #addresses = new Map<string, string>();
  /** Those who have said in this outage that the directory is down for them. */
  readonly #down = new Set<string>();
  readonly #askThere: Ask;
  #server: Server | undefined;

  /** `isDownHere` resolves with true if this process was refused last. */
  constructor(node: string, isDownHere: () => Promise<boolean>, ask: Ask = askByTcp) {
    this.#node = node;
    this.#isDownHere = isDownHere;
    this.#askThere = ask;
  }

  /** Listens at this address of our machine. Returns HOST PORT; an empty text if that is no address of ours. */
  async listen(host: string): Promise<string> {
    if (this.#server === undefined) {
      const server = createServer((socket) => void this.#reply(socket)).unref();
      try {
        await once(server.listen(0, host), 'listening');
      } catch {
        return '';
      }
      this.#server = server.on('error', ignoreError);
    }
    const { address, port } = this.#server.address() as AddressInfo;
    return `${address} ${port}`;
  }

  close(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  set(node: string, address: string): void {
    if (node !== this.#node) this.#addresses.set(node, address);
  }

  delete(node: string): void {
    this.#addresses.delete(node);
    this.#down.delete(node);
  }

  /** The directory names all nodes from now on. */
  clear(): void {
    this.#addresses.clear();
    this.#down.clear();
  }

  /** Resolves with true if the directory is down for every other process, as each of them says itself. */
  async areDown(): Promise<boolean> {
    const nodes = [...this.#addresses];
    const replies = await Promise.all(nodes.map(([node, address]) => this.#ask(node, address)));
    for (const [index, [node]] of nodes.entries()) {
      if (replies[index] === 'down') this.#down.add(node);
      // It said that the directory is down, and has stopped since.
      else if (replies[index] === 'ended') this.delete(node);
    }
    return replies.every((reply) => reply === 'down' || reply === 'ended');
  }

  async #reply(socket: Socket): Promise<void> {
    socket.on('error', ignoreError).setTimeout(replyTimeoutMs, () => socket.destroy());
    socket.resume();
    socket.end(await this.reply());
  }

  /** What this process says to those who ask. */
  async reply(): Promise<string> {
    return `${(await this.#isDownHere()) ? 'down' : 'up'} ${this.#node}\n`;
  }

  async #ask(node: string, address: string): Promise<Reply> {
    const [host = '', port = '0'] = address.split(' ');
    if (host === '') return 'none';
    const { text, isRefused } = await this.#askThere(host, Number(port));
    if (text === `down ${node}\n`) return 'down';
    if (text === `up ${node}\n`) return 'up';
    return isRefused && this.#down.has(node) ? 'ended' : 'none';
  }
}

/** What a process tells the others of itself: HOST PORT, and where it listens for lines. */
export function addressWith(address: string, linePlace: string): string {
  return `${address || ' '} ${encodeURI(linePlace)}`;
}

/** The latter of it. */
export function linePlaceIn(address: string): string {
  return decodeURI(address.split(' ')[2] ?? '');
}

function askByTcp(host: string, port: number): ReturnType<Ask> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const timer = setTimeout(() => socket.destroy(), replyTimeoutMs);
    let text = '';
    let isRefused = false;
    socket.setEncoding('utf8').on('data', (data: string) => {
      text += data;
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      isRefused = code === 'ECONNREFUSED';
    });
    socket.on('close', () => {
      clearTimeout(timer);
      resolve({ text, isRefused });
    });
  });
}
