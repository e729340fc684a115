/**
 * The part of the chart that is in sight.
 *
 * Owns: that it goes where something has happened, until the reader scrolls. Next: `main.js`.
 */

/** What a reader does to look elsewhere. */
const looksElsewhere = ['wheel', 'touchmove', 'pointerdown'];
const scrollKeys = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'Home', 'End', ' '];

export class Follower {
  #place;
  #button;
  isOn = true;

  /** @param {HTMLElement} place what scrolls @param {HTMLButtonElement} button turns it on and off */
  constructor(place, button) {
    this.#place = place;
    this.#button = button;
    for (const kind of looksElsewhere) place.addEventListener(kind, () => this.set(false), { passive: true });
    place.addEventListener('keydown', ({ key }) => {
      if (scrollKeys.includes(key)) this.set(false);
    });
    button.addEventListener('click', () => this.set(!this.isOn));
  }

  /** @param {boolean} isOn */
  set(isOn) {
    this.isOn = isOn;
    this.#button.setAttribute('aria-pressed', String(isOn));
  }

  /** Brings an element into sight, if the reader has not looked elsewhere. @param {Element | undefined} element */
  show(element) {
    if (!this.isOn || !element) return;
    const place = this.#place.getBoundingClientRect();
    const box = element.getBoundingClientRect();
    const isInSight =
      box.top >= place.top && box.bottom <= place.bottom && box.left >= place.left && box.right <= place.right;
    if (isInSight) return;
    this.#place.scrollBy({
      top: box.top + box.height / 2 - place.top - place.height / 2,
      left: box.left + box.width / 2 - place.left - place.width / 2,
      behavior: 'instant',
    });
  }
}
