/**
 * Sessions of a real server, seen only through their sockets, over TCP or over WebSocket; one server, many dialogues at
 * once.
 *
 * Owns: the fence that makes each step exact. A step is over when the server has read every byte that was sent, has
 * written what it had gathered, and every byte it wrote and its FIN have been read. Both ends of each connection are in
 * this process, so that is counted and never waited for by the clock. All dialogues use one id and one common room, so
 * lines about and from users of other dialogues are taken out.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { type Server, startServer } from '../../src/server/server.ts';
import { deadlineMs } from '../support/deadline.ts';
import { writeNames } from '../support/passwordGates.ts';
import { unlimited } from '../support/unlimited.ts';
import { type Input, idTries, user } from './alphabet.ts';
import { type Client, openTcp, openWebSocket } from './clients.ts';
import { PuppetDirectory } from './puppet.ts';
import type { Output, Subject } from './subject.ts';

/** The lines about the other dialogues in the common room, which all use the same id. */
const aboutOthers = new RegExp(`^${user}(?:: .*| joined the common room\\.| left the common room\\.)\\n`, 'gm');

/** One that can also send bytes that are no input of the alphabet. */
export interface TcpSubject extends Subject {
  send(bytes: Buffer): Promise<Output>;
}

/** A line that is no valid UTF-8. */
const noText = Buffer.from([0xff, 0x0a]);

interface ServerSide {
  readonly socket: Socket;
  /** The session's id in the lobby. */
  readonly session: string;
}

export type Transport = 'TCP' | 'WebSocket';

/** A server with a puppet directory, and the server's side of each connection. */
export class TcpStage {
  readonly puppet: PuppetDirectory;
  readonly port: number;
  readonly transport: Transport;
  readonly #server: Server;
  readonly #sides = new Map<number, ServerSide>();

  private constructor(server: Server, puppet: PuppetDirectory, transport: Transport) {
    this.#server = server;
    this.puppet = puppet;
    this.transport = transport;
    this.port = transport === 'TCP' ? server.port : (server.webPort as number);
    subscribe('net.server.socket', this.#onServerSocket);
  }

  static async start(transport: Transport = 'TCP'): Promise<TcpStage> {
    let puppet: PuppetDirectory | undefined;
    // This is no test's folder: a stage is there for all tests of its file.
    const folder = mkdtempSync(join(tmpdir(), 'statechat-test-'));
    writeNames(join(folder, 'names'), 'nobody');
    const server = await startServer({
      ...unlimited,
      idTries,
      port: 0,
      // A WebSocket's session is known by the address that its client names.
      ...(transport === 'WebSocket' && { webPort: 0, webProxy: '127.0.0.1' }),
      // No user reads who comes and goes, because these lines are not the session's own.
      announceLimit: 0,
      // No request expires by itself.
      requestTimeoutMs: 3_600_000,
      // No password gets a verdict but the puppet's: all of them wait for their check.
      names: join(folder, 'names'),
      passwordChecks: 0,
      passwordQueue: Number.POSITIVE_INFINITY,
      createDirectory: (notify) => {
        puppet = new PuppetDirectory(notify);
        return puppet;
      },
    });
    rmSync(folder, { recursive: true });
    puppet?.watchProofs(server.lobby.actor);
    return new TcpStage(server, puppet as PuppetDirectory, transport);
  }

  /** Returns as many subjects as dialogues that run at once. */
  subjects(count: number): TcpSubject[] {
    return Array.from({ length: count }, () => new OverTcp(this));
  }

  /** True while the session holds back lines, and so the end of input. */
  holdsInput(session: string): boolean {
    return this.#server.lobby.sessions.get(session)?.actor?.getSnapshot().hasTag('waiting') ?? false;
  }

  /** True if the session has no connection any more. */
  isGone(session: string): boolean {
    const found = this.#server.lobby.sessions.get(session);
    return found === undefined || found.actor?.getSnapshot().matches({ online: 'away' }) === true;
  }

  /** Opens a connection. */
  open(): Promise<Client> {
    return this.transport === 'TCP' ? openTcp(this.port) : openWebSocket(this.port);
  }

  /** Resolves with the server's side of the client's connection, when the server has accepted it. */
  async serverSide({ socket: { localPort = 0 }, address }: Client): Promise<ServerSide> {
    for (;;) {
      const side = this.#sides.get(localPort);
      if (side !== undefined) {
        // The system may give the same port again.
        this.#sides.delete(localPort);
        return address === undefined ? side : { ...side, session: this.#sessionFrom(address) };
      }
      await turn();
    }
  }

  #sessionFrom(address: string): string {
    const found = [...this.#server.lobby.sessions.values()].find(({ remoteAddress }) => remoteAddress === address);
    if (found === undefined) throw new Error(`No session comes from ${address}.`);
    return found.id;
  }

  async stop(): Promise<void> {
    unsubscribe('net.server.socket', this.#onServerSocket);
    await this.#server.stop();
  }

  /** Comes directly after the server has handled the new connection, so its session is the newest one. */
  readonly #onServerSocket = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    const { remotePort } = socket;
    if (socket.localPort !== this.port || remotePort === undefined) return;
    this.#sides.set(remotePort, { socket, session: [...this.#server.lobby.sessions.keys()].at(-1) as string });
  };
}

class OverTcp implements TcpSubject {
  readonly hasScreen = true;
  readonly #stage: TcpStage;
  #client: Client | undefined;
  #server: ServerSide | undefined;
  /** True once we have cut the connection, so that no end can be read any more. */
  #cut = false;
  #endSeen = false;

  constructor(stage: TcpStage) {
    this.#stage = stage;
  }

  async reset(): Promise<Output> {
    await this.close();
    this.#cut = false;
    this.#endSeen = false;
    this.#client = await this.#stage.open();
    this.#server = await this.#stage.serverSide(this.#client);
    return this.#settled();
  }

  async apply({ event }: Input): Promise<Output> {
    const [client, server] = this.#ends();
    if (event.type === 'connection.closed') this.#hangUp();
    else if (event.type === 'line.refused') this.#send(noText);
    else if (event.type !== 'line.received') this.#stage.puppet.say(server.session, event);
    else client.say(event.text);
    return this.#settled();
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    // A reset leaves no TIME_WAIT behind; thousands of those would use up the ports.
    client.socket.resetAndDestroy();
    const { socket: serverSocket } = this.#server as ServerSide;
    if (!serverSocket.closed) await new Promise((resolve) => serverSocket.once('close', resolve));
  }

  send(bytes: Buffer): Promise<Output> {
    this.#send(bytes);
    return this.#settled();
  }

  /** A WebSocket can carry no such bytes as text: its suites have none. */
  #send(bytes: Buffer): void {
    const [{ socket }] = this.#ends();
    if (socket.writable) socket.write(bytes);
  }

  /** Ends the input, like Ctrl-D. Where that would wait for a verdict like a line, cuts the connection instead. */
  #hangUp(): void {
    const [client, { session }] = this.#ends();
    this.#cut = !client.canHalfClose || this.#stage.holdsInput(session);
    if (this.#cut) client.socket.resetAndDestroy();
    else client.socket.end();
  }

  /** Resolves with the output of the last input, when all of it is there. */
  async #settled(): Promise<Output> {
    const deadline = performance.now() + deadlineMs;
    while (!this.#hasRead()) await this.#turnBefore(deadline);
    // The server has acted on all input; what it gathered is written at the end of that turn.
    await turn();
    await turn();
    while (!this.#hasWritten()) await this.#turnBefore(deadline);
    const [client, { session }] = this.#ends();
    const text = client.takeText().replace(aboutOthers, '');
    const isOver = this.#cut ? this.#stage.isGone(session) : client.isEnded;
    const ended = isOver && !this.#endSeen;
    this.#endSeen = isOver;
    return { text, commands: this.#stage.puppet.takeCommands(session), ended };
  }

  /** True if the server has read every byte and, if we have sent it, our FIN. */
  #hasRead(): boolean {
    const [client, { socket }] = this.#ends();
    if (this.#cut || socket.destroyed) return socket.closed;
    return socket.bytesRead === client.socket.bytesWritten && (!client.socket.writableEnded || socket.readableEnded);
  }

  /** True if we have read every byte and, if the server has sent it, its end. */
  #hasWritten(): boolean {
    const [client, { socket }] = this.#ends();
    if (this.#cut) return true;
    const isEnding = socket.writableEnded || client.isEnding;
    return client.socket.bytesRead === socket.bytesWritten && (!isEnding || client.isEnded);
  }

  async #turnBefore(deadline: number): Promise<void> {
    if (performance.now() > deadline) throw new Error(`A step is not over after ${deadlineMs} ms.`);
    await turn();
  }

  #ends(): [Client, ServerSide] {
    if (this.#client === undefined || this.#server === undefined) throw new Error('Not connected: call reset() first.');
    return [this.#client, this.#server];
  }
}
