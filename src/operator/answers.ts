/**
 * Answers of the admin socket as people read them.
 *
 * Owns: the sentences and tables; with `--json` nobody calls it. Next: `requests.ts` (what an answer holds).
 */
import type { Ban } from '../../machines/operatorActs.ts';
import { dateMs, shownDate } from '../runtime/date.ts';
import type { Answer, LimitRow, WhoRow } from './requests.ts';
import { shownDuration, shownTarget } from './words.ts';

const doors: Readonly<Record<string, string>> = {
  open: 'The server is open.',
  lockdown: 'The server is locked down: nobody new comes in, and those inside go on.',
  emptying: 'The server empties: nobody new comes in, and it ends when the last has left.',
  closing: 'The server is stopping.',
};

/** The whole text, without a line feed at its end. `now` is the system's date, in ms since 1970. */
export function shownAnswer(answer: Answer, now = dateMs()): string {
  if (!answer.ok) return answer.error;
  if ('who' in answer) return shownWho(answer.who, answer.door);
  if ('kicked' in answer) return `${answer.kicked} was removed.`;
  if ('banned' in answer) return shownBanned(answer);
  if ('bans' in answer) return shownBans(answer.bans, now);
  if ('unbanned' in answer)
    return withWarning(`${shownTarget(answer.unbanned)} is not banned any more.`, answer.warning);
  if ('users' in answer) return shownMove(answer);
  if ('said' in answer) return `Everybody reads: [operator] ${answer.said}`;
  if ('limits' in answer) return shownLimits(answer.limits);
  const { door, forSeconds } = answer;
  if (door === 'closing') return 'Nobody is here: the server stops at once.';
  const end = forSeconds === null ? '' : ` At the latest it ends in ${shownDuration(forSeconds * 1000)}.`;
  return `${doors[door] ?? door}${end}`;
}

function shownMove({ users, left }: { users: number; left: number }): string {
  const others = left === 0 ? '' : `, and ${left} ${left === 1 ? 'has' : 'have'} to connect again`;
  return `The new process goes on with ${counted(users, 'user')}${others}.`;
}

function shownWho(who: readonly WhoRow[], door: string): string {
  const rows = who.map((row) => [
    row.id ?? '-',
    row.state === 'commonRoom' ? 'common room' : row.state,
    row.partner === null ? '-' : `${row.partner} (${row.partnerState ?? 'gone'})`,
    row.address ?? `at ${row.server}`,
    row.sinceSeconds === null ? '-' : shownDuration(row.sinceSeconds * 1000),
    row.idleSeconds === null ? '-' : shownDuration(row.idleSeconds * 1000),
  ]);
  const users = who.filter(({ id }) => id !== null).length;
  const others = who.length - users;
  const count = `${counted(users, 'user')}${others === 0 ? '' : `, and ${counted(others, 'connection')} without an id`}.`;
  const table = rows.length === 0 ? [] : tableOf(['ID', 'STATE', 'WITH', 'ADDRESS', 'HERE FOR', 'IDLE FOR'], rows);
  return [...table, count, ...(door === 'open' ? [] : [doors[door] ?? door])].join('\n');
}

function shownBanned({ banned, removed, addresses, warning }: Extract<Answer, { banned: Ban }>): string {
  const { untilMs, sinceMs } = banned;
  const length = untilMs === null ? 'until it is taken back' : `for ${shownDuration(untilMs - sinceMs)}`;
  const gone = removed === 0 ? 'Nobody had to go.' : `${counted(removed, 'connection')} had to go.`;
  const more =
    addresses.length === 0
      ? ''
      : `\nThe address is free to come back under another id. To ban it too: ban ${addresses.join(', ban ')}`;
  return withWarning(`${shownTarget(banned)} is banned ${length}. ${gone}${more}`, warning);
}

function shownBans(bans: readonly Ban[], now: number): string {
  if (bans.length === 0) return 'Nobody is banned.';
  const rows = bans.map((ban) => [
    shownTarget(ban),
    ban.untilMs === null ? 'no' : `in ${shownDuration(Math.max(1000, ban.untilMs - now))}`,
    ban.by,
    shownDate(ban.sinceMs),
    ban.reason || '-',
  ]);
  return tableOf(['BANNED', 'ENDS', 'BY', 'SINCE', 'REASON'], rows).join('\n');
}

function shownLimits(limits: readonly LimitRow[]): string {
  if (limits.length === 0) return 'No limit was reached.';
  return limits
    .map(({ limit, option, times, by }) => {
      const rows = by.map((each) => [
        `  ${each.address}`,
        each.id ?? '-',
        `${each.times} times`,
        `${shownDuration(each.secondsAgo * 1000)} ago`,
      ]);
      return [`${limit} (${option}): ${times} times`, ...tableOf([], rows)].join('\n');
    })
    .join('\n');
}

function withWarning(text: string, warning: string | null): string {
  return warning === null ? text : `${text}\n${warning}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Columns as wide as their widest cell. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = head.length === 0 ? rows : [head, ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
