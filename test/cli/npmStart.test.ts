/** `npm start` and `npm run client`: npm passes a signal to the program itself, with no shell between them that keeps it. */
import { describe, expect, it } from 'vitest';
import { gather } from '../support/gathering.ts';
import { ServerProcess } from '../support/serverProcess.ts';

/** The scripts are for shells that know `exec`; docs/client.md has the commands for Windows. */
describe.skipIf(process.platform === 'win32')('under npm', () => {
  it('SIGTERM to `npm start` stops the server in order', async () => {
    const server = new ServerProcess(['--port', '0'], { program: ['npm', 'start', '--silent', '--'] });
    const address = await server.listening();
    const [lior] = await gather(address, 'lior');
    server.signal('SIGTERM');
    await lior.expect('The server is shutting down. Goodbye!\n');
    await lior.expectEnd();
    // Resolves when nobody holds the outputs any more: no server has stayed behind.
    expect(await server.ended()).toMatchObject({ stdout: '' });
  });
});
