/** `statechat name ID`: makes a line for the server's `--names`. Reads a password, prints the id and its hash. */
import { hashPassword } from '../passwordGate/hash.ts';
import { nameProblem } from '../passwordGate/nameFile.ts';
import { NoPassword, readPassword } from '../passwordGate/prompt.ts';
import { version } from '../runtime/version.ts';
import { createCommand, examples } from './command.ts';

export async function run(args: string[]): Promise<void> {
  const command = createCommand('statechat name', 'statechat')
    .description('Prints the line for --names: of an ID, and a password typed twice, or of a line from a pipe.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .argument('<id>', 'the user ID that only this password gets')
    .addHelpText('after', examples('statechat name golan', '(umask 077; statechat name golan >> names)'))
    .parse(args, { from: 'user' });
  const [id = ''] = command.args;
  try {
    const problem = nameProblem(id);
    if (problem !== undefined) throw new NoPassword(`${problem}.`);
    const password = await readPassword(process.stdin, (text) => process.stderr.write(text));
    console.log(`${id}:${await hashPassword(password)}`);
  } catch (error) {
    if (!(error instanceof NoPassword)) throw error;
    console.error(`statechat name: ${error.message}`);
    process.exitCode = 1;
  }
}
