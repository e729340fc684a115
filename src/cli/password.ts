/** `statechat password`: makes a line for the server's `--password-file`. Reads a password, prints its hash. */

import { hashPassword } from '../passwordGate/hash.ts';
import { NoPassword, readPassword } from '../passwordGate/prompt.ts';
import { version } from '../runtime/version.ts';
import { createCommand, examples } from './command.ts';

export async function run(args: string[]): Promise<void> {
  const command = createCommand('statechat password', 'statechat')
    .description('Prints the line for --password-file: of a password typed twice, or of a line from a pipe.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--name <name>', 'what the log calls this password')
    .addHelpText('after', examples('statechat password', '(umask 077; statechat password --name guests >> passwords)'))
    .parse(args, { from: 'user' });
  const name = command.opts<{ name?: string }>().name?.trim() ?? '';
  try {
    if (/\p{C}/u.test(name)) throw new NoPassword('a name is one line of visible characters.');
    const password = await readPassword(process.stdin, (text) => process.stderr.write(text));
    console.log(await hashPassword(password, name));
  } catch (error) {
    if (!(error instanceof NoPassword)) throw error;
    console.error(`statechat password: ${error.message}`);
    process.exitCode = 1;
  }
}
