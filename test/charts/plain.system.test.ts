/** Another program, which knows no custom properties of CSS, draws the drawings in the colours of the day. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { lightColour } from '../../tools/diagrams/theme.ts';
import { describeNeeding, isInstalled } from '../support/describeNeeding.ts';

const drawings = readdirSync('diagrams').filter((name) => name.endsWith('.svg'));

describeNeeding('rsvg-convert', isInstalled('rsvg-convert'), 'rsvg-convert', () => {
  it.each(drawings)('draws diagrams/%s as a browser does', (name) => {
    // As SVG again, in which all rules are carried out.
    const drawn = execFileSync('rsvg-convert', ['--format', 'svg', `diagrams/${name}`], {
      encoding: 'utf8',
      maxBuffer: 1e8,
    });
    const fills = new Set(Array.from(drawn.matchAll(/fill:rgb\(([^)]*)\)/g), ([, rgb = '']) => hexOf(rgb)));
    for (const colour of ['page', 'ink', 'faint', 'line', 'box', 'target', 'keyword']) {
      if (name === 'chat.svg' && ['faint', 'target'].includes(colour)) continue;
      expect([...fills], colour).toContain(lightColour(colour));
    }
  });
});

/** `100%,0%,50%` as `#ff0080`. */
function hexOf(rgb: string): string {
  const parts = rgb.split(',').map((part) => Math.round((Number.parseFloat(part) / 100) * 255));
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}
