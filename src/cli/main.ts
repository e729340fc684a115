#!/usr/bin/env node
/**
 * The program `statechat`: which subcommands it has. Each is a file beside this one and its line here; that file is
 * loaded when it is called, and reads its own arguments.
 *
 * Owns: the list, the help about it, and what happens without a subcommand. Next: `./serve.ts`.
 * Without a subcommand: decision 16, docs/decisions/0016-statechat-without-a-subcommand-fails.md.
 */
import { version } from '../runtime/version.ts';
import { createCommand, examples } from './command.ts';
import { hearHarmlessSignals } from './orders.ts';

hearHarmlessSignals();

interface Subcommand {
  name: string;
  summary: string;
  load: () => Promise<{ run(args: string[]): void | Promise<void> }>;
}

const subcommands: readonly Subcommand[] = [
  { name: 'serve', summary: 'run the server', load: () => import('./serve.ts') },
  {
    name: 'connect',
    summary: 'chat from this terminal, or from a script',
    load: () => import('./connect.ts'),
  },
  { name: 'admin', summary: 'look at a server that runs, and act there', load: () => import('./admin.ts') },
  { name: 'password', summary: 'make a line for the password file', load: () => import('./password.ts') },
  { name: 'name', summary: 'make a line for the file of names', load: () => import('./name.ts') },
  { name: 'conform', summary: 'judge a server of this protocol', load: () => import('./conform.ts') },
  { name: 'diagrams', summary: 'write the pictures of the charts', load: () => import('./diagrams.ts') },
];

const program = createCommand('statechat', 'statechat')
  .description('A text chat server over TCP whose dialogue is an XState statechart, and a client for it.')
  .version(version, '-V, --version', 'print the version')
  .helpOption('-h, --help', 'print this help')
  .helpCommand(false)
  .usage('[options] [subcommand]')
  .configureHelp({ subcommandTerm: (command) => command.name() })
  .enablePositionalOptions()
  .addHelpText(
    'after',
    examples('statechat serve --port 7000', 'statechat connect 127.0.0.1 7000', 'statechat help serve'),
  );

for (const { name, summary, load } of subcommands) {
  program
    .command(name)
    .description(summary)
    .usage('[options]')
    .argument('[arguments...]')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: string[]) => (await load()).run(args));
}
program
  .command('help')
  .description('explain a subcommand')
  .argument('[subcommand]')
  .action(async (name?: string) => {
    if (name === undefined) return program.help();
    const isThere = subcommands.some((each) => each.name === name);
    await program.parseAsync(isThere ? [name, '--help'] : [name], { from: 'user' });
  });

// Without a subcommand commander prints the help on standard error, with exit code 1: nothing was done, and a script has to notice.
await program.parseAsync(process.argv.slice(2), { from: 'user' });
