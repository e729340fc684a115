/** Statistics of many figures. Owns: median and quantile. */

/** Returns the value below which this part of the figures lies; NaN if there are no figures. */
export function quantile(figures: readonly number[], part: number): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const position = part * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position % 1);
}

export function median(figures: readonly number[]): number {
  return quantile(figures, 0.5);
}
