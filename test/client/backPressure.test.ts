/** A client whose output nobody reads makes the server wait, and needs no more memory for it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { clientCommand } from '../support/runClient.ts';

const mb = 1024 * 1024;

/** The most memory the process has had so far, in MB. */
function peakMb({ pid }: ChildProcess): number {
  const [, kb] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kb) / 1024;
}

/** Sends a text over and over to one client; counts the bytes that the client's side has taken. */
async function flood(text: string): Promise<{ port: number; sentBytes(): number }> {
  let sent = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    const chunk = Buffer.from(text.repeat(Math.ceil(65_536 / text.length)));
    const send = (): void => {
      if (sent < 500 * mb) {
        socket.write(chunk, () => {
          sent += chunk.length;
          send();
        });
      }
    };
    send();
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: (server.address() as AddressInfo).port, sentBytes: () => sent };
}

describe.skipIf(process.platform !== 'linux')('output that nobody reads', () => {
  it.each([
    ['of many lines', `loud: ${'x'.repeat(900)}\n`],
    ['of a line without an end', 'x'.repeat(1000)],
  ])('%s stops the server', async (_, text) => {
    const { port, sentBytes } = await flood(text);
    const [command = '', ...args] = clientCommand('127.0.0.1', port);
    const client = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(() => void client.kill('SIGKILL'));
    // Nothing more is taken once all buffers on the way are full.
    let before = -1;
    while (sentBytes() === 0 || sentBytes() !== before) {
      before = sentBytes();
      await delay(1000);
    }
    expect(sentBytes()).toBeLessThan(50 * mb);
    expect(peakMb(client)).toBeLessThan(150);

    // Who reads again gets everything from where it stopped.
    let read = 0;
    client.stdout.on('data', (bytes: Buffer) => {
      read += bytes.length;
    });
    await expect.poll(() => read).toBeGreaterThan(before + 10 * mb);
    expect(peakMb(client)).toBeLessThan(200);
  });
});
