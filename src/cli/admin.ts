/**
 * `statechat admin`: what an operator types to a server that runs.
 *
 * Owns: its arguments, where the answer goes, and exit codes. What may be asked for, and whether it can be done, the
 * server says. Next: `../operator/adminClient.ts`, `../operator/requests.ts`.
 */
import { userInfo } from 'node:os';
import { type Command, Option } from 'commander';
import { ask } from '../operator/adminClient.ts';
import { shownAnswer } from '../operator/answers.ts';
import type { Request } from '../operator/requests.ts';
import { version } from '../runtime/version.ts';
import { createCommand, examples } from './command.ts';

interface Options {
  socket?: string;
  json?: boolean;
}

export async function run(args: string[]): Promise<void> {
  const program = createAdminCommand((request) => send(program, request));
  await program.parseAsync(args, { from: 'user' });
}

/** `send` is called with what was asked for. */
export function createAdminCommand(send: (request: Request) => Promise<void>): Command {
  const program = createCommand('statechat admin', 'statechat admin')
    .description('Looks at a server that runs, and acts there: through the socket of its --admin-socket.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .usage('--socket PATH COMMAND')
    .addOption(new Option('-s, --socket <path>', 'the socket of the server').env('STATECHAT_ADMIN_SOCKET'))
    .option('--json', 'answer with one line of JSON, for programs')
    .addHelpText(
      'after',
      examples(
        'statechat admin --socket /run/statechat/admin.sock who',
        "statechat admin kick mallory --reason 'no insults'",
        'statechat admin ban 198.51.100.0/24 --for 1h',
      ),
    );
  addCommands(program, send);
  return program;
}

/** Each is one request. */
function addCommands(program: Command, send: (request: Request) => Promise<void>): void {
  const reason = ['--reason <text>', 'what the people who are removed read'] as const;
  program
    .command('who')
    .description('who is connected: id, state, partner, address, for how long, idle for how long')
    .action(() => send({ do: 'who' }));
  program
    .command('kick <id>')
    .description('remove a user')
    .option(...reason)
    .action((id: string, options: { reason?: string }) => send({ do: 'kick', id, ...options }));
  program
    .command('ban <id|address[/bits]>')
    .description('remove whoever it is about, and let them not in again')
    .option('--for <time>', 'how long: 30s, 10m, 1h, 7d; without it until it is taken back')
    .option(...reason)
    .action((target: string, options: { for?: string; reason?: string }) => send({ do: 'ban', target, ...options }));
  program
    .command('bans')
    .description('who is banned, until when, why, and who said so')
    .action(() => send({ do: 'bans' }));
  program
    .command('unban <id|address[/bits]>')
    .description('take a ban back')
    .action((target: string) => send({ do: 'unban', target }));
  program
    .command('say <text...>')
    .description('tell everybody something')
    .action((words: string[]) => send({ do: 'say', text: words.join(' ') }));
  program
    .command('lockdown <on|off>')
    .description('let nobody new in; those inside go on')
    .action((state: string) => {
      if (state !== 'on' && state !== 'off') program.error(`error: a lockdown is on or off, and not '${state}'.`);
      return send({ do: 'lockdown', on: state === 'on' });
    });
  program
    .command('drain')
    .description('tell everybody that the server ends, let nobody new in, and end when the last has left')
    .option('--for <time>', 'at the latest then (default: 10m)')
    .action((options: { for?: string }) => send({ do: 'drain', ...options }));
  program
    .command('upgrade')
    .description('hand everybody over to a new process: what is installed now, with the same options')
    .action(() => send({ do: 'upgrade' }));
  program
    .command('limits')
    .description('which limits were reached, and by whom')
    .action(() => send({ do: 'limits' }));
}

async function send(program: Command, request: Request): Promise<void> {
  const { socket, json } = program.opts<Options>();
  if (socket === undefined || socket === '') {
    program.error(
      'error: which server? --socket PATH, or STATECHAT_ADMIN_SOCKET in the environment, names its socket.',
    );
  }
  const answer = await ask(socket, { ...request, by: nameOfUser() });
  if (json) console.log(JSON.stringify(answer));
  else if (answer.ok) console.log(shownAnswer(answer));
  else console.error(`statechat admin: ${shownAnswer(answer)}`);
  if (!answer.ok) process.exitCode = 1;
}

/** For the server's log: `anna (uid 1000)`, behind sudo also who has called it. */
function nameOfUser(): string {
  const { uid, username } = userOrNobody();
  const { SUDO_USER: caller } = process.env;
  return `${username} (uid ${uid}${caller === undefined ? '' : `, by sudo from ${caller}`})`;
}

/** In a container the user may have no name. */
function userOrNobody(): { uid: number; username: string } {
  try {
    return userInfo();
  } catch {
    const uid = process.getuid?.() ?? -1;
    return { uid, username: String(uid) };
  }
}
