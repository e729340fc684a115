/**
 * A real dialogue on the loopback interface, captured with tshark and read back with the dissector in
 * `tools/wireshark/`.
 *
 * Owns: the dialogue, the capture, and what it keeps of each segment. The server runs in this process, so its charts
 * show which transitions each line causes.
 * Next: `page.ts` (the page), `write.ts` (`npm run traffic`).
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { AnyActor, AnyStateMachine } from 'xstate';
import { transitionIdsOf } from '../../src/chart/graph.ts';
import { startServer } from '../../src/server/server.ts';

export interface Segment {
  /** `lior`, `golan` or `server`. */
  from: string;
  to: string;
  /** The flags that are set, of SYN, ACK, PSH, FIN and RST. */
  flags: string[];
  /** Bytes of payload. */
  length: number;
  payload: string;
  kind: string;
  state: string;
  /** Transitions of the session chart that this segment has caused, in any session. */
  edges: string[];
}

type Step = [who: 'lior' | 'golan', line: string | 'connects' | 'hangs up'];

/** The example of the protocol's page: two users meet, chat, and leave. */
const dialogue: readonly Step[] = [
  ['lior', 'connects'],
  ['lior', 'lior'],
  ['golan', 'connects'],
  ['golan', 'golan'],
  ['lior', '1'],
  ['lior', 'golan'],
  ['golan', 'y'],
  ['lior', 'hey how are u?'],
  ['golan', 'fine, and you?'],
  ['golan', 'exit()'],
  ['lior', '2'],
  ['golan', 'hangs up'],
];

/** A step of the dialogue, and what it has caused. */
interface Cause {
  who: string;
  edges: string[];
}

const settleMs = 120;

/** Resolves with the segments. Needs tshark, and the right to capture. */
export async function captureTraffic(): Promise<Segment[]> {
  const folder = mkdtempSync(join(tmpdir(), 'statechat-traffic-'));
  const file = join(folder, 'dialogue.pcapng');
  const server = await startServer({ port: 0, keepAliveMs: 0 });
  const edges: string[] = [];
  const ids = new Map<AnyStateMachine, ReturnType<typeof transitionIdsOf>>();
  server.lobby.actor.system.inspect((inspected) => {
    if (inspected.type !== '@xstate.microstep' || inspected.actorRef === server.lobby.actor) return;
    const { logic } = inspected.actorRef as AnyActor & { logic: AnyStateMachine };
    const known = ids.get(logic) ?? transitionIdsOf(logic);
    ids.set(logic, known);
    for (const each of inspected._transitions ?? []) edges.push(known.get(each) ?? '');
  });
  const tshark = await beginCapture(server.port, file);
  const sockets = new Map<string, Socket>();
  const names = new Map<number, string>();
  const causes: Cause[] = [];
  try {
    for (const [who, what] of dialogue) {
      edges.length = 0;
      if (what === 'connects') {
        const socket = connect({ port: server.port, host: '127.0.0.1', noDelay: true }).resume();
        await once(socket, 'connect');
        sockets.set(who, socket);
        names.set(socket.localPort as number, who);
      } else if (what === 'hangs up') sockets.get(who)?.end();
      else sockets.get(who)?.write(`${what}\n`);
      // In this time nothing else happens, so that delayed ACKs are sent alone.
      await sleep(settleMs);
      causes.push({ who, edges: [...edges] });
    }
    await endCapture(tshark);
    return segmentsOf(file, server.port, names, causes);
  } finally {
    tshark.kill('SIGKILL');
    for (const socket of sockets.values()) socket.destroy();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function beginCapture(port: number, file: string): Promise<ChildProcess> {
  const args = ['-q', '-i', 'lo', '-f', `tcp port ${port}`, '-w', file];
  const tshark = spawn('tshark', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  tshark.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  // tshark says that it captures a little before it does. The file appears when it does.
  const deadline = performance.now() + 15_000;
  while (!(existsSync(file) && statSync(file).size > 0)) {
    if (tshark.exitCode !== null || performance.now() > deadline) throw new Error(`tshark captures nothing: ${said}`);
    await sleep(50);
  }
  await sleep(300);
  return tshark;
}

async function endCapture(tshark: ChildProcess): Promise<void> {
  await sleep(500);
  tshark.kill('SIGINT');
  await once(tshark, 'exit');
}

const wanted = [
  'tcp.srcport',
  'tcp.dstport',
  'tcp.flags',
  'tcp.len',
  'tcp.payload',
  'statechat.kind',
  'statechat.state',
];
const flagNames: [bit: number, name: string][] = [
  [0x02, 'SYN'],
  [0x01, 'FIN'],
  [0x04, 'RST'],
  [0x08, 'PSH'],
  [0x10, 'ACK'],
];

function segmentsOf(file: string, port: number, names: Map<number, string>, causes: readonly Cause[]): Segment[] {
  const dissector = fileURLToPath(new URL('../wireshark/statechat.lua', import.meta.url));
  const args = ['-r', file, '-X', `lua_script:${dissector}`, '-o', `statechat.port:${port}`, '-T', 'fields'];
  const rows = execFileSync('tshark', [...args, ...wanted.flatMap((field) => ['-e', field])], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const left = [...causes];
  return rows
    .trimEnd()
    .split('\n')
    .map((row) => {
      const [source = '', target = '', flags = '', length = '', payload = '', kind = '', state = ''] = row.split('\t');
      const set = flagNames.filter(([bit]) => (Number(flags) & bit) !== 0).map(([, name]) => name);
      const nameOf = (at: string): string => (Number(at) === port ? 'server' : (names.get(Number(at)) ?? at));
      // Each step of the dialogue is one segment of a client: its SYN, a line, or its FIN after the server's.
      const isStep =
        nameOf(source) !== 'server' && (Number(length) > 0 || (set.includes('SYN') && !set.includes('ACK')));
      const isHangUp = set.includes('FIN') && nameOf(source) === left[0]?.who;
      return {
        ...{ from: nameOf(source), to: nameOf(target), flags: set, length: Number(length), kind, state },
        payload: Buffer.from(payload, 'hex').toString('utf8'),
        edges: isStep || isHangUp ? (left.shift()?.edges ?? []) : [],
      };
    });
}
