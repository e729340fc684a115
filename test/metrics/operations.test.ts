/** What docs/operations.md and deploy/ say is what there is: messages, endings, limits, options, metrics. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Counters } from '../../src/chat/counters.ts';
import { createAdminCommand } from '../../src/cli/admin.ts';
import { serveOptions } from '../../src/cli/serveOptions.ts';
import { limits, noneReached } from '../../src/config/limits.ts';
import { nameOf } from '../../src/config/table.ts';
import { startTestServer } from '../support/testServer.ts';
import { get, metricNames } from './scrape.ts';

const page = readFileSync('docs/operations.md', 'utf8');

/** The first cells of the rows whose first cell is code. */
const rows = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell = '']) => cell);

/** What the source logs: whichever way a call is broken into lines, its last text is the message. */
function messagesOfSource(): string[] {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.flatMap((name) => {
    const text = readFileSync(join('src', name), 'utf8');
    const calls = [...text.matchAll(/\blog\.(?:fatal|error|warn|info|debug|trace)\(/g)];
    const messages = [...text.matchAll(/\blog\.(?:fatal|error|warn|info|debug|trace)\([^;]*?'([^']+)',?\s*\)/g)];
    expect(messages, name).toHaveLength(calls.length);
    return messages.map(([, message = '']) => message);
  });
}

describe('docs/operations.md', () => {
  it('explains every message of the log, and no other', () => {
    const messages = [...new Set(messagesOfSource())];
    expect(messages.length).toBeGreaterThan(15);
    const section = page.slice(page.indexOf('## The log'), page.indexOf('### Limits'));
    const explained = [...section.matchAll(/^\| `([^`]+)` \| \w+ \|/gm)].map(([, message]) => message);
    expect(explained.filter((message) => message !== 'msg').sort()).toEqual(messages.sort());
  });

  it('has a row for every metric, with its type, and for no other', async () => {
    const server = await startTestServer({ metricsPort: 0 });
    const { body } = await get(server, '/metrics');
    const types = [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    const listed = [...page.matchAll(/^\| `((?:statechat|process|nodejs)_\w+)` \| (\w+) \|/gm)].map(
      ([, name, type]) => `${name} ${type}`,
    );
    expect(listed).toEqual(types);
  });

  it('names every reason why a session ends and every limit that is counted', async () => {
    const server = await startTestServer({ metricsPort: 0 });
    const { body } = await get(server, '/metrics');
    const counted = [...body.matchAll(/^statechat_limits_reached_total\{limit="(\w+)"\}/gm)].map(([, limit]) => limit);
    expect(counted.sort()).toEqual(Object.keys(noneReached()).sort());
    expect(rows).toEqual(expect.arrayContaining(counted));
    for (const reason of Object.keys(new Counters().endings)) expect(page).toContain(`\`${reason}\``);
  });

  it('explains every command of the operator', () => {
    const section = page.slice(page.indexOf('## While it runs'), page.indexOf('### A flood'));
    const explained = [...section.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(\w+)/g)].map(([, name]) => name),
    );
    const commands = createAdminCommand(async () => {}).commands.map((command) => command.name());
    expect([...new Set(explained)].sort()).toEqual(commands.sort());
  });

  it('names every option that is a limit', () => {
    for (const row of serveOptions.filter(({ sets }) => sets in limits)) expect(page).toContain(`--${nameOf(row)}`);
  });

  it('names no metric, option or variable that there is not', async () => {
    const names = await metricNames(await startTestServer({ metricsPort: 0 }));
    for (const [name] of page.matchAll(/\b(?:statechat|process|nodejs)_\w+/g)) expect(names).toContain(name);
    const admin = createAdminCommand(async () => {});
    const adminOptions = [admin, ...admin.commands].flatMap(({ options }) => options.map(({ long }) => long?.slice(2)));
    const options = [...serveOptions.map(nameOf), ...adminOptions, 'print-config', 'config'];
    for (const [, name] of page.matchAll(/`--([a-z-]+)/g)) expect(options).toContain(name);
  });
});

describe('deploy/grafana.json', () => {
  const dashboard = JSON.parse(readFileSync('deploy/grafana.json', 'utf8'));

  it('asks for metrics that there are, and for each of them', async () => {
    const names = await metricNames(await startTestServer({ metricsPort: 0 }));
    const expressions = dashboard.panels.flatMap((panel: { targets: { expr: string }[] }) =>
      panel.targets.map(({ expr }) => expr),
    );
    const asked: string[] = expressions.flatMap(
      (expression: string) => expression.match(/(?:statechat|process|nodejs)_\w+/g) ?? [],
    );
    expect([...new Set(asked)].sort()).toEqual([...names].sort());
  });

  it('has panels that stand beside each other', () => {
    const taken = new Set<string>();
    for (const { gridPos, id } of dashboard.panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(x).toBeLessThan(24);
          expect(taken, `panel ${id} at ${x}, ${y}`).not.toContain(`${x},${y}`);
          taken.add(`${x},${y}`);
        }
      }
    }
  });
});

describe('deploy/statechat.service', () => {
  const unit = readFileSync('deploy/statechat.service', 'utf8');

  it('lets the drain end, and has the files that the default limit needs', () => {
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(limits.drainMs / 1000);
    expect(Number(/^LimitNOFILE=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThanOrEqual(limits.maxConnections + 64);
  });
});
