/**
 * A client in a terminal, connected to a server that says what the test wants.
 *
 * Owns: how a test brings a client to the server's prompt, and that both end with the test.
 */
import { onTestFinished } from 'vitest';
import { clientCommand } from './runClient.ts';
import { ScriptedServer, type ServedConnection } from './scriptedServer.ts';
import { Terminal, type TerminalOptions } from './terminal.ts';
import { idPrompt, targetPrompt } from './wireTexts.ts';

export interface ConnectedClient {
  server: ScriptedServer;
  connection: ServedConnection;
  terminal: Terminal;
}

/** Starts a client and brings it to the server's first prompt; with arguments, to the prompt for an id. */
export async function connectClient(options: TerminalOptions = {}, ...args: string[]): Promise<ConnectedClient> {
  const server = await ScriptedServer.listen();
  onTestFinished(() => server.close());
  const terminal = await Terminal.start(clientCommand('127.0.0.1', server.port, ...args), options);
  const connection = await server.accept();
  // A row above the prompt: tmux moves what is erased on the very first row into the scrollback.
  connection.say(`Hello.\n${args.length > 0 ? idPrompt : targetPrompt}`);
  await terminal.expectScreen(args.length > 0 ? /Enter your user ID: \w/ : /Enter user ID:/);
  return { server, connection, terminal };
}
