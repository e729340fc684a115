/** Every text of the drawings can be read, by day and by night. */
import { describe, expect, it } from 'vitest';
import { style } from '../../tools/diagrams/theme.ts';

const texts = ['ink', 'soft', 'faint', 'guard', 'keyword', 'target', 'waiting'];
const grounds = ['page', 'root', 'outer', 'inner', 'box', 'pill'];

/** What WCAG 2 asks of small text. */
const leastContrast = 4.5;

/** The colours where the system decides, and where `data-theme` does. */
const [light = '', dark = '', chosenLight = '', chosenDark = ''] = [...style.matchAll(/--page:[^}]*/g)].map(([set]) =>
  set.split(';font')[0]?.trim(),
);

describe('the drawings', () => {
  it('have the same colours whether the system or data-theme decides', () => {
    expect([chosenLight, chosenDark]).toEqual([light, dark]);
    expect(light).not.toBe(dark);
  });

  it.each([
    ['by day', light],
    ['by night', dark],
  ])('%s have enough contrast for every text', (_, set) => {
    for (const text of texts) {
      for (const ground of grounds) {
        const contrast = contrastOf(colourIn(set, text), colourIn(set, ground));
        expect(contrast, `${text} on ${ground}`).toBeGreaterThanOrEqual(leastContrast);
      }
    }
  });
});

function colourIn(set: string, name: string): string {
  const [, colour] = new RegExp(`--${name}:#([0-9a-f]{6})`).exec(set) ?? [];
  if (colour === undefined) throw new Error(`No colour ${name}`);
  return colour;
}

function contrastOf(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminanceOf(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((start) => {
    const share = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
