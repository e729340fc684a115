/** What docs/tls.md and deploy/ say about TLS under systemd, and about who may read the files, is so. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { serveOptions } from '../../src/cli/serveOptions.ts';
import { variableOf } from '../../src/config/table.ts';
import { codeBlock } from '../support/codeBlock.ts';
import { describeNeeding, isInstalled } from '../support/describeNeeding.ts';
import { program } from '../support/program.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describeNeeding('systemd-analyze', isInstalled('systemd-analyze'), 'deploy/statechat.service with TLS', () => {
  const credentials = codeBlock('docs/tls.md', /LoadCredential/);
  it.each([
    ['a group that may read', readFileSync('deploy/statechat-tls.conf', 'utf8')],
    ['credentials', credentials],
  ])('is free of mistakes: %s', (_, dropIn) => {
    expect(dropIn).toContain('[Service]');
    const folder = temporaryFolder();
    const unit = readFileSync('deploy/statechat.service', 'utf8').replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true');
    writeFileSync(join(folder, 'statechat.service'), unit);
    mkdirSync(join(folder, 'statechat.service.d'));
    writeFileSync(join(folder, 'statechat.service.d', 'tls.conf'), dropIn);
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', join(folder, 'statechat.service')], {
      encoding: 'utf8',
    });
    expect({ status, ours: stderr.split('\n').filter((line) => line.includes('statechat')) }).toEqual({
      ...{ status: 0, ours: [] },
    });
  });

  it('sets only options that there are', () => {
    for (const text of [readFileSync('deploy/statechat-tls.conf', 'utf8'), credentials]) {
      const names = [...text.matchAll(/\b(STATECHAT_\w+)=/g)].map(([, name]) => name);
      expect(names.length).toBeGreaterThan(1);
      expect(serveOptions.map(variableOf)).toEqual(expect.arrayContaining(names));
    }
  });
});

describeNeeding('openssl', isInstalled('openssl', 'version'), 'the commands of docs/tls.md', () => {
  /** Runs the lines of a block up to one, in an empty folder, as a shell with the usual umask does. */
  function run(block: string, until: RegExp): string {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin', 'statechat'), `#!/bin/sh\nexec ${program.join(' ')} "$@"\n`, { mode: 0o755 });
    const lines = block.split('\n');
    const script = lines.slice(0, lines.findIndex((line) => until.test(line)) + 1).join('\n');
    execFileSync('sh', ['-ec', `umask 022\n${script}`], {
      cwd: folder,
      env: { ...process.env, PATH: `${folder}/bin:${process.env.PATH}`, PASSWORD: 'open sesame' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return folder;
  }

  it('make a key that only its user can read', () => {
    const folder = run(codeBlock('docs/tls.md', /openssl req/), /-keyout key\.pem/);
    expect(statSync(join(folder, 'key.pem')).mode & 0o777).toBe(0o600);
  });

  it('make a file of passwords that only its user can read, also if it was there before', () => {
    const block = codeBlock('docs/tls.md', /statechat password/);
    // The first of the two asks at a terminal.
    const piped = block
      .split('\n')
      .filter((line) => !line.includes('--name'))
      .join('\n');
    expect(statSync(join(run(piped, /from a pipe/), 'passwords')).mode & 0o777).toBe(0o600);
    const before = run(`touch passwords; chmod 644 passwords\n${piped}`, /chmod 600/);
    expect(statSync(join(before, 'passwords')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(before, 'passwords'), 'utf8')).toMatch(/^\$scrypt\$/);
  });
});
