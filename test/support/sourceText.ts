/**
 * Source files as text: their imports, headers, functions and classes, by the form that the formatter gives them.
 *
 * Owns: how these are found. Knows no rules about them. Next: `../architecture.test.ts`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Import {
  /** From the root of the repository, if it is a file of ours; otherwise as it is written. */
  path: string;
  isOurs: boolean;
  isTypeOnly: boolean;
  /** What is imported, as it is written. */
  names: string;
}

/** Files of the repository under these folders, also those that are not committed yet. */
export function trackedFiles(folders: readonly string[], name: RegExp): string[] {
  const command = ['ls-files', '--cached', '--others', '--exclude-standard', ...folders];
  const listed = execFileSync('git', command, { encoding: 'utf8' }).split('\n');
  return [...new Set(listed)].filter((file) => name.test(file) && existsSync(file)).sort();
}

/** Static imports, re-exports and those that wait to be run. */
export function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const statements = text.matchAll(/^(?:import|export)\s([^'"`;]*?from\s*)?'([^']+)';|\bimport\('([^']+)'\)/gm);
  return Array.from(statements, ([statement, names = '', from, loaded]) => {
    const written = from ?? loaded ?? '';
    const isOurs = written.startsWith('.');
    const isTypeOnly = /^(import|export) type\b/.test(statement);
    return { path: isOurs ? join(dirname(file), written) : written, isOurs, isTypeOnly, names };
  });
}

/** The comment at the top, on one line, without its stars; empty if there is none. */
export function headerOf(file: string): string {
  const text = readFileSync(file, 'utf8').replace(/^#!.*\n/, '');
  const [, comment = ''] = /^\/\*\*([\s\S]*?)\*\//.exec(text) ?? [];
  return comment.replaceAll(/\n \*/g, ' ').replaceAll(/\s+/g, ' ').trim();
}

/** Lines without comments, without texts that stand at their end, and without texts of several lines. */
export function codeLines(file: string): { number: number; text: string }[] {
  let isInText = false;
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((text, index) => {
      const wasInText = isInText;
      if (((text.match(/(?<!\\)`/g) ?? []).length & 1) === 1) isInText = !isInText;
      return { number: index + 1, text, isText: wasInText || isInText };
    })
    .filter(
      ({ text, isText }) => !isText && !/^\s*(\*|\/\/|\/\*|--)/.test(text) && !/['"`/]( \+)?[,;)\]}]*$/.test(text),
    );
}

const named =
  /^\s*(?:export )?(?:default )?(?:(?:static|override|protected|private|async|get|set) |\*)*(?:(?:async )?function\*? ?[\w$]*|(?:const|readonly) [\w#$]+ = (?:async )?|#?[\w$]+)(?:<[^(]*>)?\(/;
const statement = /^\s*(?:if|for|while|switch|return|else|case|catch|do|try|await|throw)\b/;

/** Named functions, methods and functions that are assigned to a name, each with its lines from the name to the closing brace. */
export function functionsIn(file: string): { name: string; lines: number }[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line, start) => {
    if (!named.test(line) || statement.test(line) || !/[({]$/.test(line)) return [];
    const indent = /^\s*/.exec(line)?.[0] ?? '';
    const isSame = (each: string): boolean => each.startsWith(indent) && /^[)}]/.test(each.slice(indent.length));
    let at = lines.findIndex((each, index) => index > start && isSame(each));
    // The parameters stand on lines of their own.
    if (!line.endsWith('{') || /^\}\)?[:,]/.test(lines[at]?.slice(indent.length) ?? '')) {
      if (!lines[at]?.endsWith('{')) return [];
      const signatureEnd = at;
      at = lines.findIndex((each, index) => index > signatureEnd && isSame(each));
    }
    return at === -1 ? [] : [{ name: line.trim(), lines: at - start + 1 }];
  });
}

/** Classes with the number of their methods and accessors, their constructor and functions kept in fields included. */
export function classesIn(file: string): { name: string; methods: number }[] {
  const text = readFileSync(file, 'utf8');
  const method =
    /^ {2}(?:(?:static|override|protected|private|abstract|async|get|set|readonly) |\*)*#?\w+(?:(?:<[^(\n]*>)?\(|(?:: \w+)? = (?:async )?\()/gm;
  return Array.from(text.matchAll(/^(?:export )?(?:abstract )?class (\w+)[\s\S]*?^\}/gm), ([body, name = '']) => ({
    name,
    methods: [...body.matchAll(method)].filter(([found]) => !found.includes('abstract')).length,
  }));
}
