/** The client in a pipe, as scripts use it: real process, real sockets, no terminal. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { farewellLine } from '../../src/client/farewell.ts';
import { nameFile } from '../support/passwordGates.ts';
import { runClient } from '../support/runClient.ts';
import { ScriptedServer } from '../support/scriptedServer.ts';
import { startTestServer } from '../support/testServer.ts';
import { idPrompt, menu, passwordPrompt, proofPrompt, serverClosing } from '../support/wireTexts.ts';

let server: ScriptedServer;

beforeEach(async () => {
  server = await ScriptedServer.listen();
});
afterEach(() => server.close());

function run(input: string | null, ...options: string[]) {
  return runClient(['127.0.0.1', server.port, ...options], input);
}

describe('with piped input', () => {
  it('sends everything, then FIN, prints every answer and exits with 0', async () => {
    const result = run('a\n4\n2\n');
    const connection = await server.accept();
    connection.say(idPrompt);
    await connection.expectEnd();
    await connection.expectHeard('a\n4\n2\n');
    connection.say(`Menu:\n${farewellLine}\n`);
    connection.end();
    expect(await result).toEqual({
      stdout: `${idPrompt}Menu:\n${farewellLine}\n`,
      stderr: '',
      exitCode: 0,
    });
  });

  it('sends a last line without LF too', async () => {
    const result = run('a\n4');
    const connection = await server.accept();
    connection.say(idPrompt);
    await connection.expectHeard('a\n4');
    await connection.expectEnd();
    connection.end();
    expect((await result).exitCode).toBe(0);
  });

  it('sends the id before the input', async () => {
    const result = run('4\n', '--id', 'lior');
    const connection = await server.accept();
    connection.say(idPrompt);
    await connection.expectHeard('lior\n4\n');
    connection.end();
    expect((await result).exitCode).toBe(0);
  });

  it('says a password before the id, and the rest behind it', async () => {
    const result = run('sesame\n4\n2\n', '--id', 'lior');
    const connection = await server.accept();
    connection.say(passwordPrompt);
    await connection.expectHeard('sesame\n');
    connection.say(idPrompt);
    await connection.expectHeard('sesame\nlior\n4\n2\n');
    connection.say(`${farewellLine}\n`);
    connection.end();
    expect((await result).exitCode).toBe(0);
  });

  it('gives an id that has a password, and reads the password as the next line', async () => {
    const chat = await startTestServer({ names: nameFile(['golan', 'sesame']) });
    const { stdout, exitCode } = await runClient(['127.0.0.1', chat.port, '--id', 'golan'], 'sesame\n4\n2\n');
    expect(stdout).toContain(`${proofPrompt('golan')}${menu}golan (free, you)\n${menu}Goodbye!\n`);
    expect(exitCode).toBe(0);
  });

  it("gives the id also to a server that doesn't ask for it in words we know", async () => {
    const result = run('4\n', '--id', 'lior');
    const connection = await server.accept();
    connection.say('Who are you? ');
    await connection.expectHeard('lior\n4\n');
    connection.end();
    expect((await result).exitCode).toBe(0);
  });

  it('passes on the line ends of Windows as they are, and a real server takes them', async () => {
    const chat = await startTestServer();
    const { stdout, exitCode } = await runClient(['127.0.0.1', chat.port], 'lior\r\n4\r\n2\r\n');
    expect(stdout).toBe(`${idPrompt}${menu}lior (free, you)\n${menu}Goodbye!\n`);
    expect(exitCode).toBe(0);
  });

  it('joins a character that is split between segments', async () => {
    const result = run(null, '--id', 'lior');
    const connection = await server.accept();
    const [line, cut] = [Buffer.from(`golan: 👍\n${farewellLine}\n`), 'golan: '.length + 2];
    const begin = Buffer.concat([Buffer.from(idPrompt), line.subarray(0, cut)]);
    connection.say(begin);
    // The id is sent once the first segment has been read.
    await connection.expectHeard('lior\n');
    connection.say(line.subarray(cut));
    connection.end();
    expect(await result).toEqual({ stdout: idPrompt + line.toString(), stderr: '', exitCode: 0 });
  });

  it('shows control characters', async () => {
    const result = run(null);
    const connection = await server.accept();
    connection.say(`golan: \x1b[2J\n${farewellLine}\n`);
    connection.end();
    expect(await result).toEqual({ stdout: `golan: ␛[2J\n${farewellLine}\n`, stderr: '', exitCode: 0 });
  });

  it('takes a reset after the farewell for the end it is', async () => {
    const result = run(null, '--id', 'lior');
    const connection = await server.accept();
    connection.say(`${idPrompt}\n${farewellLine}\n`);
    await connection.expectHeard('lior\n');
    connection.reset();
    expect(await result).toEqual({ stdout: `${idPrompt}\n${farewellLine}\n`, stderr: '', exitCode: 0 });
  });

  it('exits with 0 after the farewell while its input is still open', async () => {
    const result = run(null);
    const connection = await server.accept();
    connection.say(`${farewellLine}\n`);
    connection.end();
    expect((await result).exitCode).toBe(0);
  });

  it('says that the server closed the connection and exits with 1', async () => {
    const result = run(null);
    const connection = await server.accept();
    connection.say(serverClosing);
    connection.end();
    const { stderr, exitCode } = await result;
    expect({ stderr, exitCode }).toEqual({
      stderr: 'statechat client: the server closed the connection.\n',
      exitCode: 1,
    });
  });

  it('says that the connection was lost and exits with 1, without another attempt', async () => {
    const result = run(null, '--id', 'lior');
    const connection = await server.accept();
    connection.say(idPrompt);
    await connection.expectHeard('lior\n');
    connection.reset();
    const { stderr, exitCode } = await result;
    expect({ stderr, exitCode }).toEqual({ stderr: 'statechat client: connection lost.\n', exitCode: 1 });
  });

  it('says that nothing listens there and exits with 1', async () => {
    const { port } = server;
    await server.close();
    expect(await runClient(['127.0.0.1', port])).toEqual({
      stdout: '',
      stderr: `statechat client: nothing listens on 127.0.0.1:${port} (connection refused). Is the server running?\n`,
      exitCode: 1,
    });
  });
});

describe('the server is found', () => {
  it.each<[form: string, host: string, args: (port: number) => (string | number)[]]>([
    ['HOST PORT', '127.0.0.1', (port) => ['127.0.0.1', port]],
    ['HOST:PORT', '127.0.0.1', (port) => [`127.0.0.1:${port}`]],
    ['NAME:PORT', '127.0.0.1', (port) => [`localhost:${port}`]],
    ['PORT', '127.0.0.1', (port) => [port]],
    ['[IPv6]:PORT', '::1', (port) => [`[::1]:${port}`]],
    ['[IPv6] PORT', '::1', (port) => ['[::1]', port]],
    ['IPv6 PORT', '::1', (port) => ['::1', port]],
  ])('as %s', async (_, host, args) => {
    const { port } = await startTestServer({ host });
    const { stdout, exitCode } = await runClient(args(port), 'lior\n2\n');
    expect(stdout).toContain('Goodbye!');
    expect(exitCode).toBe(0);
  });
});

describe('the command line', () => {
  it('prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(await runClient(['--version'])).toEqual({ stdout: `${version}\n`, stderr: '', exitCode: 0 });
  });

  it('prints its help', async () => {
    const { stdout, exitCode } = await runClient(['--help']);
    expect(stdout).toContain('--id <name>');
    expect(exitCode).toBe(0);
  });

  const mistakes: [args: string[], says: string][] = [
    [['127.0.0.1', '0'], "the port '0' is not valid. It must be a whole number from 1 to 65535."],
    [['127.0.0.1', '1e3'], "the port '1e3' is not valid. It must be a whole number from 1 to 65535."],
    [
      ['[localhost]'],
      "the server '[localhost]' is not valid. It must be HOST, HOST:PORT or PORT, as in: 127.0.0.1:65432",
    ],
    [['127.0.0.1:0'], "the server '127.0.0.1:0' is not valid. It must be a whole number from 1 to 65535."],
    [['127.0.0.1:1', '2'], 'the port is given twice.'],
    [['--ids', 'x'], "unknown option '--ids' (Did you mean --id?)"],
    [['--id', ' '], "option '--id <name>' argument ' ' is invalid. It must be one line that is not blank."],
  ];
  for (const [args, says] of mistakes) {
    it(`says about "${args.join(' ')}" with one line and a failure`, async () => {
      expect(await runClient(args)).toEqual({ stdout: '', stderr: `statechat client: ${says}\n`, exitCode: 1 });
    });
  }
});
