/** The log on standard error: one JSON line for each fact, and never what users say. */
import { describe, expect, it } from 'vitest';
import { enterRoom, gather, startChat } from '../support/gathering.ts';
import { ServerProcess } from '../support/serverProcess.ts';
import { connect } from '../support/user.ts';
import { farewell, idPrompt, invalidOption, leftRoom, menu, partnerLeft, youLeftChat } from '../support/wireTexts.ts';

const secret = 'xyzzy-plugh-7f3a';

/** Starts a server that logs all it can, lets users do something, and answers its log. */
async function logOf(act: (server: { port: number }) => Promise<void>): Promise<string> {
  const server = new ServerProcess(['--port', '0', '--log-level', 'trace']);
  await act(await server.listening());
  server.signal('SIGTERM');
  return (await server.ended()).stderr;
}

function expectJsonLines(log: string): void {
  expect(log.endsWith('\n')).toBe(true);
  for (const line of log.slice(0, -1).split('\n')) {
    expect(line).toMatch(/^\{.*\}$/);
    expect(JSON.parse(line)).toMatchObject({
      level: expect.any(Number),
      time: expect.anything(),
      msg: expect.any(String),
    });
  }
}

describe('the log', () => {
  it('names who comes and goes, and holds no text of a chat, of the room, or of an id that was refused', async () => {
    const log = await logOf(async (server) => {
      const stranger = await connect(server);
      await stranger.expect(idPrompt);
      stranger.say(`${secret} and a blank`);
      await stranger.readThrough(`\n${idPrompt}`);
      const [lior, golan] = await gather(server, 'lior', 'golan');
      await startChat(lior, golan);
      lior.say(secret);
      await golan.expect(`lior: ${secret}\n`);
      lior.say('exit()');
      await lior.expect(`${youLeftChat}${menu}`);
      await golan.expect(`${partnerLeft('lior')}${menu}`);
      golan.say(secret);
      await golan.expect(`${invalidOption}${menu}`);
      await enterRoom(golan, lior);
      golan.say(secret);
      await lior.expect(`golan: ${secret}\n`);
      lior.resetConnection();
      await golan.expect(leftRoom('lior'));
    });
    expect(log).not.toContain(secret);
    expectJsonLines(log);
    expect(log).toContain('"msg":"listening"');
    expect(log).toContain('"id":"lior","msg":"identified"');
    expect(log).toContain('"id":"lior","msg":"disconnected"');
    expect(log).toContain('"msg":"stopping"');
  });

  it('holds nothing of what comes behind a quit', async () => {
    const log = await logOf(async (server) => {
      const [lior] = await gather(server, 'lior');
      lior.send(`2\n${secret}\n`);
      await lior.expect(farewell);
      await lior.expectEnd();
    });
    expect(log).not.toContain(secret);
    expectJsonLines(log);
  });

  it('says which variable no option has, as a line like any other', async () => {
    const server = new ServerProcess(['--port', '0'], { env: { STATECHAT_PROT: '1' } });
    await server.listening();
    server.signal('SIGTERM');
    const { stderr } = await server.ended();
    expectJsonLines(stderr);
    expect(JSON.parse(stderr.split('\n')[0] ?? '')).toMatchObject({
      msg: 'an option may not be as it was meant',
      problem: expect.stringContaining('STATECHAT_PROT, so it is ignored. (Did you mean STATECHAT_PORT?)'),
    });
  });

  it('is empty with --log-level silent', async () => {
    const server = new ServerProcess(['--port', '0', '--log-level', 'silent']);
    const [lior] = await gather(await server.listening(), 'lior');
    lior.say('2');
    await lior.expect(farewell);
    server.signal('SIGTERM');
    expect(await server.ended()).toMatchObject({ exitCode: 0, stderr: '' });
  });
});
