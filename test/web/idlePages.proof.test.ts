/** What an idle page costs the server above an idle terminal, everything included. Linux tells. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ServerProcess } from '../support/serverProcess.ts';
import { idPrompt } from '../support/wireTexts.ts';
import { handshake } from './rawFrames.ts';

const count = 3000;

/** Resident memory for each of so many idle connections, in bytes. */
async function costOf(kind: 'terminal' | 'page'): Promise<number> {
  const options = ['--port', '0', '--web', '0', '--log-level', 'error', '--id-timeout', '600'];
  const server = new ServerProcess(options);
  const { port } = await server.listening();
  const [, webPort] = /:(\d+)\/\n$/.exec(await server.stdout.readThrough('\n')) ?? [];
  const resident = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) * 1024;
  const open = async (): Promise<Socket> => {
    const socket = connect({ port: kind === 'page' ? Number(webPort) : port, host: '127.0.0.1' });
    onTestFinished(() => void socket.destroy());
    let read = '';
    socket.on('data', (bytes) => {
      read += bytes.toString('latin1');
    });
    await once(socket, 'connect');
    if (kind === 'page') socket.write(handshake({ 'sec-websocket-protocol': 'statechat.chart' }));
    await eventually(() => read).toContain(idPrompt);
    return socket;
  };
  // What the first ones cost is the code that they make the server load.
  for (let each = 0; each < 200; each++) await open();
  const before = resident();
  for (let each = 0; each < count / 50; each++) await Promise.all(Array.from({ length: 50 }, open));
  const cost = (resident() - before) / count;
  server.signal('SIGKILL');
  return cost;
}

it.skipIf(process.platform !== 'linux')('is measured', async () => {
  const terminal = await costOf('terminal');
  const page = await costOf('page');
  const inKb = (bytes: number): string => (bytes / 1000).toFixed(1);
  console.log(`promise: an idle terminal ${inKb(terminal)} kB, an idle page ${inKb(page)} kB`);
  expect(page - terminal).toBeLessThan(16_000);
});
