/**
 * The page `docs/options.md`, from the server's table of options and the other subcommands' help texts.
 *
 * Owns: the page's text and form. Next: `../../src/cli/serveOptions.ts`.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { serveOptions } from '../../src/cli/serveOptions.ts';
import { configFlag, printConfigFlag } from '../../src/config/sources.ts';
import { type AnyRow, defaultOf, nameOf, variableOf } from '../../src/config/table.ts';

export function optionsPage(): string {
  return `# Options

\`npm run docs\` writes this page from the options themselves, and a test compares the two.

\`statechat\` has subcommands. \`statechat help\` lists them, \`statechat help serve\` explains one, and
\`statechat --version\` prints the version. Without a subcommand it prints its help on standard error
and exits with code 1, because nothing was done. In a checkout \`npm start --\` stands for
\`statechat serve\`, and \`npm run client --\` for \`statechat connect\`.

A mistake in an option, a variable or the configuration file gives one line on standard error that
names it, and exit code 1.

## statechat serve

| Option | Default | In the environment | Meaning |
| --- | --- | --- | --- |
${[...serveOptions.map((row) => tableRow(row as unknown as AnyRow)), ...rowsAboutOptions()].join('\n')}

The command line wins over the environment, the environment over the configuration file, and the
file over the default. \`--print-config\` shows the value of each option and where it comes from.

### The configuration file

\`--config chat.json\` reads one JSON object. Its keys are the options without their dashes. Numbers
stand without quotes, all other values in double quotes:

\`\`\`json
{
  "host": "0.0.0.0",
  "max-connections": 100,
  "log-level": "warn"
}
\`\`\`

An option that may stand alone on the command line can be \`true\` in the file. Such an option can be
\`false\` wherever a value can be given; this means that it is not set.

The whole file has to be right, even where the command line overrides a value: an unknown key, a key
that is given twice or a wrong value is reported with its line and column, and the server does not
start. The file may have 65,536 bytes. It is read once, at the start.

## statechat connect

${helpOf('connect')}

## statechat conform

${helpOf('conform')}

## statechat diagrams

${helpOf('diagrams')}
`;
}

function tableRow(row: AnyRow): string {
  const choices = row.kind.choices === undefined ? '' : `; ${row.kind.choices.map(code).join(', ')}`;
  const implied = row.impliedValue === undefined ? '' : `; alone: ${code(row.kind.show(row.impliedValue))}`;
  const shown = defaultOf(row);
  return `| ${code(flagOf(row))} | ${shown === undefined ? '' : code(shown)} | ${code(variableOf(row))} | ${row.meaning}${choices}${implied} |`;
}

function rowsAboutOptions(): string[] {
  return [
    `| ${code(flagOf(configFlag))} | | ${code(variableOf(configFlag))} | ${configFlag.meaning} |`,
    `| ${code(flagOf(printConfigFlag))} | | | ${printConfigFlag.meaning} |`,
  ];
}

/** Returns \`--port PORT\` for \`--port <port>\`. */
function flagOf(row: { flag: string }): string {
  const value = /[<[](.*)[>\]]/.exec(row.flag)?.[1]?.toUpperCase();
  if (value === undefined) return row.flag;
  return `--${nameOf(row)} ${row.flag.includes('[') ? `[${value}]` : value}`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function helpOf(subcommand: string): string {
  const program = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
  const help = execFileSync(process.execPath, ['--import', 'tsx', program, subcommand, '--help'], { encoding: 'utf8' });
  return `\`\`\`text\n${help.trimEnd()}\n\`\`\``;
}
