/** `deploy/statechat.service` and its socket as systemd reads them. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeNeeding, isInstalled } from '../support/describeNeeding.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describeNeeding('systemd-analyze', isInstalled('systemd-analyze'), 'the units in deploy/', () => {
  it.each([['statechat.service'], ['statechat.service', 'statechat.socket']])('%s %s: free of mistakes', (...units) => {
    const folder = temporaryFolder();
    for (const unit of units) {
      const text = readFileSync(join('deploy', unit), 'utf8');
      // The program isn't installed here.
      writeFileSync(join(folder, unit), text.replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true'));
    }
    const paths = units.map((unit) => join(folder, unit));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', ...paths], { encoding: 'utf8' });
    expect({ status, ours: stderr.split('\n').filter((line) => line.includes('statechat')) }).toEqual({
      status: 0,
      ours: [],
    });
  });
});
