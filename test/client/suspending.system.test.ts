/** Ctrl-Z: an interactive shell with the client as its job, started by npm or by itself. */
import { expect, it, onTestFinished } from 'vitest';
import { clientCommand } from '../support/runClient.ts';
import { ScriptedServer, type ServedConnection } from '../support/scriptedServer.ts';
import { describeInTerminal, Terminal } from '../support/terminal.ts';
import { idPrompt } from '../support/wireTexts.ts';

const npm = (port: number) => `npm run --silent client -- 127.0.0.1:${port}`;
const program = (port: number) => clientCommand('127.0.0.1', port).join(' ');

/** A client that a shell has started, with something typed behind the server's prompt. */
async function startInShell(command: (port: number) => string): Promise<[Terminal, ServedConnection]> {
  const server = await ScriptedServer.listen();
  onTestFinished(() => server.close());
  const terminal = await Terminal.start(['bash', '--norc', '--noprofile', '-i'], { env: { PS1: 'shell> ' } });
  await terminal.expectScreen('shell>');
  await terminal.say(command(server.port));
  const connection = await server.accept();
  connection.say(`Hello.\n${idPrompt}`);
  await terminal.expectScreen(idPrompt.trimEnd());
  await terminal.type('lio');
  await terminal.expectScreen(`${idPrompt}lio`);
  return [terminal, connection];
}

describeInTerminal('Ctrl-Z', () => {
  it.each([
    ['npm', npm],
    ['the program itself', program],
  ])('gives the shell back, and fg goes on where the person was, under %s', async (_, command) => {
    const [terminal, connection] = await startInShell(command);
    await terminal.press('C-z');
    await terminal.say('echo shell-is-$((40+2))');
    await terminal.expectScreen(/^shell-is-42$/m);
    await terminal.say('stty -a | grep -ow -e -icanon -e icanon -e -echo -e echo | xargs');
    await terminal.expectScreen(/^icanon echo$/m);
    connection.say(`\nnoa joined the server.\n${idPrompt}`);
    await terminal.say('fg');
    await terminal.expectScreen(new RegExp(`noa joined the server\\.\n${idPrompt}lio$`));
    await terminal.type('r');
    await terminal.press('Enter');
    await connection.expectHeard('lior\n');
    await terminal.press('C-c');
    await terminal.expectScreen(/shell>$/);
  });

  it('twice in a row, and in the background, leaves the terminal to the shell', async () => {
    const [terminal, connection] = await startInShell(program);
    await terminal.press('C-z');
    await terminal.expectScreen(/Stopped/);
    await terminal.say('bg; sleep 0.3; echo shell-is-$((40+2))');
    await terminal.expectScreen(/^shell-is-42$/m);
    await terminal.say('fg');
    await terminal.expectScreen(new RegExp(`${idPrompt}lio$`));
    await terminal.press('C-z');
    await terminal.say('echo shell-is-$((50+1))');
    await terminal.expectScreen(/^shell-is-51$/m);
    await terminal.say('fg');
    await terminal.expectScreen(new RegExp(`${idPrompt}lio$`));
    await terminal.press('Enter');
    await connection.expectHeard('lio\n');
  });

  it('changes nothing where no shell could continue the client', async () => {
    const server = await ScriptedServer.listen();
    onTestFinished(() => server.close());
    const terminal = await Terminal.start(['sh', '-c', `exec ${program(server.port)}`]);
    const connection = await server.accept();
    connection.say(`Hello.\n${idPrompt}`);
    await terminal.expectScreen(idPrompt.trimEnd());
    await terminal.press('C-z');
    await terminal.say('lior');
    await connection.expectHeard('lior\n');
    expect(await terminal.screen()).toMatch(/Enter your user ID: lior$/);
  });
});
