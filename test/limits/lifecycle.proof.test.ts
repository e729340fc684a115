/** Many who come at once, more than there are files for, and a stop with users who don't read. */
import { describe, expect, it } from 'vitest';
import { ServerProcess } from '../support/serverProcess.ts';
import { idPrompt, serverClosing, serverFull } from '../support/wireTexts.ts';
import { arrive, cpuMs, enter, gatherRoom, type Member, pair, percentile } from './members.ts';

async function arriveMany(port: number, count: number, atOnce: number): Promise<Member[]> {
  const members: Member[] = [];
  while (members.length < count) {
    const batch = Array.from({ length: Math.min(atOnce, count - members.length) }, (_, number) =>
      arrive(port, `c${members.length + number}`),
    );
    members.push(...(await Promise.all(batch)));
  }
  return members;
}

describe('5,000 connections that come at once', () => {
  it('all get the first prompt, and those who chat go on meanwhile', async () => {
    const server = new ServerProcess(['--port', '0', '--rate-limit', '0']);
    const { port } = await server.listening();
    const pairs: [Member, Member][] = [];
    for (let number = 0; number < 10; number++) {
      const two: [Member, Member] = [await enter(port, `a${number}`), await enter(port, `b${number}`)];
      await pair(...two);
      pairs.push(two);
    }
    const waits: number[] = [];
    let isOver = false;
    const chats = pairs.map(async ([lior, golan]) => {
      for (let number = 0; !isOver; number++) {
        const begin = performance.now();
        golan.text = '';
        lior.say(`${number}`);
        await golan.reads(`: ${number}\n`);
        waits.push(performance.now() - begin);
        // A pace that users have at most.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    });
    const begin = performance.now();
    const members = await arriveMany(port, 5000, 50);
    await Promise.all(members.map((member) => member.reads(idPrompt)));
    const ms = performance.now() - begin;
    isOver = true;
    await Promise.all(chats);
    console.log(
      `promise: 5,000 connections in ${(ms / 1000).toFixed(1)} s: a chat line meanwhile p99 ${percentile(waits, 99).toFixed(1)} ms ` +
        `(${waits.length} lines)`,
    );
    expect(waits.length).toBeGreaterThan(100);
  });
});

describe('fewer files than connections', () => {
  it('are no reason to end or to spin: who is too many is told, and there is room again', async () => {
    const server = new ServerProcess(['--port', '0', '--log-level', 'warn'], { openFiles: 128 });
    const { port } = await server.listening();
    const members = await arriveMany(port, 300, 20);
    await Promise.all(
      members.map((member) => member.until((text) => text !== '' || member.hasEnded, 'a prompt or the end')),
    );
    const admitted = members.filter(({ text }) => text === idPrompt);
    const refused = members.filter(({ text }) => text !== idPrompt);
    expect(admitted.length).toBeGreaterThan(20);
    for (const { text } of refused) expect(['', serverFull]).toContain(text);
    const before = cpuMs(server.pid);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const idle = cpuMs(server.pid) - before;
    console.log(
      `promise: 128 files, 300 connections: ${admitted.length} let in, ${idle} ms of CPU in the idle second after`,
    );
    expect(idle).toBeLessThan(500);
    for (const member of members) member.socket.destroy();
    await expect
      .poll(async () => {
        const next = await arrive(port, 'next');
        await next.until((text) => text !== '' || next.hasEnded, 'a prompt or the end');
        return next.text;
      })
      .toBe(idPrompt);
  });
});

describe('a stop with 1,000 connected of whom ten don’t read', () => {
  it('tells the others, and exits with 0', async () => {
    const server = new ServerProcess([
      '--port',
      '0',
      '--rate-limit',
      '0',
      '--outbox',
      '20000000',
      '--outbox-soft',
      '10000000',
    ]);
    const { port } = await server.listening();
    const room = await gatherRoom(
      port,
      Array.from({ length: 11 }, (_, number) => `m${number}`),
    );
    const [speaker, ...deaf] = room as [Member, ...Member[]];
    const members = await arriveMany(port, 989, 50);
    await Promise.all(members.map((member) => member.reads(idPrompt)));
    for (const member of deaf) member.stopReading();
    // More than the system takes for each of them.
    for (let number = 0; number < 8000; number++) speaker.say('x'.repeat(1000));
    await expect.poll(() => speaker.socket.writableLength).toBe(0);
    const begin = performance.now();
    server.signal('SIGTERM');
    const { exitCode } = await server.ended();
    const ms = performance.now() - begin;
    await Promise.all([speaker, ...members].map((member) => member.readsToTheEnd()));
    console.log(`promise: a stop with 1,000 connected, ten of them deaf: ${(ms / 1000).toFixed(1)} s`);
    expect(exitCode).toBe(0);
    for (const { text } of [speaker, ...members]) expect(text.endsWith(serverClosing)).toBe(true);
    await expect(arrive(port, 'late')).rejects.toThrow();
  });
});
