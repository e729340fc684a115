/** A hundred pages that have stopped reading, in a room in which somebody talks without end. */
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { join } from '../support/gathering.ts';
import { startTestServer } from '../support/testServer.ts';
import { frame, handshake, opcodes, openRaw } from './rawFrames.ts';

const tabs = 100;

it('are dropped, each by itself, and the others read every line', async () => {
  const server = await startTestServer({ webPort: 0, announceLimit: 0, lingerMs: 50, outboxBytes: 65_536 });
  const speaker = await join(server, 'speaker');
  const reader = await join(server, 'reader');
  for (const user of [speaker, reader]) user.choose(3);
  await speaker.readThrough('joined the common room.\n');
  await reader.readThrough('you included.\n');
  for (let tab = 0; tab < tabs; tab++) {
    const { socket, read } = await openRaw(server, handshake());
    socket.write(Buffer.concat([frame(opcodes.text, `tab${tab}`), frame(opcodes.text, '3')]));
    await eventually(read).toContain('you included.');
    socket.pause();
  }
  const before = process.memoryUsage().rss;
  let [said, slowestMs, mostBytes] = [0, 0, 0];
  while (server.limitsReached.get('outboxFull') !== tabs) {
    const line = `${++said} ${'x'.repeat(4000)}`;
    const at = performance.now();
    speaker.say(line);
    await reader.readThrough(`speaker: ${line}\n`);
    slowestMs = Math.max(slowestMs, performance.now() - at);
    mostBytes = Math.max(mostBytes, server.waitingBytes);
    expect(said).toBeLessThan(5000);
  }
  const grown = Math.round((process.memoryUsage().rss - before) / 1e6);
  console.log(`promise: ${tabs} stalled tabs, ${said} lines of 4 kB: slowest for a reader ${Math.round(slowestMs)} ms`);
  console.log(`promise: at most ${Math.round(mostBytes / 1e6)} MB waited, resident +${grown} MB`);
  expect(mostBytes).toBeLessThanOrEqual(tabs * (65_536 + 131_072));
  await eventually(() => server.connections).toBe(2);
});
