/** A server in a terminal that is closed ends in order, whatever of its input and outputs is redirected. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { passwordFile } from '../support/passwordGates.ts';
import { program } from '../support/program.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { describeInTerminal, Terminal } from '../support/terminal.ts';
import { connect } from '../support/user.ts';
import { serverClosing } from '../support/wireTexts.ts';

describeInTerminal('in a terminal that is closed', () => {
  const serve = `exec ${program.join(' ')} serve --port 0 --metrics 0`;
  it.each([
    ['its log is in a file', (folder: string) => `${serve} 2> ${folder}/log >${folder}/said`],
    ['its input is not the terminal', (folder: string) => `${serve} </dev/null >${folder}/said`],
    [
      'it has passwords, which SIGHUP reads again',
      (folder: string) => `${serve} --password-file ${passwordFile('secret')} 2>${folder}/log >${folder}/said`,
    ],
  ])('ends, and tells everybody, although %s', async (_, command) => {
    const folder = temporaryFolder();
    const terminal = await Terminal.start(['sh', '-c', command(folder)]);
    const said = (): string => (existsSync(`${folder}/said`) ? readFileSync(`${folder}/said`, 'utf8') : '');
    await expect.poll(said).toMatch(/metrics\n/);
    const port = Number(/:(\d+)\n/.exec(said())?.[1]);
    const lior = await connect({ port });
    await lior.readThrough(': ');
    await terminal.close();
    await lior.readThrough(serverClosing);
    await lior.expectEnd();
  });
});
