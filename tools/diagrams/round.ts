/** A number as it stands in an SVG file: one digit after the point is less than anybody sees, and the same everywhere. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
