/** A start after a kill, and connections on which nothing happens or that end at once. */
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ServerProcess } from '../support/serverProcess.ts';
import { enter, gatherRoom } from './members.ts';

describe('a server that was killed', () => {
  it('starts again on the same port at once', async () => {
    const first = new ServerProcess(['--port', '0']);
    const { port } = await first.listening();
    await gatherRoom(port, ['lior', 'golan']);
    first.signal('SIGKILL');
    await first.ended();
    const second = new ServerProcess(['--port', String(port)]);
    expect((await second.listening()).port).toBe(port);
    await enter(port, 'lior');
  });
});

describe.skipIf(!existsSync('/proc/net/tcp'))('a connection on which nothing happens', () => {
  it('is asked by the system whether the other side is still there', async () => {
    const { port } = await new ServerProcess(['--port', '0', '--keep-alive', '60']).listening();
    const lior = await enter(port, 'lior');
    const hex = (number: number) => number.toString(16).toUpperCase().padStart(4, '0');
    const ends = `:${hex(port)} 0100007F:${hex(lior.socket.localPort ?? 0)}`;
    const timer = (): string => {
      const row = readFileSync('/proc/net/tcp', 'utf8')
        .split('\n')
        .find((line) => line.includes(ends));
      return row?.trim().split(/\s+/)[5]?.slice(0, 2) ?? 'no row';
    };
    // 02 is the system's timer for keep-alive.
    await expect.poll(timer).toBe('02');
  });
});

describe('connections that end before they have said anything', () => {
  it('leave the server as it was', async () => {
    const { port } = await new ServerProcess(['--port', '0']).listening();
    for (let time = 0; time < 200; time++) {
      await new Promise<void>((resolve) => {
        const socket = connect({ port, host: '127.0.0.1' }, () => {
          if (time % 3 === 0) socket.resetAndDestroy();
          else if (time % 3 === 1) socket.end();
          else socket.end('x');
          socket.resume();
        });
        socket.on('error', () => {});
        socket.once('close', () => resolve());
      });
    }
    await enter(port, 'lior');
  });
});
