/** `deploy/statechat.service` as systemd reads it. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeNeeding, isInstalled } from '../support/describeNeeding.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

describeNeeding('systemd-analyze', isInstalled('systemd-analyze'), 'deploy/statechat.service', () => {
  it('is free of mistakes', () => {
    const unit = readFileSync('deploy/statechat.service', 'utf8');
    const path = join(temporaryFolder(), 'statechat.service');
    // The program isn't installed here.
    writeFileSync(path, unit.replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true'));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' });
    expect({ status, ours: stderr.split('\n').filter((line) => line.includes('statechat')) }).toEqual({
      status: 0,
      ours: [],
    });
  });
});
