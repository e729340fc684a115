/**
 * What the user has set: language, colours, and how they want to be called when somebody asks or mentions them.
 *
 * Owns: the settings, which stay in this browser, and the calls: a sound, a mark in the title, a notification. All of them are
 * off until the user switches them on, and the browser's permission is asked for only then. Next: `words.js`.
 */
import { filled, languages } from './words.js';

const plainTitle = document.title;

const byId = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (document.getElementById(id));

/** A setting that is kept if the browser allows it. @param {string} name @param {string} [value] */
function kept(name, value) {
  try {
    if (value !== undefined) localStorage.setItem(`statechat.${name}`, value);
    return localStorage.getItem(`statechat.${name}`) ?? '';
  } catch {
    return value ?? '';
  }
}

export class Settings {
  #onLanguage;
  #language = 'en';
  /** @type {AudioContext | undefined} */
  #audio;

  /** @param {() => void} onLanguage called when there are other words */
  constructor(onLanguage) {
    this.#onLanguage = onLanguage;
    const own = navigator.languages.map((each) => each.slice(0, 2)).find((each) => each in languages);
    const asked = kept('language');
    this.#language = asked in languages ? asked : (own ?? 'en');
    this.#listen();
  }

  get language() {
    return this.#language;
  }

  /** How times and days are written: as the user's own browser does, if that is the same language. */
  get locale() {
    return navigator.languages.find((each) => each.startsWith(this.#language)) ?? this.#language;
  }

  /** A word of the page. @param {string} key @param {Record<string, unknown>} [about] */
  word(key, about) {
    return filled(languages[this.#language]?.[key] ?? key, about);
  }

  has(/** @type {string} */ key) {
    return key in (languages.en ?? {});
  }

  /** Writes the words into the page. */
  show() {
    document.documentElement.lang = this.#language;
    for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-word]')))
      element.textContent = this.word(element.dataset.word ?? '');
    for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-word-label]')))
      element.setAttribute('aria-label', this.word(element.dataset.wordLabel ?? ''));
  }

  /** Somebody asks for the user, or mentions them. @param {string} text the page's own words */
  call(text) {
    if (byId('sound').checked) this.#ring();
    if (!document.hidden) return;
    if (byId('mark').checked) document.title = `● ${text}`;
    if (byId('notify').checked && Notification.permission === 'granted') new Notification(plainTitle, { body: text });
  }

  #listen() {
    const language = byId('language');
    language.replaceChildren(...Object.entries(languages).map(([key, words]) => new Option(words.language, key)));
    language.value = this.#language;
    language.addEventListener('change', () => {
      this.#language = kept('language', language.value) || language.value;
      this.show();
      this.#onLanguage();
    });
    const theme = byId('theme');
    const paint = () => {
      if (theme.value === 'auto') delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = theme.value;
    };
    theme.value = kept('theme') || 'auto';
    paint();
    theme.addEventListener('change', () => {
      kept('theme', theme.value);
      paint();
    });
    for (const name of ['sound', 'mark']) {
      byId(name).checked = kept(name) === 'on';
      byId(name).addEventListener('change', () => void kept(name, byId(name).checked ? 'on' : 'off'));
    }
    byId('sound').addEventListener('change', () => {
      if (byId('sound').checked) this.#ring();
    });
    this.#listenToNotify();
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) document.title = plainTitle;
    });
    // As a menu does: Escape closes it, and the focus is where it was opened.
    const settings = byId('settings');
    settings.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      settings.removeAttribute('open');
      settings.querySelector('summary')?.focus();
    });
  }

  #listenToNotify() {
    const notify = byId('notify');
    const canNotify = typeof Notification === 'function';
    notify.checked = canNotify && kept('notify') === 'on' && Notification.permission === 'granted';
    notify.addEventListener('change', async () => {
      const answer = notify.checked && canNotify ? await Notification.requestPermission() : 'denied';
      byId('notify-denied').hidden = !notify.checked || answer === 'granted';
      notify.checked = notify.checked && answer === 'granted';
      kept('notify', notify.checked ? 'on' : 'off');
    });
  }

  /** Two short tones; a browser allows them once the user has done something on the page. */
  #ring() {
    this.#audio ??= new AudioContext();
    const { currentTime, destination } = this.#audio;
    for (const [index, hertz] of [660, 880].entries()) {
      const tone = new OscillatorNode(this.#audio, { frequency: hertz });
      const volume = new GainNode(this.#audio, { gain: 0.08 });
      tone.connect(volume).connect(destination);
      tone.start(currentTime + index * 0.14);
      tone.stop(currentTime + index * 0.14 + 0.12);
    }
  }
}
