/**
 * What was said, as the user reads it: messages, and what the server says, in the page's words.
 *
 * Owns: how it is drawn, how much of it is kept, and that it scrolls along only for those who read its end. All text becomes
 * text, never markup. Next: `words.js`.
 *
 * @import { Settings } from './settings.js'
 */

/** More than this nobody reads again, and a page that is open for days has to stay small. */
const maxEntries = 500;
/** How many colours `chat.css` has for ids. */
const colours = 8;

/** The class of an id's colour, the same at every time and on every page. @param {string} id */
export function colourOf(id) {
  let hash = 0;
  for (const char of id.toLowerCase()) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) >>> 0;
  return `c${hash % colours}`;
}

/** @param {string} tag @param {string} className @param {string} [text] */
export function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

export class Log {
  #place;
  #settings;
  #day = '';
  /** Whose message came last. */
  #lastId = '';

  /** @param {HTMLElement} place @param {Settings} settings */
  constructor(place, settings) {
    this.#place = place;
    this.#settings = settings;
  }

  /** A message. @param {string} id @param {string} text @param {boolean} isOwn */
  say(id, text, isOwn) {
    const entry = make('p', `said${isOwn ? ' own' : ''}${id === this.#lastId ? ' next' : ''}`);
    const who = make('span', `who ${colourOf(id)}`, id);
    who.dir = 'auto';
    const words = make('span', 'text', text);
    words.dir = 'auto';
    entry.append(who, ' ', this.#time(), words);
    this.#add(entry);
    this.#lastId = id;
  }

  /** What the server or the page says. @param {string} text @param {'notice' | 'raw'} [kind] */
  tell(text, kind = 'notice') {
    const entry = make('p', kind, text);
    entry.dir = 'auto';
    this.#add(entry);
    this.#lastId = '';
  }

  #time() {
    const now = new Date();
    const time = /** @type {HTMLTimeElement} */ (make('time', ''));
    time.dateTime = now.toISOString();
    time.textContent = now.toLocaleTimeString(this.#settings.locale, { hour: '2-digit', minute: '2-digit' });
    return time;
  }

  /** @param {HTMLElement} entry */
  #add(entry) {
    const place = this.#place;
    const isAtEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 40;
    const day = new Date().toLocaleDateString(this.#settings.locale, { dateStyle: 'full' });
    if (this.#day !== '' && day !== this.#day) place.append(make('p', 'day', day));
    this.#day = day;
    place.append(entry);
    while (place.children.length > maxEntries) place.firstElementChild?.remove();
    if (isAtEnd || entry.classList.contains('own')) place.scrollTop = place.scrollHeight;
  }
}
