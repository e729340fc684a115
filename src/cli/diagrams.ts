/**
 * `statechat diagrams`: writes the pictures of the charts to a folder.
 *
 * Owns: where they go. The pictures are those in the repository's `diagrams/`, which belong to the charts of this version;
 * what draws them (`npm run diagrams`) isn't part of the package.
 */
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../runtime/version.ts';
import { createCommand, examples } from './command.ts';

const drawn = new URL('../../diagrams/', import.meta.url);

export function run(args: string[]): void {
  const command = createCommand('statechat diagrams', 'statechat')
    .description(
      'Writes the pictures of the charts, one file for each chart and format. Files of that name are replaced.',
    )
    .option('--out <folder>', 'folder to write them to; made if it is not there', 'diagrams')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', examples('statechat diagrams', 'statechat diagrams --out /tmp/charts'))
    .parse(args, { from: 'user' });
  const { out } = command.opts<{ out: string }>();
  try {
    mkdirSync(out, { recursive: true });
    for (const name of readdirSync(drawn)) {
      copyFileSync(new URL(name, drawn), join(out, name));
      console.log(join(out, name));
    }
  } catch (error) {
    command.error(`can't write the diagrams: ${(error as Error).message}`);
  }
}
