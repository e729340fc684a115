/**
 * `--demo`: lior and golan, who meet and chat while nobody is there, so that the viewer has something to show.
 *
 * Owns: what they type, and that they leave as soon as somebody else comes. They connect over TCP, as anybody does.
 * Next: `optionalParts.ts`, docs/viewer.md.
 */
import { connect, type Socket } from 'node:net';
import type { Lobby } from '../chat/lobby.ts';
import type { Clock } from '../runtime/clock.ts';
import { ignoreError } from '../runtime/ignoreError.ts';

/** How long they take for a line, in ms. */
const lineMs = 1_500;

/** How long the server has to be empty before they come, in ms. */
const emptyMs = 3_000;

/** Who types what; the first line of each is the id. */
const script: readonly (readonly [user: 'lior' | 'golan', line: string])[] = [
  ['lior', 'lior'],
  ['golan', 'golan'],
  ['lior', '1'],
  ['lior', 'golan'],
  ['golan', 'y'],
  ['lior', 'hey how are u?'],
  ['golan', 'fine, and you?'],
  ['golan', 'exit()'],
  ['lior', '3'],
  ['golan', '3'],
  ['golan', 'anybody here?'],
  ['lior', 'me'],
  ['lior', 'exit()'],
  ['golan', 'exit()'],
  ['golan', '2'],
  ['lior', '2'],
];

export interface DemoOptions {
  lobby: Lobby;
  clock: Clock;
  host: string;
  port: number;
}

export interface Demo {
  stop(): void;
}

/** Begins when the server has been empty for a while, and again each time it is. */
export function startDemo({ lobby, clock, host, port }: DemoOptions): Demo {
  const sockets = new Map<string, Socket>();
  let next = 0;
  let timer: unknown;
  const leave = (): void => {
    for (const socket of sockets.values()) socket.destroy();
    sockets.clear();
    next = 0;
  };
  const play = (): void => {
    const isAlone = lobby.sessions.size <= sockets.size;
    const line = script[next];
    if (!isAlone || line === undefined) leave();
    else {
      const [user, text] = line;
      const socket = sockets.get(user) ?? connect({ host, port }).on('error', ignoreError).resume();
      sockets.set(user, socket);
      socket.write(`${text}\n`);
      next++;
    }
    timer = clock.setTimeout(play, next === 0 ? emptyMs : lineMs);
  };
  timer = clock.setTimeout(play, emptyMs);
  return {
    stop() {
      clock.clearTimeout(timer);
      leave();
    },
  };
}
