/**
 * `npm run draw -- FILE...`: draws the machines of any files of XState 5, without a network.
 *
 * Owns: the command line, and the names of the files. Next: `machineFile.ts` (what is drawn), `forms.ts` (in which forms).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { graphOf } from '../../src/chart/graph.ts';
import { createCommand, examples } from '../../src/cli/command.ts';
import { forms } from './forms.ts';
import { FileError, lendXState, machinesIn } from './machineFile.ts';
import { uniqueNames } from './uniqueNames.ts';

/** The endings of the forms, by what users call them. */
const endings: Readonly<Record<string, string>> = { svg: 'svg', mermaid: 'mmd', scxml: 'scxml', json: 'json' };

/** npm starts programs at the root of the package; whoever typed the command was here. */
const here = process.env.INIT_CWD ?? process.cwd();

const command = createCommand('npm run draw --', 'draw')
  .description(
    'Draws every machine of XState 5 that files of JavaScript or TypeScript export. Loads these files, so draw only what you would run. The drawings are named by the machines; files that have such a name already are replaced.',
  )
  .argument('<file...>', 'the files that export the machines')
  .option('--out <folder>', 'folder to write to; made if it is not there', '.')
  .option('--form <forms>', `any of ${Object.keys(endings).join(', ')}, with commas (default: all)`, formsOf)
  .helpOption('-h, --help', 'print this help')
  .addHelpText(
    'after',
    examples('npm run draw -- light.ts', 'npm run draw -- light.ts --form svg,scxml --out drawings'),
  )
  .parse();

const { out, form = Object.keys(endings) } = command.opts<{ out: string; form?: string[] }>();
lendXState();
let at = '';
let isOver = false;
process.on('exit', () => {
  if (!isOver) command.error(`${at} ends the program while it is loaded`);
});

try {
  const drawn = await draw(command.args);
  mkdirSync(resolve(here, out), { recursive: true });
  for (const [name, text] of drawn) {
    writeFileSync(resolve(here, out, name), text);
    console.log(join(out, name));
  }
} catch (error) {
  isOver = true;
  const why = error instanceof FileError ? error.message : `can't draw ${at}: ${(error as Error).message}`;
  command.error(why);
}
isOver = true;
// The file may have started something that keeps the process alive.
process.exit();

/** Returns the text of each drawing, by its file's name. Nothing is written before all are drawn. */
async function draw(paths: readonly string[]): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const nameFor = uniqueNames((text) =>
    text
      .replace(/ \d+$/, '')
      .replace(/[^\p{L}\p{N}._-]+/gu, '_')
      .replace(/^\./, '_'),
  );
  let count = 0;
  for (const path of paths) {
    at = path;
    for (const { name, machine } of await machinesIn(resolve(here, path))) {
      const graph = graphOf(machine);
      // Several machines may have one name.
      const unique = nameFor(`${name} ${count++}`);
      for (const each of form) {
        const ending = endings[each] as string;
        files.set(`${unique}.${ending}`, (await forms[ending]?.(graph, machine)) ?? '');
      }
    }
  }
  return files;
}

function formsOf(text: string): string[] {
  const wanted = text.split(',').map((each) => each.trim());
  const unknown = wanted.find((each) => !Object.hasOwn(endings, each));
  if (unknown !== undefined) throw new InvalidArgumentError(`'${unknown}' is no form.`);
  return wanted;
}
