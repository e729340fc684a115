/**
 * The user's own session chart beside the chat: where they are, which transition was taken last, and each step in words.
 *
 * Owns: how it is shown. What is shown comes from the server, and is about this session only. Next: `words.js`,
 * `../../viewer/page/drawing.js` (the drawing and its marks).
 *
 * @import { ChartMessage } from '../pageConnection.ts'
 * @import { ChartStep } from '../ownChart.ts'
 * @import { Settings } from './settings.js'
 */
import { Drawing } from '../../viewer/page/drawing.js';
import { make } from './log.js';

/** How many steps are listed. */
const maxSteps = 40;

/** The innermost of these states, in one word. @param {readonly string[]} states */
function placeIn(states) {
  return states.at(-1)?.split('.').slice(-1)[0] ?? '';
}

export class OwnChart {
  #settings;
  #drawing;
  #place;
  #now;
  #list;
  /** @type {{ at: Date, step: ChartStep, before: string, isByPage: boolean }[]} */
  #steps = [];
  /** @type {readonly string[]} */
  #states = [];
  /** @type {Set<string>} */
  #taken = new Set();
  /** Lines that the page said without being told to, and that have not come back as events. */
  #byPage = 0;

  /** @param {{ drawing: HTMLElement, now: HTMLElement, list: HTMLElement }} places @param {Settings} settings */
  constructor({ drawing, now, list }, settings) {
    this.#settings = settings;
    this.#place = drawing;
    this.#drawing = new Drawing(drawing);
    this.#now = now;
    this.#list = list;
  }

  async load() {
    this.#drawing.draw(await (await fetch('/diagrams/session.svg')).text(), 'chart-title');
    this.show();
  }

  /** The page says a line by itself. */
  saidByPage() {
    this.#byPage++;
  }

  /** The connection begins again. */
  begin() {
    this.#steps = [];
    this.#byPage = 0;
  }

  /** The connection is over, and so is the session. */
  end() {
    this.#states = [];
    this.show();
  }

  /** @param {ChartMessage} message */
  move({ states, steps, isIncomplete }) {
    for (const step of steps) {
      const isByPage = step.event.type === 'line.received' && step.event.text === '4' && this.#byPage > 0;
      if (isByPage) this.#byPage--;
      const before = placeIn(this.#steps[0]?.step.states ?? this.#states);
      this.#steps.unshift({ at: new Date(), step, before, isByPage });
    }
    this.#steps.length = Math.min(this.#steps.length, maxSteps);
    this.#states = states;
    if (steps.length > 0) this.#taken = new Set(steps.flatMap(({ edges }) => edges));
    this.show();
    this.reveal();
    for (const edge of this.#taken) this.#drawing.flash(edge);
    if (isIncomplete) this.#list.prepend(make('li', 'soft', this.#settings.word('incomplete')));
  }

  /** Draws it as it is now, in the page's words. */
  show() {
    this.#drawing.markStates(this.#states, this.#taken, new Set());
    const here = this.#states.at(-1);
    for (const [id, element] of this.#drawing.states) {
      if (id === here) element.setAttribute('aria-current', 'step');
      else element.removeAttribute('aria-current');
    }
    const names = this.#states.slice(1).map((id) => placeIn([id]));
    this.#now.textContent =
      here === undefined
        ? this.#settings.word('chartOver')
        : this.#settings.word('chartNow', { state: names.join(' › ') });
    this.#list.replaceChildren(...this.#steps.map((each) => this.#row(each)));
  }

  /** @param {{ at: Date, step: ChartStep, before: string, isByPage: boolean }} step */
  #row({ at, step: { event, edges, states }, before, isByPage }) {
    const row = make('li', '');
    const clock = make('time', '', at.toLocaleTimeString(this.#settings.locale));
    const what = isByPage ? this.#settings.word('pageAsked') : this.#settings.word(event.type, event);
    const after = placeIn(states);
    const stays = after === before ? this.#settings.word('stays') : after;
    const text = make('span', '', `${what} → ${edges.length === 0 ? this.#settings.word('ignored') : stays}`);
    text.dir = 'auto';
    row.append(clock, ' ', text);
    return row;
  }

  /** Scrolls the drawing, and not the page, to the state in which the user is. */
  reveal() {
    const element = this.#drawing.states.get(this.#states.at(-1) ?? '');
    if (element === undefined || this.#place.clientHeight === 0) return;
    const [outer, inner] = [this.#place.getBoundingClientRect(), element.getBoundingClientRect()];
    const middle = (/** @type {DOMRect} */ rect) => [rect.left + rect.width / 2, rect.top + rect.height / 2];
    const [[outerX = 0, outerY = 0], [innerX = 0, innerY = 0]] = [middle(outer), middle(inner)];
    this.#place.scrollBy(innerX - outerX, innerY - outerY);
  }
}
