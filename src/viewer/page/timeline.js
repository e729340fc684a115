/**
 * Time: the slider, one step back or on, and playing what has happened.
 *
 * Owns: the moment that is shown, as far as the reader chooses it. Next: `model.js`, `main.js`.
 *
 * @import { HistoryRecord, Model } from './model.js'
 */
import { clockText, durationText } from './text.js';

/** How long each step is shown while it plays, in ms. */
const playMs = 700;

const byId = (/** @type {string} */ id) => /** @type {HTMLButtonElement} */ (document.getElementById(id));
const slider = () => /** @type {HTMLInputElement} */ (document.getElementById('time'));

export class Timeline {
  #model;
  #onMove;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #playing;

  /**
   * @param {Model} model
   * @param {(record: HistoryRecord | undefined) => void} onMove called after each change of the moment, with the event
   *   that a step forward has shown
   */
  constructor(model, onMove) {
    this.#model = model;
    this.#onMove = onMove;
    slider().addEventListener('input', () => this.#goTo(Number(slider().value)));
    byId('now').addEventListener('click', () => this.toNow());
    byId('back').addEventListener('click', () => this.#step(-1));
    byId('on').addEventListener('click', () => this.#step(1));
    byId('play').addEventListener('click', () => (this.#playing === undefined ? this.#play() : this.#stop()));
  }

  toNow() {
    this.#goTo(this.#model.steps.length);
  }

  draw() {
    const model = this.#model;
    const time = slider();
    time.max = String(model.steps.length);
    time.value = String(model.position);
    const text = model.isLive ? 'now' : `${clockText(model.shownAt)}, ${durationText(Date.now() - model.shownAt)} ago`;
    byId('time-text').textContent = text;
    time.setAttribute('aria-valuetext', text);
    byId('now').disabled = model.isLive;
    byId('on').disabled = model.isLive;
    byId('back').disabled = model.position === 0;
    byId('play').disabled = model.steps.length === 0;
    byId('play').textContent = this.#playing === undefined ? 'Play' : 'Stop';
    document.body.classList.toggle('past', !model.isLive);
  }

  /** @param {number} position */
  #goTo(position) {
    this.#stop();
    this.#model.lookAt(position);
    this.#onMove(undefined);
  }

  /** @param {1 | -1} by */
  #step(by) {
    this.#stop();
    this.#onMove(this.#model.step(by));
  }

  /** Plays from the moment that is shown; from the beginning, if that is now. */
  #play() {
    if (this.#model.isLive) this.#model.lookAt(0);
    this.#playing = setInterval(() => {
      const record = this.#model.step(1);
      if (this.#model.isLive) this.#stop();
      this.#onMove(record);
    }, playMs);
    this.#onMove(undefined);
  }

  #stop() {
    clearInterval(this.#playing);
    this.#playing = undefined;
  }
}
