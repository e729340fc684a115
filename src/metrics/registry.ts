/**
 * The metrics, in one table: a row says a metric's name, meaning, label and where its values come from.
 *
 * Owns: which metrics there are. They are read when somebody asks for them: what isn't counted anyway costs nothing until then.
 * docs/operations.md explains each. To add one: its row here and there. Next: `../chat/counters.ts` (what is counted).
 */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Registry } from 'prom-client';
import type { UserState } from '../../machines/events.ts';
import type { Counters } from '../chat/counters.ts';
import type { Lobby } from '../chat/lobby.ts';
import { type CountedLimit, noneReached } from '../config/limits.ts';
import { standardError } from '../runtime/outputWriter.ts';
import { version } from '../runtime/version.ts';
import type { Wire } from '../transport/connection.ts';
import type { SendBudget } from '../transport/sendBudget.ts';

/**
 * `no directory`: the directory that several servers share can't be used; behind it the state and the reason. `lockdown`,
 * `emptying`: the operator's will.
 */
export type Readiness = 'ready' | 'stopping' | 'lockdown' | 'emptying' | `no directory: ${string}`;

/** How a server stands to the directory that it shares with others. */
interface DirectoryLink {
  readonly state: string;
  /** Since the lease was renewed last. */
  readonly leaseAgeMs: number;
  /** Batches that our inbox hasn't shown. */
  readonly batchesWaiting: number;
  /** Entries of our inbox that we had not read at the latest renewal. */
  readonly inboxLength: number;
  /** True while others can send us lines past the directory. */
  readonly hearsLines: boolean;
  /** To how many processes lines go past the directory, and to how many through it. */
  readonly lineWays: Readonly<Record<'quick' | 'slow', number>>;
  /** Messages with lines that others have not read. */
  readonly linesWaiting: number;
  readonly calls: number;
  /** The time that all calls took together. */
  readonly callMs: number;
}

/** What the metrics tell of. */
export interface Watched {
  lobby: Lobby;
  counters: Counters;
  sockets: ReadonlySet<Pick<Wire, 'bytesRead' | 'bytesWritten'>>;
  total: SendBudget;
  /** What may wait in all send queues, in bytes. */
  outboxTotalBytes: number;
  limitsReached: ReadonlyMap<CountedLimit, number>;
  /** The connections that are let in at once. */
  maxConnections: number;
  /** Whether new users can be served, and if not, why. */
  readiness(): Readiness;
  /** Undefined if no directory is shared. */
  link: DirectoryLink | undefined;
}

type Values = Readonly<Record<string, number>>;

type Row = { name: string; help: string; counts?: true } & (
  | { read(): number }
  | { label: string; read(): Values }
  | { labels: readonly string[]; read(): readonly { labels: Readonly<Record<string, string>>; value: number }[] }
);

/** How often the event loop is looked at, in ms. */
const delayResolutionMs = 20;

/** `close` ends what had to be started for it. */
export function createRegistry(watched: Watched): { registry: Registry; close(): void } {
  const registry = new Registry();
  const delays = monitorEventLoopDelay({ resolution: delayResolutionMs });
  delays.enable();
  for (const row of [...serverRows(watched), ...trafficRows(watched), ...linkRows(watched), loopRow(delays)])
    register({ ...row, name: `statechat_${row.name}` }, registry);
  for (const row of processRows) register(row, registry);
  return { registry, close: () => void delays.disable() };
}

/** The server, its connections and their limits. */
function serverRows(watched: Watched): readonly Row[] {
  const { lobby, counters, sockets, limitsReached } = watched;
  const reached = (): Values => ({ ...noneReached(), ...Object.fromEntries(limitsReached) });
  return [
    {
      name: 'info',
      help: 'Always 1; the labels say which statechat and which Node.',
      labels: ['version', 'node'],
      read: () => [{ labels: { version, node: process.version }, value: 1 }],
    },
    {
      name: 'ready',
      help: '1 while new users can be served; 0 while the server stops, and while the shared directory does not answer.',
      read: () => Number(watched.readiness() === 'ready'),
    },
    {
      name: 'connections',
      help: 'Connections open now, by the state of their person.',
      label: 'state',
      read: () => connectionsByState(lobby, sockets.size),
    },
    { name: 'connections_limit', help: 'Connections that are let in at once.', read: () => watched.maxConnections },
    {
      name: 'online_ids',
      help: 'Ids in use now, of the users of this server.',
      read: () => identifiedAt(lobby).length,
    },
    {
      name: 'connections_accepted_total',
      help: 'Connections that came, those that were refused included.',
      counts: true,
      read: () => counters.accepted,
    },
    {
      name: 'sessions_ended_total',
      help: 'Sessions that ended, by reason.',
      counts: true,
      label: 'reason',
      read: () => counters.endings,
    },
    {
      name: 'limits_reached_total',
      help: 'How often each limit was reached.',
      counts: true,
      label: 'limit',
      read: reached,
    },
    {
      name: 'turned_away_total',
      help: 'Connections that were let not in, by reason.',
      counts: true,
      label: 'reason',
      read: () => counters.turnedAway,
    },
    {
      name: 'operator_acts_total',
      help: 'What operators did.',
      counts: true,
      label: 'act',
      read: () => counters.acts,
    },
    {
      name: 'log_lines_lost_total',
      help: 'Lines of the log that were lost because standard error took none for too long.',
      counts: true,
      read: () => standardError.lostLines,
    },
  ];
}

/** What users send and read, and what the lobby decides. */
function trafficRows({ counters, sockets, total, outboxTotalBytes }: Watched): readonly Row[] {
  const received = rising(() => sumOf(sockets, 'bytesRead') + counters.bytesReceived);
  const sent = rising(() => sumOf(sockets, 'bytesWritten') + counters.bytesSent);
  return [
    {
      name: 'lines_received_total',
      help: 'Lines that people sent: answers to the dialogue, private chat, common room, refused ones.',
      counts: true,
      label: 'kind',
      read: () => counters.lines,
    },
    {
      name: 'lines_delivered_total',
      help: 'Chat lines handed on; one to the room counts once for each reader.',
      counts: true,
      label: 'kind',
      read: () => counters.delivered,
    },
    { name: 'received_bytes_total', help: 'Bytes that came from people.', counts: true, read: received },
    { name: 'sent_bytes_total', help: 'Bytes that were sent to people.', counts: true, read: sent },
    { name: 'outbox_waiting_bytes', help: 'Bytes that wait for slow readers now.', read: () => total.bytes },
    {
      name: 'outbox_limit_bytes',
      help: 'Bytes that may wait for all slow readers together.',
      read: () => outboxTotalBytes,
    },
    {
      name: 'commands_total',
      help: 'What sessions asked the directory to decide.',
      counts: true,
      label: 'command',
      read: () => counters.commands,
    },
    {
      name: 'session_updates_total',
      help: 'Verdicts and updates that the lobby sent to sessions.',
      counts: true,
      label: 'update',
      read: () => counters.updates as Values,
    },
    {
      name: 'requests_refused_total',
      help: 'Chat requests that reached nobody, by reason.',
      counts: true,
      label: 'reason',
      read: () => counters.refusals,
    },
  ];
}

/** The directory that several servers share; nothing, or 0, without one. */
function linkRows({ link }: Watched): readonly Row[] {
  return [
    {
      name: 'cluster_state',
      help: 'How the server stands to the shared directory; 1 for the state it is in.',
      label: 'state',
      read: () => (link === undefined ? {} : { [link.state]: 1 }),
    },
    {
      name: 'cluster_lease_age_seconds',
      help: 'Time since the shared directory has renewed the lease.',
      read: () => (link?.leaseAgeMs ?? 0) / 1000,
    },
    {
      name: 'cluster_batches_waiting',
      help: 'Batches of commands and lines that the inbox has not shown yet.',
      read: () => link?.batchesWaiting ?? 0,
    },
    {
      name: 'cluster_inbox_entries',
      help: 'Entries of the inbox that were not read at the latest renewal of the lease.',
      read: () => link?.inboxLength ?? 0,
    },
    {
      name: 'cluster_line_ways',
      help: 'To how many other servers lines of private chats go past the directory (quick) or through it (slow).',
      label: 'way',
      read: () => (link === undefined ? {} : { ...link.lineWays }),
    },
    {
      name: 'cluster_hears_lines',
      help: '1 while other servers can send lines past the directory to this one.',
      read: () => Number(link?.hearsLines ?? false),
    },
    {
      name: 'cluster_line_messages_waiting',
      help: 'Messages with lines that other servers have not read yet, as far as is known.',
      read: () => link?.linesWaiting ?? 0,
    },
    {
      name: 'cluster_calls_total',
      help: 'Calls to the shared directory that were answered.',
      counts: true,
      read: () => link?.calls ?? 0,
    },
    {
      name: 'cluster_call_seconds_total',
      help: 'Time that these calls took together.',
      counts: true,
      read: () => (link?.callMs ?? 0) / 1000,
    },
  ];
}

/**
 * The process, by the names that other programs on Node have too, so that ready-made dashboards find them. They aren't
 * prom-client's own collection: that one reads a connection's handle and its open file at every scrape, which stopped the chat
 * for 26 to 250 ms at 8,000 sockets, and what it starts can't be stopped with the server.
 */
const processRows: readonly Row[] = [
  {
    name: 'process_resident_memory_bytes',
    help: 'Memory of the process that is in RAM.',
    read: () => process.memoryUsage.rss(),
  },
  {
    name: 'nodejs_heap_size_used_bytes',
    help: 'Memory in use by JavaScript objects.',
    read: () => process.memoryUsage().heapUsed,
  },
  {
    name: 'process_cpu_user_seconds_total',
    help: 'CPU time of the process in its own code.',
    counts: true,
    read: () => process.cpuUsage().user / 1e6,
  },
  {
    name: 'process_cpu_system_seconds_total',
    help: 'CPU time of the process in the system.',
    counts: true,
    read: () => process.cpuUsage().system / 1e6,
  },
  {
    name: 'process_cpu_seconds_total',
    help: 'CPU time of the process, both together.',
    counts: true,
    read: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
  },
  {
    name: 'process_start_time_seconds',
    help: 'When the process began, in seconds since 1970.',
    read: () => performance.timeOrigin / 1000,
  },
];

function loopRow(delays: ReturnType<typeof monitorEventLoopDelay>): Row {
  return {
    name: 'event_loop_delay_seconds',
    help: 'How late the event loop was since the metrics were read last; quantile 1 is the longest delay.',
    label: 'quantile',
    read: () => delaysSinceLast(delays),
  };
}

/** Whoever has no session any more, or never had one, reads their last words: `closing`. */
function connectionsByState(lobby: Lobby, connections: number): Values {
  const counts: Record<UserState, number> = {
    ...{ menu: 0, requesting: 0, confirming: 0, chatting: 0, away: 0, commonRoom: 0 },
  };
  const identified = identifiedAt(lobby);
  for (const state of identified) counts[state]++;
  const identifying = lobby.sessions.size - identified.length;
  return { identifying, ...counts, closing: Math.max(0, connections - lobby.sessions.size) };
}

/** The states of the users of this server who have an id. The directory may know users of other servers too. */
function identifiedAt({ sessions, directory }: Lobby): UserState[] {
  return [...sessions.keys()].flatMap((session) => directory.rowOf(session)?.state ?? []);
}

/** The histogram holds the time from one look to the next. */
function delaysSinceLast(delays: ReturnType<typeof monitorEventLoopDelay>): Values {
  const quantiles = Object.fromEntries(
    [0.5, 0.9, 0.99, 1].map((quantile) => {
      const between = delays.count === 0 ? 0 : delays.percentile(quantile * 100) / 1e9;
      return [String(quantile), Math.max(0, between - delayResolutionMs / 1000)];
    }),
  );
  delays.reset();
  return quantiles;
}

function sumOf(
  sockets: ReadonlySet<Pick<Wire, 'bytesRead' | 'bytesWritten'>>,
  what: 'bytesRead' | 'bytesWritten',
): number {
  let sum = 0;
  for (const socket of sockets) sum += socket[what];
  return sum;
}

/** A counter must not fall: what a socket still held and is thrown away at its end was counted as sent. */
function rising(read: () => number): () => number {
  let highest = 0;
  return () => {
    highest = Math.max(highest, read());
    return highest;
  };
}

function register(row: Row, registry: Registry): void {
  const labelNames = 'labels' in row ? row.labels : 'label' in row ? [row.label] : [];
  const options = { name: row.name, help: row.help, labelNames, registers: [registry] };
  const metric = row.counts ? new Counter({ ...options, collect }) : new Gauge({ ...options, collect });

  function collect(): void {
    metric.reset();
    if ('labels' in row) for (const { labels, value } of row.read()) metric.inc(labels, value);
    else if ('label' in row)
      for (const [label, value] of Object.entries(row.read())) metric.inc({ [row.label]: label }, value);
    else metric.inc(row.read());
  }
}
