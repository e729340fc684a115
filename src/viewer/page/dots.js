/**
 * Dots with ids that go along the arrows which were just taken.
 *
 * Owns: where a dot is, and for how long. Where the reader wants less motion, it stands still at the end of its arrow.
 * Next: `drawing.js`, `main.js`.
 *
 * @import { Drawing } from './drawing.js'
 */

/** How long a dot is on its way, and how long it stays at its end, in ms. */
const travelMs = 700;
const stayMs = 900;

/** How many dots there are at once: more would hide the chart. */
const maxDots = 12;

const namespace = 'http://www.w3.org/2000/svg';
const prefersLess = matchMedia('(prefers-reduced-motion: reduce)');

/**
 * Shows who takes a transition. One without an arrow stands in its state's box, and the dot beside it.
 *
 * @param {Drawing} drawing
 * @param {string} edge the transition's id
 * @param {string} who
 */
export function showDot(drawing, edge, who) {
  const { svg } = drawing;
  const element = drawing.edges.get(edge);
  if (!svg || !element || svg.querySelectorAll('.traveller').length >= maxDots) return;
  const path = /** @type {SVGPathElement | null} */ (element.closest('.edge')?.querySelector('.line') ?? null);
  const dot = make('g', { class: 'traveller', 'aria-hidden': 'true' });
  const text = make('text', { x: 10, y: 4 });
  text.textContent = who.length > 12 ? `${who.slice(0, 11)}…` : who;
  dot.append(make('circle', { r: 7 }), text);
  svg.append(dot);
  setTimeout(() => dot.remove(), travelMs + stayMs);
  const at = (/** @type {number} */ share) => {
    const { x, y } = path ? path.getPointAtLength(path.getTotalLength() * share) : besideRow(element);
    dot.setAttribute('transform', `translate(${x} ${y})`);
  };
  at(prefersLess.matches || !path ? 1 : 0);
  if (prefersLess.matches || !path) return;
  const start = performance.now();
  const move = (/** @type {number} */ now) => {
    const share = Math.min(1, Math.max(0, (now - start) / travelMs));
    at(share);
    if (share < 1 && dot.isConnected) requestAnimationFrame(move);
  };
  requestAnimationFrame(move);
}

/** @param {Element} row */
function besideRow(row) {
  const mark = /** @type {SVGRectElement | null} */ (row.querySelector('.mark'));
  const box = mark?.getBBox();
  return box ? { x: box.x - 1, y: box.y + box.height / 2 } : { x: 0, y: 0 };
}

/** @param {string} name @param {Record<string, string | number>} attributes */
function make(name, attributes) {
  const element = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}
