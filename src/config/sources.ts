/**
 * Who gives the options their values: the command line, else the environment, else a configuration file, else the table.
 *
 * Owns: that order, `--config` and `--print-config`, and the sentences about wrong keys and values in the file. Those about
 * wrong flags and variables are commander's. Next: `table.ts`, `configFile.ts`.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { accessProblem } from '../runtime/fileAccess.ts';
import { type ConfigEntry, ConfigFileError, readConfigFile } from './configFile.ts';
import { HiddenValueError } from './kinds.ts';
import { nearest } from './nearest.ts';
import { type AnyRow, defaultOf, nameOf, type Row, readValue, variableOf } from './table.ts';

/** One option: its value as a text, and who gave it. */
interface Setting {
  row: AnyRow;
  text: string | undefined;
  source: string;
}

/** Set by the program itself, for its workers. */
const ownVariables = ['STATECHAT_WORKER_PLACE', 'STATECHAT_TAKES_OVER'];

/** The options about options; `--config` has a variable too. */
export const configFlag = { flag: '--config <file>', meaning: 'JSON file with options, as in {"port": 7000}' };
export const printConfigFlag = {
  flag: '--print-config',
  meaning: 'print every option, its value and who gave it, and exit',
};

/** Prints what was asked for, or one line about what is wrong, and then ends the process, as commander does. */
export function readSettings<Values>(
  command: Command,
  table: readonly Row<Values>[],
  argv: readonly string[],
  onWarning: (warning: string) => void = (warning) => print(command, warning),
): Partial<Values> {
  const rows = table as unknown as readonly AnyRow[];
  for (const row of rows) command.addOption(optionOf(row, command));
  command
    .addOption(new Option(configFlag.flag, configFlag.meaning).env(variableOf(configFlag)))
    .option(printConfigFlag.flag, printConfigFlag.meaning)
    .parse(argv as string[], { from: 'user' });
  const path = command.opts<{ config?: string }>().config;
  let settings: Setting[];
  try {
    const file = path === undefined ? new Map<string, ConfigEntry>() : readEntries(path, rows);
    settings = rows.map((row) => settingOf(row, command, file.get(nameOf(row)), path));
  } catch (error) {
    if (error instanceof ConfigFileError) command.error(error.message);
    throw error;
  }
  if (command.opts<{ printConfig?: true }>().printConfig) {
    for (const warning of unknownVariables(rows)) print(command, warning);
    process.stdout.write(printed(settings));
    process.exit(0);
  }
  const warnings = [...unknownVariables(rows), ...(path === undefined ? [] : configFileProblem(path, settings))];
  for (const warning of warnings) onWarning(warning);
  const values = settings.map(({ row, text }) => [row.sets, text === undefined ? undefined : readValue(row, text)]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Partial<Values>;
}

/** A line about what is no mistake that has to end the program. */
function print(command: Command, warning: string): void {
  const { outputError, writeErr } = command.configureOutput();
  outputError?.(warning, (text) => writeErr?.(text));
}

/** Variables that look like options and are none. Others may set them with good reason (Kubernetes does), so nothing ends. */
function unknownVariables(rows: readonly AnyRow[]): string[] {
  // Of several workers, the first process has said it.
  if (ownVariables.some((name) => process.env[name] !== undefined)) return [];
  const options = [...rows, configFlag];
  const known = [...options.map(variableOf), ...ownVariables];
  const prefix = /^STATE[_-]?CHAT[_-]?(?=.)/i;
  const names = Object.keys(process.env).filter((name) => prefix.test(name) && !known.includes(name));
  return names.map((name) => {
    const word = name.replace(prefix, '').replaceAll('_', '-').toLowerCase();
    const meant = nearest(word, options.map(nameOf));
    const hint = meant === undefined ? '--help lists them.' : `(Did you mean ${variableOf({ flag: `--${meant}` })}?)`;
    return `no option has the variable ${name}, so it is ignored. ${hint}`;
  });
}

/** A password of Redis in a file is as secret as one in a file of its own. */
function configFileProblem(path: string, settings: readonly Setting[]): string[] {
  const holdsSecret = settings.some(({ row, source }) => row.kind.isSecret && source === `file ${path}`);
  const problem = holdsSecret ? accessProblem(path, 'secret') : undefined;
  return problem === undefined ? [] : [`${path} holds a secret, and ${problem}.`];
}

/** commander keeps the text, once it is known to be right: what it means is read when it is known which source counts. */
function optionOf(row: AnyRow, command: Command): Option {
  const option = new Option(row.flag, row.meaning);
  if (row.kind.choices !== undefined) option.choices(row.kind.choices);
  const shown = defaultOf(row);
  if (shown !== undefined) option.default(shown, shown);
  if (row.impliedValue !== undefined) option.preset('true');
  return option.env(variableOf(row)).argParser((text, before?: string) => {
    try {
      readValue(row, text);
    } catch (error) {
      // commander's own message would show the text.
      if (!(error instanceof HiddenValueError)) throw error;
      command.error(`what was given for option '${row.flag}' is not valid. ${error.message}`);
    }
    return row.kind.mayBeRepeated && before !== undefined ? `${before} ${text}` : text;
  });
}

function settingOf(row: AnyRow, command: Command, entry: ConfigEntry | undefined, path: string | undefined): Setting {
  const name = optionOf(row, command).attributeName();
  const text = command.getOptionValue(name) as string | undefined;
  const source = command.getOptionValueSource(name);
  if (source === 'cli') return { row, text, source: 'flag' };
  if (source === 'env') return { row, text, source: `environment ${variableOf(row)}` };
  if (entry !== undefined) return { row, text: entry.text, source: `file ${path}` };
  return { row, text, source: 'default' };
}

/** By their keys. The whole file has to be right, also where the command line or the environment says otherwise. */
function readEntries(path: string, rows: readonly AnyRow[]): Map<string, ConfigEntry> {
  const names = rows.map(nameOf);
  const entries = readConfigFile(path);
  for (const entry of entries) {
    const row = rows.find((each) => nameOf(each) === entry.key);
    if (row === undefined) {
      const meant = nearest(entry.key.toLowerCase(), names);
      const hint = meant === undefined ? '--help lists them.' : `(Did you mean '${meant}'?)`;
      throw new ConfigFileError(`${entry.place}: there is no option '${entry.key}'. ${hint}`);
    }
    const problem = problemOf(row, entry);
    if (problem !== undefined) throw new ConfigFileError(`${entry.place}: '${entry.key}' ${problem}`);
  }
  return new Map(entries.map((entry) => [entry.key, entry]));
}

function problemOf(row: AnyRow, { text, json }: ConfigEntry): string | undefined {
  const shown = row.kind.isSecret ? 'what it holds' : `'${text}'`;
  const mayBeBoolean = row.impliedValue !== undefined && json === 'boolean';
  if (json !== row.kind.json && !mayBeBoolean) {
    const wanted = row.kind.json === 'number' ? 'a number, without quotes' : 'a text in double quotes';
    return `can't be ${shown}. It must be ${wanted}${row.impliedValue === undefined ? '' : ', or true or false'}.`;
  }
  try {
    readValue(row, text);
    return undefined;
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    return `can't be ${error instanceof HiddenValueError ? 'what it holds' : shown}. ${error.message}`;
  }
}

function printed(settings: readonly Setting[]): string {
  const shown = settings.map(({ row, text, source }) => [nameOf(row), textOf(row, text), source]);
  const [nameWidth = 0, valueWidth = 0] = [0, 1].map((column) =>
    Math.max(...shown.map((cells) => cells[column]?.length ?? 0)),
  );
  return shown
    .map(([name = '', value = '', source]) => `${name.padEnd(nameWidth)}  ${value.padEnd(valueWidth)}  ${source}\n`)
    .join('');
}

function textOf(row: AnyRow, text: string | undefined): string {
  const value = text === undefined ? undefined : readValue(row, text);
  if (value === undefined) return '-';
  return row.kind.show(value);
}
