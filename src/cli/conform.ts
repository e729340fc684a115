/**
 * `statechat conform`: judges any server of this protocol.
 *
 * Owns: the options, where reports go, and the exit code: 0 if everything passed, 1 if something failed, 2 if the server
 * could not be tested. Next: `../conform/runSuites.ts`.
 */
import { writeFileSync } from 'node:fs';
import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import type { Stage } from '../conform/checks/check.ts';
import { parseAddress, parseClass } from '../conform/classList.ts';
import { type SuiteName, suiteNames, usualSuites } from '../conform/dialogues.ts';
import { inferDialect } from '../conform/inferDialect.ts';
import { isGood, type Judgement } from '../conform/judgement.ts';
import { type ClassRow, classroomOf, classTableOf, gradescopeOf } from '../conform/reports/graders.ts';
import { htmlOf } from '../conform/reports/html.ts';
import { jsonOf } from '../conform/reports/json.ts';
import { junitOf } from '../conform/reports/junit.ts';
import { textOf } from '../conform/reports/text.ts';
import { type RunOptions, runSuites } from '../conform/runSuites.ts';
import { ServerProcess } from '../conform/serverProcess.ts';
import type { Target } from '../conform/testClient.ts';
import { readDialect } from '../protocol/dialect.ts';
import { readSetupFile, SetupError } from '../runtime/operatorError.ts';
import { version } from '../runtime/version.ts';
import { createCommand, examples } from './command.ts';

interface Options {
  stage?: Stage;
  suite?: SuiteName[];
  dialect: string;
  run?: string;
  also?: { host: string; port: number };
  timeout: number;
  connections: number;
  learn?: string;
  class?: string;
  report?: string;
  json?: string;
  junit?: string;
  gradescope?: string;
  classroom?: string;
}

/** What is played with a stage: the last exercise is the statechart. */
const stageSuites: Record<Stage, readonly SuiteName[]> = { 1: [], 2: [], 3: [], 4: [], 5: ['branches', 'pairs'] };

export async function run(args: string[]): Promise<void> {
  const command = options().parse(args, { from: 'user' });
  const [server] = command.processedArgs as [{ host: string; port: number }];
  const given = command.opts<Options>();
  const target = { ...server, timeoutMs: given.timeout * 1000, also: given.also };
  let own: ServerProcess | undefined;
  const stop = (): void => void own?.stop().finally(() => process.exit(2));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    if (given.run !== undefined) {
      own = await ServerProcess.start(given.run);
      Object.assign(target, { host: '127.0.0.1', port: own.port });
    }
    if (given.learn !== undefined) await learn(target, given.learn);
    else if (given.class !== undefined) await judgeClass(target, given.class, given);
    else await judge(target, given, own);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`statechat: ${error.message}`);
    process.exitCode = 2;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await own?.stop();
  }
}

function options(): Command {
  return createCommand('statechat conform', 'statechat')
    .description(
      'Judges a server of this protocol: checks of every rule, and dialogues that were generated from the statechart.',
    )
    .addArgument(
      new Argument('[server]', 'HOST:PORT')
        .argParser(parseServer)
        .default({ host: '127.0.0.1', port: 65_432 }, '127.0.0.1:65432'),
    )
    .option('--stage <n>', 'only exercise 1 to n of docs/course.md, up to the first failure', parseStage)
    .option('--run <command>', "start the server, and end it: 'python3 server.py {port}'")
    .option('--dialect <name>', 'how it words things: statechat, original, or a file', 'statechat')
    .option('--learn <file>', 'write a dialect for it, after a short dialogue, instead of judging it')
    .addOption(
      new Option('--suite <names>', `which dialogues, separated by commas (default: ${usualSuites.join()})`).argParser(
        parseSuites,
      ),
    )
    .option('--also <server>', 'connect every second person there: two servers with the same users', parseServer)
    .option('--timeout <seconds>', 'how long it may take for an answer', positive(0.05, 60), 1)
    .option('--connections <n>', 'at most so many at once', positive(2, 1000), 16)
    .option('--report <file>', 'write a page')
    .option('--json <file>', 'write everything as JSON')
    .option('--junit <file>', "write JUnit's XML")
    .option('--gradescope <file>', 'write results.json for Gradescope')
    .option('--classroom <file>', 'write a classroom50/result/v1 for Classroom 50')
    .option('--class <file>', 'judge a server on each line (HOST:PORT and a name): one table')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText(
      'after',
      `\nEach check and each dialogue has connections and ids of its own. No more than
--connections are open at once. One check sends up to 16 MB to see whether one
slow reader stops the others.

Exit code: 0 all passed, 1 something failed, 2 the server could not be tested.`,
    )
    .addHelpText(
      'after',
      examples(
        'statechat conform',
        "statechat conform --stage 2 --run 'python3 server.py {port}'",
        'statechat conform 127.0.0.1:5000 --learn mine.json',
        'statechat conform 127.0.0.1:5000 --dialect mine.json --report report.html',
      ),
    );
}

async function learn(target: Target, file: string): Promise<void> {
  const { text, notes, notHeard } = await inferDialect(target, (what) => console.error(`listening: ${what}`));
  write(file, text);
  const rest = notHeard.length === 0 ? [] : [`Not heard, and left as in docs/protocol.md: ${notHeard.join(', ')}.`];
  console.log([...notes, ...rest, `Written to ${file}: check it before you use it.`].join('\n'));
}

async function judge(target: Target, options: Options, own: ServerProcess | undefined): Promise<void> {
  const judgement = await runSuites({ ...runOptions(target, options), ...(own && { revive: () => own.revive() }) });
  showProgress();
  process.stdout.write(textOf(judgement));
  writeReports(judgement, options);
  if (own !== undefined && !isGood(judgement) && own.stderr !== '')
    console.error(`\nThe server wrote to its standard error:\n${own.stderr}`);
  if (own !== undefined && own.restarts > 0)
    console.error(`It ended by itself and was started again: ${own.restarts} times.`);
  process.exitCode = judgement.refusal !== undefined ? 2 : isGood(judgement) ? 0 : 1;
}

async function judgeClass(target: Target, file: string, options: Options): Promise<void> {
  const rows: ClassRow[] = [];
  for (const { name, host, port } of parseClass(readSetupFile(file), file)) {
    rows.push({ name, judgement: await runSuites(runOptions({ ...target, host, port }, options)) });
    showProgress();
  }
  process.stdout.write(classTableOf(rows));
  process.exitCode = rows.every(({ judgement }) => isGood(judgement)) ? 0 : 1;
}

function runOptions(target: Target, { stage, suite, dialect, connections }: Options): RunOptions {
  const suites = suite ?? (stage === undefined ? usualSuites : stageSuites[stage]);
  return { target, dialect: readDialect(dialect), suites, stage, connections, onProgress: showProgress };
}

/** One row that is overwritten, on a terminal; without arguments it goes away. */
function showProgress(what?: string, done = 0, of = 0, failed = 0): void {
  if (!process.stderr.isTTY) return;
  const text = what === undefined ? '' : `${what}: ${done} of ${of}${failed > 0 ? `, ${failed} failed` : ''}`;
  process.stderr.write(`\r\x1b[K${text}`);
}

function writeReports(judgement: Judgement, options: Options): void {
  const forms = { report: htmlOf, json: jsonOf, junit: junitOf, gradescope: gradescopeOf, classroom: classroomOf };
  for (const [name, form] of Object.entries(forms)) {
    const file = options[name as keyof typeof forms];
    if (file !== undefined) write(file, form(judgement));
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new SetupError(`${file} can't be written: ${(error as Error).message}.`);
  }
}

function parseServer(text: string): { host: string; port: number } {
  const address = parseAddress(text);
  if (address === undefined) throw new InvalidArgumentError('It has to be HOST:PORT, or PORT.');
  return address;
}

function parseStage(text: string): Stage {
  if (!/^[1-5]$/.test(text)) throw new InvalidArgumentError('It is a number from 1 to 5.');
  return Number(text) as Stage;
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
