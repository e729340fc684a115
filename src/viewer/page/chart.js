/**
 * The session chart on the page: the drawing of `diagrams/`, with the users in it.
 *
 * Owns: counts on states, edges that flash, and what is marked for the chosen session. Next: `main.js`.
 *
 * @import { Graph, GraphState } from '../../chart/graph.ts'
 * @import { Session } from './model.js'
 */

/** How long a transition that was taken is highlighted, in ms. */
const flashMs = 900;

export class Chart {
  /** @type {HTMLElement} */
  #place;
  /** @type {Map<string, Element>} */
  #states = new Map();
  /** @type {Map<string, Element>} */
  #edges = new Map();
  /** When the flash of an edge ends, by its id. @type {Map<string, number>} */
  #flashes = new Map();
  /** @type {Map<string, GraphState>} */
  #names = new Map();
  #onState;
  #style = new CSSStyleSheet();

  /**
   * @param {HTMLElement} place
   * @param {Graph} graph
   * @param {(state: string) => void} onState called with a state that the user chooses
   */
  constructor(place, graph, onState) {
    this.#place = place;
    this.#onState = onState;
    document.adoptedStyleSheets.push(this.#style);
    const visit = (/** @type {GraphState} */ state) => {
      this.#names.set(state.id, state);
      state.children.forEach(visit);
    };
    visit(graph.root);
  }

  get svg() {
    return /** @type {SVGSVGElement | null} */ (this.#place.querySelector('svg'));
  }

  /** The CSS rules of the drawing. */
  get css() {
    return [...this.#style.cssRules].map((rule) => rule.cssText).join('\n');
  }

  /** @param {string} text an SVG of this project */
  draw(text) {
    // The page's security policy ignores style rules inside of the drawing.
    const rules = /<style>([^<]*)<\/style>/g;
    this.#style.replaceSync([...text.matchAll(rules)].map(([, css]) => css).join('\n'));
    const drawing = new DOMParser().parseFromString(text.replaceAll(rules, ''), 'image/svg+xml');
    const svg = document.importNode(drawing.documentElement, true);
    // As a group, so that a screen reader names each state in it.
    svg.setAttribute('role', 'group');
    svg.setAttribute('aria-labelledby', 'chart-title');
    this.#place.replaceChildren(svg);
    this.#states = index(svg, 'state');
    this.#edges = index(svg, 'edge');
    this.#flashes.clear();
    for (const [id, element] of this.#states) {
      if (id === 'session') continue;
      const choose = (/** @type {Event} */ event) => {
        event.stopPropagation();
        this.#onState(id);
      };
      element.setAttribute('tabindex', '0');
      element.setAttribute('role', 'button');
      element.addEventListener('click', choose);
      element.addEventListener('keydown', (event) => {
        const { key } = /** @type {KeyboardEvent} */ (event);
        if (key !== 'Enter' && key !== ' ') return;
        event.preventDefault();
        choose(event);
      });
    }
  }

  /** @param {Map<string, number>} counts @param {string} chosenState */
  showCounts(counts, chosenState) {
    for (const [id, element] of this.#states) {
      const count = counts.get(id) ?? 0;
      const badge = element.querySelector(':scope > .count');
      const text = count > 0 ? String(count) : '';
      if (badge && badge.textContent !== text) badge.textContent = text;
      element.classList.toggle('occupied', count > 0);
      element.classList.toggle('filtered', id === chosenState);
      const label = `${this.#names.get(id)?.name ?? id}: ${count} ${count === 1 ? 'session' : 'sessions'}`;
      if (element.getAttribute('aria-label') !== label) element.setAttribute('aria-label', label);
    }
  }

  /**
   * @param {Session | undefined} session
   * @param {ReadonlySet<string>} taken ids of transitions that the session has taken
   * @param {ReadonlySet<string>} next ids of transitions that it can take
   */
  mark(session, taken, next) {
    for (const [id, element] of this.#states) element.classList.toggle('here', session?.states.includes(id) ?? false);
    for (const [id, element] of this.#edges) {
      element.classList.toggle('taken', taken.has(id));
      element.classList.toggle('next', next.has(id));
    }
    for (const line of this.svg?.querySelectorAll('.edge') ?? []) {
      line.classList.toggle('taken', line.querySelector('.taken') !== null);
      line.classList.toggle('next', line.querySelector('.next') !== null);
    }
  }

  /** Scrolls to a state, if it is out of sight. @param {string | undefined} state its id */
  reveal(state) {
    this.#states.get(state ?? '')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  /** Highlights a transition for a moment. @param {string} edge its id */
  flash(edge) {
    const element = this.#edges.get(edge);
    if (!element) return;
    const wasLit = this.#flashes.has(edge);
    this.#flashes.set(edge, performance.now() + flashMs);
    if (wasLit) return;
    const line = element.closest('.edge');
    element.classList.add('flash');
    line?.classList.add('flash');
    const dim = () => {
      const left = (this.#flashes.get(edge) ?? 0) - performance.now();
      if (left > 0) {
        setTimeout(dim, left);
        return;
      }
      this.#flashes.delete(edge);
      element.classList.remove('flash');
      if (!line?.querySelector('.flash')) line?.classList.remove('flash');
    };
    setTimeout(dim, flashMs);
  }
}

/**
 * @param {Element} svg
 * @param {'state' | 'edge'} what
 * @returns {Map<string, Element>}
 */
function index(svg, what) {
  return new Map(
    [...svg.querySelectorAll(`[data-${what}]`)].map((element) => [element.getAttribute(`data-${what}`) ?? '', element]),
  );
}
