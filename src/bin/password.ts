/** Makes a line for the server's `--password-file`: reads a password, prints its hash. */
import { createCommand, version } from '../commandLine.ts';
import { hashPassword } from '../door/passwordHash.ts';
import { NoPassword, readPassword } from '../door/readPassword.ts';

const program = createCommand('password', 'statechat password')
  .description('Prints the line for --password-file: of a password typed twice, or of a line from a pipe.')
  .version(version)
  .option('--name <name>', 'what the log calls this password', '')
  .parse();
const name = program.opts<{ name: string }>().name.trim();

try {
  if (/\p{C}/u.test(name)) throw new NoPassword('a name is one line of visible characters.');
  const password = await readPassword(process.stdin, (text) => process.stderr.write(text));
  console.log(await hashPassword(password, name));
} catch (error) {
  if (!(error instanceof NoPassword)) throw error;
  console.error(`statechat password: ${error.message}`);
  process.exitCode = 1;
}
