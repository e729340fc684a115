/**
 * A chart on the viewer's page: the drawing of `diagrams/`, with the users in it.
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
  #root = '';
  /** Where the pointer was last. */
  #pointer = '';
  #onState;
  #onLook;

  /**
   * @param {HTMLElement} place
   * @param {(state: string) => void} onState called with a state that the user chooses
   * @param {(state: GraphState | undefined) => void} onLook called with the state that the user points at or tabs to
   */
  constructor(place, onState, onLook) {
    super(place);
    this.#onState = onState;
    this.#onLook = onLook;
  }

  /** Says which states the next drawing has. @param {Graph} graph */
  setGraph(graph) {
    this.#root = graph.root.id;
    this.#names.clear();
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
      if (id === this.#root) continue;
      const choose = (/** @type {Event} */ event) => {
        event.stopPropagation();
        this.#onState(id);
      };
      const state = this.#names.get(id);
      const look = (/** @type {Event} */ event) => {
        event.stopPropagation();
        this.#onLook(state);
      };
      element.addEventListener('focus', look);
      element.addEventListener('mousemove', (event) => {
        const { clientX, clientY } = /** @type {MouseEvent} */ (event);
        const pointer = `${clientX} ${clientY}`;
        // A chart that scrolls under a pointer that stands still is not pointed at.
        if (pointer !== this.#pointer) look(event);
        this.#pointer = pointer;
      });
      element.addEventListener('blur', () => this.#onLook(undefined));
      if (state?.description) element.setAttribute('aria-description', state.description);
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

  /** @param {string} id */
  stateOf(id) {
    return this.#names.get(id);
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
