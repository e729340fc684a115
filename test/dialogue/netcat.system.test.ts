/** Real netcat, as users have it: nothing of ours between the keyboard and the server. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { describeNeeding } from '../support/describeNeeding.ts';
import { startTestServer } from '../support/testServer.ts';
import { User } from '../support/user.ts';
import { idPrompt, menu, targetPrompt } from '../support/wireTexts.ts';

const hasNetcat = spawnSync('nc', ['-h'], { encoding: 'utf8' }).stderr?.includes('OpenBSD') ?? false;

/** Somebody at `nc -N`: it sends FIN when its input ends, and ends when the server has ended too. */
function startNetcat(server: { port: number }): { user: User; exited: Promise<unknown[]> } {
  const program = spawn('nc', ['-N', '127.0.0.1', String(server.port)], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => {
    program.kill();
  });
  const user = new User(Duplex.from({ readable: program.stdout, writable: program.stdin }));
  return { user, exited: once(program, 'exit') };
}

describeNeeding('netcat-openbsd', hasNetcat, 'with netcat', () => {
  it('chats, quits and ends', async () => {
    const server = await startTestServer();
    const { user: lior, exited } = startNetcat(server);
    const { user: golan } = startNetcat(server);
    await lior.identify('lior');
    await golan.identify('golan');
    await lior.expect('golan joined the server.\n');
    lior.choose(1);
    await lior.expect(targetPrompt);
    lior.say('golan');
    await golan.expect('lior wants to chat with you. Accept? (y/n): ');
    golan.accept();
    await lior.expect('Chat started with golan. Type exit() to leave.\n');
    await golan.expect('Chat started with lior. Type exit() to leave.\n');
    lior.say('hey how are u?');
    await golan.expect('lior: hey how are u?\n');
    golan.say('grüße 👍');
    await lior.expect('golan: grüße 👍\n');
    golan.say('exit()');
    await golan.expect(`You left the chat.\n${menu}`);
    await lior.expect(`golan left the chat.\n${menu}`);
    lior.choose(2);
    await lior.expect('Goodbye!\n');
    await golan.expect('lior disconnected.\n');
    lior.halfClose();
    await lior.expectEnd();
    expect(await exited).toEqual([0, null]);
  });

  it.each(['a\n4\n2\n', 'a\n4\n2'])('gets all its replies before the end when %j comes from a pipe', async (input) => {
    const { user, exited } = startNetcat(await startTestServer());
    user.send(input);
    user.halfClose();
    await user.expect(`${idPrompt}${menu}a (free, you)\n${menu}Goodbye!\n`);
    await user.expectEnd();
    expect(await exited).toEqual([0, null]);
  });

  it('reads the last words of a server that stops', async () => {
    const server = await startTestServer();
    const { user, exited } = startNetcat(server);
    await user.expect(idPrompt);
    const stopped = server.stop();
    await user.expect('\nThe server is shutting down. Goodbye!\n');
    user.halfClose();
    await user.expectEnd();
    expect(await exited).toEqual([0, null]);
    await stopped;
  });
});
