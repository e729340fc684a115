/**
 * `statechat conform`: judges any server of this protocol.
 *
 * Owns: the options, where reports go, and the exit code: 0 if everything passed, 1 if something failed, 2 if the server
 * could not be tested. Next: `../conform/runSuites.ts`.
 */
import { writeFileSync } from 'node:fs';
import { InvalidArgumentError, Option } from 'commander';
import { type SuiteName, suiteNames, usualSuites } from '../conform/dialogues.ts';
import { inferDialect } from '../conform/inferDialect.ts';
import { htmlOf } from '../conform/reports/html.ts';
import { jsonOf } from '../conform/reports/json.ts';
import { junitOf } from '../conform/reports/junit.ts';
import { textOf } from '../conform/reports/text.ts';
import { isGood, type Judgement, runSuites } from '../conform/runSuites.ts';
import { readDialect } from '../protocol/dialect.ts';
import { SetupError } from '../runtime/operatorError.ts';
import { version } from '../runtime/version.ts';
import { createCommand, examples } from './command.ts';

interface Options {
  suite: SuiteName[];
  dialect: string;
  also?: { host: string; port: number };
  timeout: number;
  connections: number;
  learn?: string;
  report?: string;
  json?: string;
  junit?: string;
}

export async function run(args: string[]): Promise<void> {
  const command = createCommand('statechat conform', 'statechat')
    .description('Plays dialogues that were generated from the statechart at a server, and shows each one that failed.')
    .argument('[server]', 'HOST:PORT or PORT (default: 127.0.0.1:65432)', parseServer)
    .addOption(
      new Option('--suite <names>', 'which dialogues, separated by commas')
        .argParser(parseSuites)
        .default([...usualSuites], usualSuites.join()),
    )
    .option('--dialect <name>', 'how it words things: statechat, original, or a file', 'statechat')
    .option('--also <server>', 'connect every second person there: two servers with the same users', parseServer)
    .option('--timeout <seconds>', 'how long it may take for an answer', positive(0.05, 60), 1)
    .option('--connections <n>', 'at most so many at once', positive(2, 1000), 16)
    .option('--learn <file>', 'write a dialect for it, after a short dialogue, instead of judging it')
    .option('--report <file>', 'write a page')
    .option('--json <file>', 'write everything as JSON')
    .option('--junit <file>', "write JUnit's XML")
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText(
      'after',
      `\nEach dialogue has connections and ids of its own, and is over after some lines;
no more than --connections are open at once, and 10 for the faults that are
looked for by name. One of these sends up to 16 MB to see whether one slow
reader stops the others.

Exit code: 0 all passed, 1 something failed, 2 the server could not be tested.`,
    )
    .addHelpText(
      'after',
      examples(
        'statechat conform',
        'statechat conform 127.0.0.1:5000 --dialect original --report report.html',
        'statechat conform 127.0.0.1:5000 --learn mine.json',
      ),
    )
    .parse(args, { from: 'user' });
  const [server = { host: '127.0.0.1', port: 65_432 }] = command.processedArgs as [{ host: string; port: number }?];
  const options = command.opts<Options>();
  const target = { ...server, timeoutMs: options.timeout * 1000, also: options.also };
  try {
    if (options.learn !== undefined) {
      const { text, notes } = await inferDialect(target);
      write(options.learn, text);
      console.log([...notes, `Written to ${options.learn}: read it before you believe it.`].join('\n'));
      return;
    }
    const judgement = await runSuites({
      ...{ target, dialect: readDialect(options.dialect), suites: options.suite, connections: options.connections },
      onProgress: showProgress,
    });
    showProgress();
    process.stdout.write(textOf(judgement));
    writeReports(judgement, options);
    process.exitCode = judgement.refusal !== undefined ? 2 : isGood(judgement) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`statechat: ${error.message}`);
    process.exitCode = 2;
  }
}

/** One row that is overwritten, on a terminal; without arguments it goes away. */
function showProgress(suite?: SuiteName, played = 0, of = 0, failed = 0): void {
  if (!process.stderr.isTTY) return;
  const text = suite === undefined ? '' : `${suite}: ${played} of ${of}${failed > 0 ? `, ${failed} failed` : ''}`;
  process.stderr.write(`\r\x1b[K${text}`);
}

function writeReports(judgement: Judgement, { report, json, junit }: Options): void {
  if (report !== undefined) write(report, htmlOf(judgement));
  if (json !== undefined) write(json, jsonOf(judgement));
  if (junit !== undefined) write(junit, junitOf(judgement));
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new SetupError(`${file} can't be written: ${(error as Error).message}.`);
  }
}

function parseServer(text: string): { host: string; port: number } {
  const [, host = '', port = ''] = /^(?:(.*):)?(\d+)$/.exec(text) ?? [];
  const number = Number(port);
  if (port === '' || number < 1 || number > 65_535) throw new InvalidArgumentError('It has to be HOST:PORT, or PORT.');
  return { host: host.replace(/^\[|\]$/g, '') || '127.0.0.1', port: number };
}

function parseSuites(text: string): SuiteName[] {
  const names = text.split(',');
  const wrong = names.find((name) => !(suiteNames as readonly string[]).includes(name));
  if (wrong !== undefined) throw new InvalidArgumentError(`There is no suite "${wrong}": ${suiteNames.join(', ')}.`);
  return names as SuiteName[];
}

function positive(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!(number >= least && number <= most))
      throw new InvalidArgumentError(`It is a number from ${least} to ${most}.`);
    return number;
  };
}
