/** Mermaid itself draws the Mermaid files, with every state and every label in the picture, and without any network. */
import { existsSync, readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { charts } from '../../src/chart/charts.ts';
import { type GraphTransition, graphOf } from '../../src/chart/graph.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { describeInBrowser, launch } from '../viewer/browser.ts';
import { nodesOf } from './declaredWays.ts';
import { drawInMermaid, mermaid, mermaidPage } from './mermaidPage.ts';

describeNeeding('`npm ci --prefix test/otherTools`', existsSync(mermaid), 'Mermaid', () => {
  describeInBrowser('in a browser', () => {
    let browser: Browser;
    let page: Page;
    beforeAll(async () => {
      browser = await launch();
      page = await mermaidPage(browser);
    });
    afterAll(() => browser?.close());

    it.each(charts.map((machine) => [machine.id, machine] as const))('draws all of %s.mmd', async (name, machine) => {
      const drawn = await drawInMermaid(page, textOf(name));
      const drawnLabels = drawn.map((line) => line.replace(/ \(stays\)$| → \w+$/, ''));
      const declared = graphOf(machine).transitions.map(labelOf);
      for (const label of new Set(declared)) {
        const count = (labels: string[]): number => labels.filter((each) => each === label).length;
        expect(count(drawnLabels), label).toBe(count(declared));
      }
      const states = nodesOf(machine).filter(({ parent }) => parent !== undefined);
      expect(states.filter(({ key }) => !drawn.includes(key) && !drawn.includes(`${key} ⏳`))).toEqual([]);
    });

    it('draws all of chat.mmd', async () => {
      const text = textOf('chat');
      const drawn = await drawInMermaid(page, text);
      const said = [...text.matchAll(/^ {2}(?:Note over p\d|p\d->>p\d): (.*)$/gm)].map(([, words = '']) => words);
      expect(said.length).toBeGreaterThan(30);
      for (const words of said) expect(drawn).toContain(words);
    });
  });
});

function labelOf({ event, isDelayed, guard }: GraphTransition): string {
  return [isDelayed ? 'after' : [], event || 'always', guard ? `[${guard}]` : []].flat().join(' ');
}

function textOf(name: string): string {
  return readFileSync(new URL(`../../diagrams/${name}.mmd`, import.meta.url), 'utf8');
}
