/**
 * Which of the right words a wrong one was meant to be.
 *
 * Owns: the distance of two words. It is ours because packages count two letters that changed places as two mistakes: `prot`
 * is too far from `port` then, or so much is near that `size` is taken for `silent`. commander's own isn't exported.
 */

/** The one with the fewest letters to insert, drop, change or swap; undefined if more than two fifths of them would differ. */
export function nearest(wrong: string, words: readonly string[]): string | undefined {
  const [best] = words
    .map((word) => ({ word, share: distance(wrong, word) / Math.max(wrong.length, word.length) }))
    .sort((a, b) => a.share - b.share);
  return best !== undefined && best.share <= 0.4 ? best.word : undefined;
}

/** Levenshtein's distance, and two neighbours that changed places count once: row by row, one for each letter of `a`. */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const change = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const areSwapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = areSwapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(change, swap, at(i - 1, j) + 1, at(i, j - 1) + 1));
    }
  }
  return at(a.length, b.length);
}
