/** What is written as XML is XML, as another program reads it: the diagrams' files, which `npm run diagrams` keeps up to date. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { it } from 'vitest';
import { describeNeeding, isInstalled } from '../support/describeNeeding.ts';

const files = readdirSync('diagrams').filter((name) => /\.(svg|scxml)$/.test(name));

describeNeeding('xmllint', isInstalled('xmllint'), 'as XML', () => {
  it.each(files)('diagrams/%s is well-formed', (name) => {
    execFileSync('xmllint', ['--noout', '--nonet', `diagrams/${name}`], { stdio: 'pipe' });
  });
});
