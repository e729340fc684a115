/**
 * The client, put together.
 *
 * Owns: which part carries out which action of the chart, and which event each part's events become.
 * Decides nothing; what happens when is in `machines/client.machine.ts`. The server's text goes from the connection straight to
 * the console, past the chart.
 */
import { createActor, toPromise } from 'xstate';
import { clientMachine } from '../../machines/client.machine.ts';
import type { ClientOptions } from '../cli/clientOptions.ts';
import { Connection } from './connection.ts';
import { type Console, isFullTerminal, type Streams } from './console.ts';
import { Follower } from './dialogueTracker.ts';
import { Looks } from './lineStyler.ts';
import { noticeText } from './notices.ts';
import { KeptInput } from './pendingInput.ts';
import { PipeConsole } from './pipeConsole.ts';
import { TerminalConsole } from './terminalConsole.ts';

/** Runs until the connection is over or the person leaves; resolves with the exit code. */
export async function runClient(options: ClientOptions, streams: Streams): Promise<number> {
  const { id = '', times = false, bell = true, ...address } = options;
  let connection: Connection | undefined;
  let follower = new Follower();
  const kept = new KeptInput();
  const console = isFullTerminal(streams) ? terminalConsole() : new PipeConsole(streams);

  const machine = clientMachine.provide({
    guards: { hasKeptLine: () => kept.hasLine },
    actions: {
      openSocket: () => {
        connection = openConnection();
      },
      closeSocket: () => connection?.close(),
      endSocket: () => connection?.end(),
      sendInput: ({ event }) => {
        if (event.type === 'input.received') send(event.data);
      },
      sendId: ({ context }) => {
        console.echo(context.id);
        send(`${context.id}\n`);
      },
      keepInput: ({ event }) => {
        if (event.type === 'input.received') kept.add(event.data);
        if (kept.needsDrain) console.holdInput();
      },
      sendKeptLine: () => send(kept.takeLine()),
      sendKept: () => {
        console.releaseInput();
        send(kept.takeAll());
      },
      dropKept: () => void kept.takeAll(),
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
  const actor = createActor(machine, { input: { interactive: streams.stdin.isTTY === true, id, pace: Math.random() } });

  function terminalConsole(): Console {
    const { stdout } = streams;
    const colours = process.env.NO_COLOR || !stdout.hasColors(16) ? 0 : stdout.hasColors(256) ? 256 : 16;
    return new TerminalConsole(streams, new Looks({ colours, hasTimes: times, hasBell: bell }), {
      get id() {
        return follower.id;
      },
      get asksForPassword() {
        return follower.asksForPassword;
      },
      get isTalking() {
        return follower.isTalking;
      },
      completions: (beginning) => follower.completions(beginning),
    });
  }

  function send(data: string | Uint8Array): void {
    if (data.length === 0) return;
    for (const line of Buffer.from(data as string)
      .toString()
      .replace(/\n$/, '')
      .split('\n'))
      follower.typed(line);
    if (connection?.send(data) === false) console.holdInput();
  }

  function openConnection(): Connection {
    let hasGreeted = false;
    follower = new Follower();
    return new Connection(address, {
      connected: () => actor.send({ type: 'socket.connected' }),
      text: (text) => {
        // Known before it is shown, since what is typed may have to be hidden; acted on when it has been.
        const events = follower.hear(text);
        console.print(text);
        if (!hasGreeted) actor.send({ type: 'server.greeted' });
        hasGreeted = true;
        for (const each of events) actor.send(each);
      },
      drained: () => console.releaseInput(),
      closed: (farewell) => {
        console.finishText();
        actor.send({ type: 'socket.closed', farewell });
      },
      failed: (code) => {
        follower = new Follower();
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
