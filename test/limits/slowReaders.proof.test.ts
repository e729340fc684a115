/** One slow reader never delays another, and costs no more memory than the limits allow. */
import { describe, expect, it } from 'vitest';
import { ServerProcess } from '../support/serverProcess.ts';
import { menuEnd, partnerLeft } from '../support/wireTexts.ts';
import { enter, gatherRoom, type Member, pair, percentile, residentMb } from './members.ts';

const filler = 'x'.repeat(1000);

async function startServer(...options: string[]): Promise<{ server: ServerProcess; port: number }> {
  const server = new ServerProcess(['--port', '0', '--rate-limit', '0', '--room-rate', '0', ...options]);
  const { port } = await server.listening();
  return { server, port };
}

/** The numbers of the lines a user reads from a speaker, as they come. */
function countLines(member: Member, onNumber: (number: number) => void): number[] {
  const numbers: number[] = [];
  let rest = '';
  member.onText = (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const number = /^\w+: (\d+) /.exec(line)?.[1];
      if (number === undefined) continue;
      numbers.push(Number(number));
      onNumber(Number(number));
    }
  };
  return numbers;
}

describe('a room of 50 of whom five stop reading', () => {
  const count = 20_000;
  const inFlight = 40;

  it('drops the five with a reason, and the others read every line in order', async () => {
    const { server, port } = await startServer();
    const names = Array.from({ length: 50 }, (_, number) => `m${number}`);
    const [speaker, ...listeners] = (await gatherRoom(port, names)) as [Member, ...Member[]];
    const slow = listeners.slice(0, 5);
    const healthy = listeners.slice(5);
    for (const member of slow) member.stopReading();
    // Each reads on as soon as they have been dropped: their last words are kept for them a few seconds only.
    const lastWords = slow.map(async (member, number) => {
      // The speaker's session is s1.
      await server.logged(new RegExp(`"session":"s${number + 2}","limit":"(outboxFull|stalled)"`));
      member.readOn();
      await member.readsToTheEnd();
    });
    const before = residentMb(server.pid);
    let most = before;
    const sentAt: number[] = [];
    const latencies: number[] = [];
    const read = await new Promise<number[][]>((resolve) => {
      let sent = 0;
      let finished = 0;
      const speak = (): void => {
        sentAt[sent] = performance.now();
        speaker.say(`${sent++} ${filler}`);
      };
      const all = healthy.map((member) => {
        return countLines(member, (number) => {
          latencies.push(performance.now() - (sentAt[number] as number));
          // The first of the healthy sets the pace.
          if (member === healthy[0] && sent < count) speak();
          if (number % 1000 === 0) most = Math.max(most, residentMb(server.pid));
          if (number === count - 1 && ++finished === healthy.length) resolve(all);
        });
      });
      while (sent < inFlight) speak();
    });
    const expected = Array.from({ length: count }, (_, number) => number);
    for (const numbers of read) expect(numbers).toEqual(expected);
    await Promise.all(lastWords);
    expect(server.log).not.toMatch(/"limit":"(?!outboxFull|stalled)/);
    const p99 = percentile(latencies, 99);
    console.log(
      `promise: room of 50, 5 stopped, ${count} lines of 1 kB: p50 ${percentile(latencies, 50).toFixed(1)} ms, ` +
        `p99 ${p99.toFixed(1)} ms, resident +${(most - before).toFixed(1)} MB`,
    );
    // Five send queues, the lines under way to the others, and what the collector has not got to yet.
    expect(most - before).toBeLessThan(60);
    for (const { text } of slow)
      expect(text).toMatch(/(too much was waiting for you|You stopped reading)\. Goodbye!\n$/);
  });
});

describe('a private chat whose partner stops reading', () => {
  const count = 20_000;

  it('makes the sender wait, loses nothing, and touches nobody else', async () => {
    const { server, port } = await startServer();
    const [lior, golan, noa, dan] = await Promise.all(['lior', 'golan', 'noa', 'dan'].map((name) => enter(port, name)));
    if (!lior || !golan || !noa || !dan) throw new Error('Nobody came.');
    await pair(lior, golan);
    await pair(noa, dan);
    golan.stopReading();
    const before = residentMb(server.pid);
    for (let number = 0; number < count; number++) lior.say(`${number} ${filler}`);
    // As long as the sender's socket takes more, the server may still be reading.
    let left = -1;
    await expect
      .poll(
        () => {
          const now = lior.socket.writableLength;
          const stands = now === left && now > 0;
          left = now;
          return stands;
        },
        { interval: 200 },
      )
      .toBe(true);
    const grown = residentMb(server.pid) - before;
    console.log(`promise: a partner who stopped reading, ${count} lines of 1 kB: resident +${grown.toFixed(1)} MB`);
    expect(grown).toBeLessThan(40);
    noa.say('still there?');
    await dan.reads('noa: still there?\n');
    const numbers = await new Promise<number[]>((resolve) => {
      const counted = countLines(golan, (number) => {
        if (number === count - 1) resolve(counted);
      });
      golan.readOn();
    });
    expect(numbers).toEqual(Array.from({ length: count }, (_, number) => number));
  });

  it('can leave it without reading', async () => {
    const { port } = await startServer();
    const [lior, golan] = await Promise.all(['lior', 'golan'].map((name) => enter(port, name)));
    if (!lior || !golan) throw new Error('Nobody came.');
    await pair(lior, golan);
    golan.stopReading();
    for (let number = 0; number < 8000; number++) lior.say(`${number} ${filler}`);
    golan.say('exit()');
    await lior.reads(partnerLeft('golan'));
  });
});

describe('somebody who sends 100,000 lines and reads nothing', () => {
  it('delays nobody, and costs little memory', async () => {
    const server = new ServerProcess(['--port', '0', '--rate-limit', '0']);
    const { port } = await server.listening();
    const [flooder, lior] = await Promise.all(['flooder', 'lior'].map((name) => enter(port, name)));
    if (!flooder || !lior) throw new Error('Nobody came.');
    flooder.stopReading();
    const before = residentMb(server.pid);
    flooder.socket.write('4\n'.repeat(100_000));
    let most = before;
    const waits: number[] = [];
    for (let time = 0; time < 200; time++) {
      const begin = performance.now();
      lior.text = '';
      lior.say('9');
      await lior.reads(menuEnd);
      waits.push(performance.now() - begin);
      most = Math.max(most, residentMb(server.pid));
    }
    console.log(
      `promise: 100,000 lines from somebody who doesn't read: another's answer p99 ${percentile(waits, 99).toFixed(1)} ms, ` +
        `resident +${(most - before).toFixed(1)} MB`,
    );
    expect(most - before).toBeLessThan(80);
  });
});
