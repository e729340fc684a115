/**
 * `statechat name ID`: makes a line for the server's `--names`.
 *
 * Owns: that line, of the id and the hash of a password that is read, or of the id and the fingerprint of a certificate.
 */
import { X509Certificate } from 'node:crypto';
import { hashPassword } from '../passwordGate/hash.ts';
import { nameProblem } from '../passwordGate/nameFile.ts';
import { NoPassword, readPassword } from '../passwordGate/prompt.ts';
import { readSetupFile, SetupError } from '../runtime/operatorError.ts';
import { version } from '../runtime/version.ts';
import { createCommand, examples } from './command.ts';

export async function run(args: string[]): Promise<void> {
  const command = createCommand('statechat name', 'statechat')
    .description('Prints the line for --names: of an ID, and a password typed twice, or of a line from a pipe.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .argument('<id>', 'the user ID that only this password gets')
    .option('--certificate <file>', 'no password: who shows this certificate over TLS needs none (PEM)')
    .addHelpText('after', examples('statechat name golan', '(umask 077; statechat name golan >> names)'))
    .parse(args, { from: 'user' });
  const [id = ''] = command.args;
  try {
    const problem = nameProblem(id);
    if (problem !== undefined) throw new NoPassword(`${problem}.`);
    const { certificate } = command.opts<{ certificate?: string }>();
    const proof = certificate === undefined ? await hashOfTyped() : `cert:${fingerprintIn(certificate)}`;
    console.log(`${id}:${proof}`);
  } catch (error) {
    if (!(error instanceof NoPassword || error instanceof SetupError)) throw error;
    console.error(`statechat name: ${error.message}`);
    process.exitCode = 1;
  }
}

async function hashOfTyped(): Promise<string> {
  return hashPassword(await readPassword(process.stdin, (text) => process.stderr.write(text)));
}

function fingerprintIn(file: string): string {
  const text = readSetupFile(file);
  try {
    return new X509Certificate(text).fingerprint256;
  } catch {
    throw new SetupError(`${file}: this is no certificate in PEM form.`);
  }
}
