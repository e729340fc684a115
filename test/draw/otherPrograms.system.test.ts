/** Other programs read the drawings of machines of many kinds: Mermaid draws them, SCION runs them, and XML is XML. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type GraphTransition, graphOf, statesIn } from '../../src/chart/graph.ts';
import { drawInMermaid, mermaid, mermaidPage } from '../charts/mermaidPage.ts';
import { runInScion, scion } from '../charts/scion.ts';
import { randomWalks } from '../charts/scionWalks.ts';
import { describeNeeding, isInstalled } from '../support/describeNeeding.ts';
import { describeInBrowser, launch } from '../viewer/browser.ts';
import { drawAll, machines } from './drawn.ts';

const drawn = drawAll();
const folder = new URL('../otherTools/', import.meta.url);
const smcat = fileURLToPath(new URL('node_modules/state-machine-cat/bin/smcat.mjs', folder));
const otherTools = '`npm ci --prefix test/otherTools`';

describeNeeding('xmllint', isInstalled('xmllint'), 'as XML', () => {
  it('all SVG and SCXML is well-formed', () => {
    const files = drawn.names.filter((name) => /\.(svg|scxml)$/.test(name));
    execFileSync('xmllint', ['--noout', '--nonet', ...files.map((name) => join(drawn.folder, name))], {
      stdio: 'pipe',
    });
  });
});

describeNeeding('rsvg-convert', isInstalled('rsvg-convert'), 'rsvg-convert', () => {
  it.each(machines)('draws %s.svg', (name) => {
    const png = execFileSync('rsvg-convert', [join(drawn.folder, `${name}.svg`)]);
    expect(png.subarray(1, 4).toString()).toBe('PNG');
  });
});

describeNeeding(otherTools, existsSync(smcat), 'state-machine-cat', () => {
  it.each(machines)('reads %s.scxml', (name) => {
    const args = [smcat, '-I', 'scxml', '-T', 'json', '-o', '-', join(drawn.folder, `${name}.scxml`)];
    const { stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  });
});

describeNeeding(otherTools, existsSync(scion), 'SCION', () => {
  /** Those in which everything has a name, so that two engines can be told what holds. */
  const runnable = machines.filter(([name]) => ['player', 'editor', 'deep', 'listener', 'exam'].includes(name));

  it.each(runnable)('runs %s.scxml as XState runs the machine, in 1,000 random steps', (name, machine) => {
    const { outcomes, ...walks } = randomWalks(machine, 1000, 1);
    expect(runInScion(join(drawn.folder, `${name}.scxml`), walks)).toEqual(outcomes);
  });
});

describeNeeding(otherTools, existsSync(mermaid), 'Mermaid', () => {
  describeInBrowser('in a browser', () => {
    let browser: Browser;
    let page: Page;
    beforeAll(async () => {
      browser = await launch();
      page = await mermaidPage(browser);
    });
    afterAll(() => browser?.close());

    it.each(machines)('draws every state and transition of %s.mmd', async (name, machine) => {
      const lines = await drawInMermaid(page, drawn.textOf(`${name}.mmd`));
      const { root, transitions } = graphOf(machine);
      const shown = lines.map((line) => line.replace(/ (?:‖|H\*?|⏳)$/, ''));
      const states = statesIn(root).filter(({ id, type }) => id !== root.id || type !== 'compound');
      for (const state of states) expect(shown).toContain(state.name);
      // What runs TypeScript leaves out the blanks in functions.
      const labels = lines.map((line) => line.replace(/ \(stays\)$| → .*$/, '').replaceAll(' ', ''));
      const declared = transitions.map((each) => labelOf(each).replaceAll(' ', ''));
      for (const label of new Set(declared)) {
        const count = declared.filter((each) => each === label).length;
        expect(labels.filter((each) => each === label).length, label).toBeGreaterThanOrEqual(count);
      }
    });
  });
});

function labelOf({ event, isDelayed, guard }: GraphTransition): string {
  return [isDelayed ? 'after' : [], event || 'always', guard ? `[${guard}]` : []].flat().join(' ');
}
