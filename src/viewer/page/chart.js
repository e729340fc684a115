/**
 * The session chart on the page: the drawing of `diagrams/`, with the users in it.
 *
 * Owns: counts on states, and what is marked for the chosen session. Next: `drawing.js`, `main.js`.
 *
 * @import { Graph, GraphState } from '../../chart/graph.ts'
 * @import { Session } from './model.js'
 */

import { Drawing } from './drawing.js';

export class Chart extends Drawing {
  /** @type {Map<string, GraphState>} */
  #names = new Map();
  #onState;

  /**
   * @param {HTMLElement} place
   * @param {Graph} graph
   * @param {(state: string) => void} onState called with a state that the user chooses
   */
  constructor(place, graph, onState) {
    super(place);
    this.#onState = onState;
    const visit = (/** @type {GraphState} */ state) => {
      this.#names.set(state.id, state);
      state.children.forEach(visit);
    };
    visit(graph.root);
  }

  /** @override @param {string} text an SVG of this project @param {string} titleId the element that names it */
  draw(text, titleId) {
    super.draw(text, titleId);
    for (const [id, element] of this.states) {
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
    for (const [id, element] of this.states) {
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
    this.markStates(session?.states ?? [], taken, next);
  }
}
