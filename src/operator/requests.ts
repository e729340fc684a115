/**
 * What an operator and a server say to each other over the admin socket: one JSON object there, one back, a line each.
 *
 * Owns: the form of requests and answers; what is in a request is checked where it is carried out.
 * Next: `adminSocket.ts` (the server's side), `adminClient.ts` (the operator's), `operator.ts` (what is done).
 * Why lines of JSON: decision 40, docs/decisions/0040-the-operator-speaks-through-a-unix-socket.md.
 */
import type { Ban } from '../../machines/operatorActs.ts';

/** `by` is who asks, in their own words. Texts are as they were typed. */
export type Request = { by?: string } & (
  | { do: 'who' | 'bans' | 'limits' | 'upgrade' }
  | { do: 'kick'; id: string; reason?: string }
  | { do: 'ban'; target: string; for?: string; reason?: string }
  | { do: 'unban'; target: string }
  | { do: 'say'; text: string }
  | { do: 'lockdown'; on: boolean }
  | { do: 'drain'; for?: string }
);

/** One user, or one connection that has no id yet. */
export interface WhoRow {
  /** Null: no id yet. */
  id: string | null;
  state: string;
  partner: string | null;
  partnerState: string | null;
  /** Null: the user is at another server, which alone knows it. */
  address: string | null;
  /** The other server; null for this one. */
  server: string | null;
  /** For how long the connection is open, and since when nothing was typed; null where another server knows it. */
  sinceSeconds: number | null;
  idleSeconds: number | null;
}

/** A limit that was reached, and by whom the last times. */
export interface LimitRow {
  limit: string;
  option: string;
  times: number;
  /** The latest first; those whose address is known. */
  by: readonly { address: string; id: string | null; times: number; secondsAgo: number }[];
}

/** `door`: `open`, `lockdown` or `emptying`, `closing` while the server ends. */
export type Answer =
  | { ok: false; error: string }
  | { ok: true; who: readonly WhoRow[]; door: string }
  | { ok: true; kicked: string }
  | { ok: true; banned: Ban; removed: number; warning: string | null; addresses: readonly string[] }
  | { ok: true; bans: readonly Ban[] }
  | { ok: true; unbanned: Ban; warning: string | null }
  | { ok: true; said: string }
  /** How many users the new process goes on with, and how many have to connect again. */
  | { ok: true; users: number; left: number }
  | { ok: true; door: string; forSeconds: number | null }
  | { ok: true; limits: readonly LimitRow[] };
