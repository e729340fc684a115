/**
 * How wide a text will be, without a screen.
 *
 * Owns: the widths of Helvetica's letters, on which Arial and Liberation Sans agree, and the slack for fonts that run
 * wider.
 * Next: `labels.ts`.
 */

/** In thousandths of the font's size, from the space to the tilde. */
const widths = [
  ...[278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278], // space to /
  ...[556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556], // 0 to ?
  ...[1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778], // @ to O
  ...[667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556], // P to _
  ...[333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556], // ` to o
  ...[556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584], // p to ~
];

/** Characters that are not in the table (arrows, letters with accents) count as wide as the widest. */
const otherWidth = 1000;

/** How much wider bold letters are, about. */
const bold = 1.07;

/** A slack, because the font that a machine has may be a little wider than Helvetica. */
const slack = 1.06;

export function textWidth(text: string, size: number, isBold = false): number {
  let sum = 0;
  for (const character of text) sum += widths[character.charCodeAt(0) - 32] ?? otherWidth;
  return (sum / 1000) * size * slack * (isBold ? bold : 1);
}
