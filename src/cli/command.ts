/**
 * What all subcommands' command lines share.
 *
 * Owns: the form of their examples, and errors about options as one line that names the program.
 * Knows none of the options.
 */
import { writeSync } from 'node:fs';
import { Command } from 'commander';
import { withoutPassword } from '../runtime/redisAddress.ts';

/** A command line without options yet. It ends the process with 1 and one line on standard error for a mistake. */
export function createCommand(name: string, programName: string): Command {
  return new Command(name)
    .allowExcessArguments(false)
    .configureOutput({ writeErr, outputError: (text, write) => write(oneLine(programName, text)) });
}

/** Standard error may take nothing (a full disk): that must not be the end of a server. */
function writeErr(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // There is nobody who could be told.
  }
}

/** What stands below the options in a help text. */
export function examples(...commands: string[]): string {
  return `\nExamples:\n${commands.map((command) => `  ${command}`).join('\n')}`;
}

function oneLine(programName: string, error: string): string {
  const text = error
    .trim()
    .replace(/^error: /, '')
    .replace(/^command-argument value ('.*') is invalid for argument '(.*)'\./, 'the $2 $1 is not valid.')
    .replaceAll('\n', ' ');
  return `${programName}: ${withoutPassword(text)}\n`;
}
