/** What deploy/ offers to copy: that it is well formed, names what there is, and agrees with the pages. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { serveOptions } from '../../src/cli/serveOptions.ts';
import { readValue, variableOf } from '../../src/config/table.ts';
import { get } from '../metrics/scrape.ts';
import { codeBlock } from '../support/codeBlock.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { startTestServer } from '../support/testServer.ts';

const isWindows = process.platform === 'win32';

// biome-ignore lint/suspicious/noExplicitAny: files of other programs; the tests say what has to be in them.
const yamlOf = (name: string): any => parse(readFileSync(join('deploy', name), 'utf8'), { merge: true });

/** Without comments and blank lines. */
const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/\s*#.*$/, ''))
    .filter((line) => line !== '');

describe('deploy/alerts.yml', () => {
  const rules: { alert: string; expr: string; for?: string; labels: object; annotations: object }[] = yamlOf(
    'alerts.yml',
  ).groups.flatMap(({ rules }: { rules: object[] }) => rules);

  it('asks for metrics and labels that there are', async () => {
    const { body } = await get(await startTestServer({ metricsPort: 0 }), '/metrics');
    const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    for (const { expr } of rules) {
      const selectors = [...expr.matchAll(/\b(statechat_\w+|up)(?:\{(\w+="[^"]*")\})?/g)];
      expect(selectors.length, expr).toBeGreaterThan(0);
      for (const [, name = '', label = ''] of selectors) {
        if (name === 'up') expect(label).toBe('job="statechat"');
        else
          expect(
            samples.some((line) => line.startsWith(name) && line.includes(label)),
            `${name} ${label}`,
          ).toBe(true);
      }
    }
  });

  it('has whole rules, each with a name of its own', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const rule of rules) {
      expect(rule).toMatchObject({
        alert: expect.stringMatching(/^Statechat[A-Z]\w+$/),
        labels: { severity: expect.stringMatching(/^(page|ticket)$/) },
        annotations: { summary: expect.any(String), description: expect.any(String) },
      });
      expect(rule.for ?? '1m').toMatch(/^\d+[smh]$/);
    }
  });

  it('has every alarm of docs/operations.md', () => {
    const page = readFileSync('docs/operations.md', 'utf8');
    const section = page.slice(page.indexOf('### Alarms'));
    const named = [...section.matchAll(/^\| .*`(Statechat\w+)`/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });
});

describe('deploy/prometheus.yml', () => {
  it('reads the rules beside it, under the name that they and the dashboard know', () => {
    const { rule_files, scrape_configs } = yamlOf('prometheus.yml');
    for (const file of rule_files) expect(existsSync(join('deploy', file))).toBe(true);
    expect(scrape_configs).toMatchObject([
      { job_name: 'statechat', static_configs: [{ targets: ['127.0.0.1:65434'] }] },
    ]);
  });
});

describe('deploy/compose.yml', () => {
  const { services } = yamlOf('compose.yml');

  it('names services, files and options that there are', () => {
    expect(Object.keys(services)).toEqual(expect.arrayContaining(['redis', 'chat-one', 'chat-two', 'balancer']));
    for (const service of Object.values<Record<string, never>>(services)) {
      const { depends_on = [], volumes = [], network_mode = '', environment = {}, build } = service;
      for (const name of depends_on as string[]) expect(services).toHaveProperty(name);
      for (const volume of volumes as string[])
        expect(existsSync(join('deploy', volume.split(':')[0] ?? ''))).toBe(true);
      const [, shared] = /^service:(.+)$/.exec(network_mode) ?? [];
      if (shared !== undefined) expect(services).toHaveProperty(shared);
      for (const [variable, value] of Object.entries(environment)) {
        const row = serveOptions.find((each) => variableOf(each) === variable);
        expect(row, variable).toBeDefined();
        expect(() => readValue(row as never, String(value))).not.toThrow();
      }
      if (build !== undefined) {
        const { context = '', dockerfile = '' } = build as { context: string; dockerfile: string };
        expect(existsSync(join('deploy', context, dockerfile))).toBe(true);
      }
    }
  });

  it('has servers that share their users, and tell the balancer whose connection it is', () => {
    for (const name of ['chat-one', 'chat-two']) {
      expect(services[name].environment).toMatchObject({
        STATECHAT_REDIS: 'redis://redis:6379',
        STATECHAT_PROXY_PROTOCOL: 'on',
      });
      expect(parseInt(services[name].stop_grace_period, 10)).toBeGreaterThan(5);
    }
  });

  it('has the balancer of docs/scale-out.md, with names of its own', () => {
    const renamed = linesOf(readFileSync('deploy/haproxy.cfg', 'utf8'))
      .filter((line) => !/^resolvers|nameserver/.test(line))
      .map((line) => line.replace(' resolvers containers init-addr libc,none', ''))
      .map((line) => line.replace('chat-one', '10.0.0.1').replace('chat-two', '10.0.0.2'));
    expect(renamed).toEqual(linesOf(codeBlock('docs/scale-out.md', /^\s+server /m)));
  });
});

describe.skipIf(isWindows)('deploy/certbot-hook.sh', () => {
  it('copies what Certbot has, with the rights that the unit needs, and asks for a reload', () => {
    const folder = temporaryFolder();
    const tools = join(folder, 'tools');
    mkdirSync(tools);
    // The group may be missing here, and there is no systemd: both programs say what they were asked for.
    for (const name of ['install', 'systemctl']) {
      writeFileSync(join(tools, name), `#!/bin/sh\necho ${name} "$@" >> ${folder}/asked\n`, { mode: 0o755 });
    }
    execFileSync('sh', ['deploy/certbot-hook.sh'], {
      env: { PATH: `${tools}:${process.env.PATH}`, RENEWED_LINEAGE: '/live/chat', STATECHAT_FILES: '/to' },
    });
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe(
      [
        'install -m 640 -g statechat-tls /live/chat/privkey.pem /to/key.pem',
        'install -m 644 /live/chat/fullchain.pem /to/cert.pem',
        'systemctl reload statechat\n',
      ].join('\n'),
    );
    expect(statSync('deploy/certbot-hook.sh').mode & 0o111).toBe(0o111);
  });
});
