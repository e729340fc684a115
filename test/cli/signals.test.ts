/** Signals: the server ends in order, or at once when asked twice. */
import { describe, expect, it } from 'vitest';
import { gather, startChat } from '../support/gathering.ts';
import { ServerProcess } from '../support/serverProcess.ts';
import { connect } from '../support/user.ts';
import { idPrompt, menu, serverClosing } from '../support/wireTexts.ts';

describe.each(['SIGINT', 'SIGTERM', 'SIGQUIT'] as const)('on %s', (signal) => {
  it('says so to everybody, then FIN, and exits with 0', async () => {
    const server = new ServerProcess(['--port', '0']);
    const address = await server.listening();
    const [lior, golan, noa] = await gather(address, 'lior', 'golan', 'noa');
    await startChat(lior, golan);
    const stranger = await connect(address);
    await stranger.expect(idPrompt);
    server.signal(signal);
    await stranger.expect(`\n${serverClosing}`);
    for (const user of [lior, golan, noa]) await user.expect(serverClosing);
    for (const user of [stranger, lior, golan, noa]) await user.expectEnd();
    expect(await server.ended()).toMatchObject({ exitCode: 0, signal: null, stdout: '' });
  });

  it('exits at once when it comes again while somebody does not close', async () => {
    const server = new ServerProcess(['--port', '0']);
    const lior = await connect(await server.listening(), { keepsOpen: true });
    await lior.expect(idPrompt);
    server.signal(signal);
    await lior.expect(`\n${serverClosing}`);
    await lior.expectEnd();
    // Two presses of a key are not as near to each other as these signals would be.
    if (signal === 'SIGINT') await new Promise((resolve) => setTimeout(resolve, 400));
    server.signal(signal);
    const { exitCode, stderr } = await server.ended();
    // In order it would have been 0, after it had cut the connection off.
    expect(exitCode).toBe(1);
    expect(stderr).not.toContain('cut off');
  });
});

it('cuts off who does not close in time, and says how many', async () => {
  const server = new ServerProcess(['--port', '0']);
  const lior = await connect(await server.listening(), { keepsOpen: true });
  await lior.expect(idPrompt);
  server.signal('SIGTERM');
  const { exitCode, stderr } = await server.ended();
  expect(exitCode).toBe(0);
  expect(stderr).toContain('"connections":1,"msg":"cut off connections that did not close in time"');
});

it('takes two signals for one Ctrl-C if the second one only passes it on', async () => {
  const server = new ServerProcess(['--port', '0']);
  const lior = await connect(await server.listening());
  await lior.expect(idPrompt);
  for (let time = 0; time < 2; time++) server.signal('SIGINT');
  await lior.expect(`\n${serverClosing}`);
  await lior.expectEnd();
  expect((await server.ended()).exitCode).toBe(0);
});

describe('on an error that nobody has caught', () => {
  it('says so to everybody and in the log, and exits with 1', async () => {
    // A bug on demand: the server itself has none that could be called up.
    const bug = encodeURIComponent('process.on("SIGUSR2", () => { throw new Error("a bug"); });');
    const server = new ServerProcess(['--port', '0'], {
      env: { NODE_OPTIONS: `--import=data:text/javascript,${bug}` },
    });
    const [lior] = await gather(await server.listening(), 'lior');
    server.signal('SIGUSR2');
    await lior.expect(serverClosing);
    await lior.expectEnd();
    const { exitCode, stderr } = await server.ended();
    expect(exitCode).toBe(1);
    expect(stderr).toContain('an error that nobody has caught');
  });
});

describe('on SIGHUP', () => {
  it('goes on where there is no terminal that could be gone', async () => {
    const server = new ServerProcess(['--port', '0']);
    const [lior] = await gather(await server.listening(), 'lior');
    server.signal('SIGHUP');
    await expect.poll(() => server.log).toContain('nothing to reload');
    lior.say('4');
    await lior.expect(`lior (free, you)\n${menu}`);
  });
});

describe.each(['SIGUSR1', 'SIGUSR2'] as const)('on %s', (signal) => {
  it('goes on, opens no debugger, and says so in the log', async () => {
    const server = new ServerProcess(['--port', '0']);
    const [lior] = await gather(await server.listening(), 'lior');
    server.signal(signal);
    await expect.poll(() => server.log, { timeout: 10_000 }).toContain(`"signal":"${signal}"`);
    expect(server.log).not.toContain('Debugger');
    lior.say('4');
    await lior.expect(`lior (free, you)\n${menu}`);
  });
});

describe('on a signal with nobody online', () => {
  it('exits with 0, however soon it comes after the line that says where it listens', async () => {
    const server = new ServerProcess(['--port', '0']);
    await server.listening();
    server.signal('SIGTERM');
    expect(await server.ended()).toMatchObject({ exitCode: 0, signal: null, stdout: '' });
  });
});
