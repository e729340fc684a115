/** Returns a number as an SVG file holds it: with one digit after the point, which is the same on every machine. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
