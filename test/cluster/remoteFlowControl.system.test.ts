/** A chat between two servers: a user who writes faster than the partner reads has to wait, and nothing is lost. */
import { connect as openSocket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { describeNeeding } from '../support/describeNeeding.ts';
import { eventually } from '../support/eventually.ts';
import { hasRedis } from '../support/redisServer.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect, User } from '../support/user.ts';
import { chatStarted, idPrompt, menu, question, targetPrompt } from '../support/wireTexts.ts';
import { startRedis } from './cluster.ts';

/** More than two kernels hold for a connection. */
const lines = 10_000;
const text = 'x'.repeat(3000);

describeNeeding('redis-server', hasRedis, 'a partner at another server who stops reading', () => {
  it('is waited for, and reads every line in order afterwards', async () => {
    const redis = await startRedis();
    const near = await startTestServer({ redis: redis.url, announceLimit: 0, stallMs: 600_000 });
    const far = await startTestServer({ redis: redis.url, announceLimit: 0, stallMs: 600_000 });
    const ann = await connect(near);
    await ann.identify('ann');
    const socket = openSocket({ port: far.port, host: '127.0.0.1', noDelay: true });
    onTestFinished(() => void socket.destroy());
    const ben = new User(socket);
    await ben.expect(idPrompt);
    ben.say('ben');
    await ben.expect(menu);
    ann.choose(1);
    await ann.expect(targetPrompt);
    ann.say('ben');
    await ben.expect(question('ann'));
    ben.accept();
    await ben.expect(chatStarted('ann'));
    await ann.expect(chatStarted('ben'));

    const [here, there] = [...near.lobby.directory.rows()];
    expect(here).toMatchObject({ id: 'ann', session: 's1', partner: 'ben' });
    expect(there).toMatchObject({ id: 'ben', session: expect.stringMatching(/.\/s1$/), partner: 'ann' });
    expect(near.lobby.directory.rowOf('s1')).toEqual(here);

    socket.pause();
    ann.send(`${Array.from({ length: lines }, (_, number) => `${number} ${text}`).join('\n')}\n`);
    // The far server holds no more for ben than its limit, and ann's takes no more from her than may be in flight.
    await eventually(() => far.waitingBytes).toBeGreaterThan(10_000);
    expect(far.limitsReached.size).toBe(0);

    // So much text is checked line by line, as it comes.
    let rest = '';
    let read = 0;
    const wrong: string[] = [];
    socket.removeAllListeners('data').on('data', (chunk) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) if (line !== `ann: ${read++} ${text}`) wrong.push(line.slice(0, 40));
    });
    socket.resume();
    await eventually(() => read).toBe(lines);
    expect(wrong).toEqual([]);
    expect([...near.limitsReached, ...far.limitsReached]).toEqual([]);
  });
});
