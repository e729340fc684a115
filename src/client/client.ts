/**
 * The client, put together.
 *
 * Owns: which part carries out which action of the chart, and which event each part's news becomes.
 * Decides nothing; what happens when is in `machines/client.ts`. The server's text goes from the connection straight to
 * the console, past the chart.
 */
import { createActor, toPromise } from 'xstate';
import { clientMachine } from '../../machines/client.ts';
import { Connection } from './connection.ts';
import { type Console, isFullTerminal, type Streams } from './console.ts';
import { noticeText } from './notices.ts';
import type { ClientOptions } from './options.ts';
import { PipeConsole } from './pipeConsole.ts';
import { TerminalConsole } from './terminalConsole.ts';

/** Runs until the connection is over or the person leaves; resolves with the exit code. */
export async function runClient(options: ClientOptions, streams: Streams): Promise<number> {
  const { id = '', ...address } = options;
  const console: Console = isFullTerminal(streams) ? new TerminalConsole(streams) : new PipeConsole(streams);
  let connection: Connection | undefined;

  const machine = clientMachine.provide({
    actions: {
      openSocket: () => {
        connection = openConnection();
      },
      closeSocket: () => connection?.close(),
      endSocket: () => connection?.end(),
      sendInput: ({ event }) => {
        if (event.type === 'input.received' && connection?.send(event.data) === false) console.holdInput();
      },
      sendId: () => {
        console.echo(id);
        connection?.send(`${id}\n`);
      },
      startInput: () =>
        console.start({
          input: (data) => actor.send({ type: 'input.received', data }),
          inputEnded: () => actor.send({ type: 'input.ended' }),
          interrupted: interrupt,
        }),
      say: ({ context }, { notice }) => console.note(noticeText(notice, { ...address, ...context })),
      closeConsole: () => console.close(),
    },
  });
  const actor = createActor(machine, { input: { interactive: streams.stdin.isTTY === true, hasId: id !== '' } });

  function openConnection(): Connection {
    let hasGreeted = false;
    return new Connection(address, {
      connected: () => actor.send({ type: 'socket.connected' }),
      text: (text) => {
        console.print(text);
        if (hasGreeted) return;
        hasGreeted = true;
        actor.send({ type: 'server.greeted' });
      },
      drained: () => console.releaseInput(),
      closed: (farewell) => {
        console.finishText();
        actor.send({ type: 'socket.closed', farewell });
      },
      failed: (code) => {
        console.finishText();
        actor.send({ type: 'socket.failed', code });
      },
    });
  }

  function interrupt(): void {
    actor.send({ type: 'user.interrupted' });
  }

  // While readline reads keys, Ctrl-C comes from it; at all other times, and from `kill -INT`, as the signal.
  process.on('SIGINT', interrupt);
  streams.stdout.on('error', () => actor.send({ type: 'output.closed' }));
  try {
    actor.start();
    return (await toPromise(actor)).exitCode;
  } finally {
    process.off('SIGINT', interrupt);
  }
}
