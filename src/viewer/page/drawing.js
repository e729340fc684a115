/**
 * A drawing of `diagrams/` on a page, with marks on its states and transitions.
 *
 * Owns: how an SVG of this project gets into a page whose security policy allows no styles in it, and what is marked.
 * Knows nothing of who is where. Next: `chart.js` (all users in it), `../../web/page/ownChart.js` (one user in it).
 */

/** How long a transition that was taken is highlighted, in ms. */
const flashMs = 900;

export class Drawing {
  /** @type {HTMLElement} */
  #place;
  /** @type {Map<string, Element>} */
  states = new Map();
  /** @type {Map<string, Element>} */
  edges = new Map();
  /** When the flash of an edge ends, by its id. @type {Map<string, number>} */
  #flashes = new Map();
  #style = new CSSStyleSheet();

  /** @param {HTMLElement} place */
  constructor(place) {
    this.#place = place;
    document.adoptedStyleSheets.push(this.#style);
  }

  get svg() {
    return /** @type {SVGSVGElement | null} */ (this.#place.querySelector('svg'));
  }

  /** The CSS rules of the drawing. */
  get css() {
    return [...this.#style.cssRules].map((rule) => rule.cssText).join('\n');
  }

  /** @param {string} text an SVG of this project @param {string} titleId the element that names it */
  draw(text, titleId) {
    // The page's security policy ignores style rules inside of the drawing.
    const rules = /<style>([^<]*)<\/style>/g;
    this.#style.replaceSync([...text.matchAll(rules)].map(([, css]) => css).join('\n'));
    const drawing = new DOMParser().parseFromString(text.replaceAll(rules, ''), 'image/svg+xml');
    const svg = document.importNode(drawing.documentElement, true);
    // As a group, so that a screen reader names each state in it.
    svg.setAttribute('role', 'group');
    svg.setAttribute('aria-labelledby', titleId);
    this.#place.replaceChildren(svg);
    this.states = index(svg, 'state');
    this.edges = index(svg, 'edge');
    this.#flashes.clear();
  }

  /**
   * @param {readonly string[]} here ids of the states in which somebody is
   * @param {ReadonlySet<string>} taken ids of transitions that were taken
   * @param {ReadonlySet<string>} next ids of transitions that can be taken
   */
  markStates(here, taken, next) {
    for (const [id, element] of this.states) element.classList.toggle('here', here.includes(id));
    for (const [id, element] of this.edges) {
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
    this.states.get(state ?? '')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  /** Highlights a transition for a moment. @param {string} edge its id */
  flash(edge) {
    const element = this.edges.get(edge);
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
