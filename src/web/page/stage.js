/**
 * The part of the page that the present state of the dialogue needs: a form, who is online, a question, its buttons.
 *
 * Owns: how each part is drawn, and where the focus goes when what had it is gone. What is shown in which state is in
 * `faces.js`. Next: `main.js`.
 *
 * @import { Face, Part } from './faces.js'
 * @import { Settings } from './settings.js'
 */
import { colourOf, make } from './log.js';

const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @type {Readonly<Record<Part, { title: string, text?: string, form?: string, hasPeople?: true, hasComposer?: true, placeholder?: string }>>} */
const parts = {
  joining: { title: 'joiningTitle', text: 'about', form: 'id-form' },
  password: { title: 'passwordLabel', form: 'password-form' },
  menu: { title: 'menuTitle', hasPeople: true, hasComposer: true, placeholder: 'typeHere' },
  naming: { title: 'namingTitle', form: 'target-form', hasPeople: true },
  asking: { title: 'askingTitle', text: 'askingText', hasComposer: true, placeholder: 'typeHere' },
  asked: { title: 'askedTitle', text: 'askedText', hasComposer: true, placeholder: 'typeHere' },
  chat: { title: 'chatTitle', hasComposer: true, placeholder: 'messageToPartner' },
  room: { title: 'roomTitle', hasComposer: true, placeholder: 'messageToRoom' },
  over: { title: 'overTitle' },
};
const forms = ['id-form', 'password-form', 'target-form'];

/**
 * @typedef {object} View
 * @property {Face} face
 * @property {string} partner
 * @property {ReadonlyMap<string, string>} people states by id, the user's own not among them
 */

export class Stage {
  #settings;
  #does;
  /** @type {Part | undefined} */
  #part;

  /**
   * @param {Settings} settings
   * @param {object} does what buttons do
   * @param {number} does.port where terminals connect
   * @param {(line: string) => void} does.press says a line
   * @param {(id: string) => void} does.ask asks this user
   * @param {() => void} does.again connects again
   */
  constructor(settings, does) {
    this.#settings = settings;
    this.#does = does;
    byId('again').addEventListener('click', does.again);
  }

  /** @param {View} view */
  show({ face, partner, people }) {
    const { title, text, form, hasPeople = false, hasComposer = false, placeholder = '' } = parts[face.part];
    const hadFocus = document.activeElement;
    const others = [...people].sort(([a], [b]) => a.localeCompare(b));
    const titleWord = face.part === 'menu' && others.length > 0 ? 'menuTitleSome' : title;
    byId('stage-title').textContent = this.#settings.word(titleWord, { partner, count: others.length + 1 });
    byId('stage-text').textContent = text === undefined ? '' : this.#settings.word(text);
    byId('stage-text').hidden = text === undefined;
    for (const id of forms) byId(id).hidden = id !== form;
    byId('people').hidden = !hasPeople;
    if (hasPeople) this.#showPeople(others);
    this.#showButtons(face);
    byId('again').hidden = face.part !== 'over';
    byId('composer').hidden = !hasComposer;
    byId('message').setAttribute('placeholder', placeholder && this.#settings.word(placeholder, { partner }));
    document.body.className = `part-${face.part}`;
    if (this.#part !== face.part) this.#changed(face.part, hadFocus, form);
    this.#part = face.part;
  }

  /** Buttons stay the elements they are, so that the focus stays where it is. @param {Face} face */
  #showButtons({ buttons, part }) {
    const place = byId('buttons');
    if (place.dataset.part !== part) {
      place.dataset.part = part;
      place.replaceChildren(
        ...buttons.map(({ line, isMain }) => {
          const button = /** @type {HTMLButtonElement} */ (make('button', isMain ? 'main' : ''));
          button.type = 'button';
          button.dataset.line = line;
          button.addEventListener('click', () => this.#does.press(line));
          return button;
        }),
      );
    }
    for (const [index, button] of [.../** @type {HTMLCollectionOf<HTMLButtonElement>} */ (place.children)].entries()) {
      button.textContent = this.#settings.word(buttons[index]?.word ?? '');
    }
  }

  /** @param {[string, string][]} others */
  #showPeople(others) {
    const list = byId('people');
    const rows = new Map([...list.children].map((row) => [/** @type {HTMLElement} */ (row).dataset.id ?? '', row]));
    const wanted = others.map(([id, state]) => this.#rowOf(rows.get(id) ?? this.#newRow(id), id, state));
    if (wanted.length === 0) {
      const at = { host: location.hostname, port: this.#does.port };
      wanted.push(make('li', 'soft', this.#settings.word('nobody', at)));
    }
    for (const [index, row] of wanted.entries()) {
      if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
    }
    while (list.children.length > wanted.length) list.lastElementChild?.remove();
  }

  /** @param {string} id */
  #newRow(id) {
    const row = make('li', '');
    row.dataset.id = id;
    const who = make('span', `who ${colourOf(id)}`, id);
    who.dir = 'auto';
    const button = /** @type {HTMLButtonElement} */ (make('button', ''));
    button.type = 'button';
    button.addEventListener('click', () => {
      if (button.getAttribute('aria-disabled') === 'false') this.#does.ask(id);
    });
    row.append(who, make('span', 'state'), button);
    return row;
  }

  /** @param {Element} row @param {string} id @param {string} state */
  #rowOf(row, id, state) {
    const [, place, button] = row.children;
    const isFree = state === 'free';
    place?.classList.toggle('free', isFree);
    if (place) place.textContent = this.#settings.word(isFree ? 'free' : state === 'busy' ? 'busy' : 'inRoom');
    if (button) {
      button.textContent = this.#settings.word('ask');
      button.setAttribute('aria-label', this.#settings.word('askWhom', { id }));
      button.setAttribute('aria-disabled', String(!isFree));
    }
    return row;
  }

  /**
   * Another part is shown. If what had the focus is gone, it goes to where the user goes on; otherwise it stays.
   *
   * @param {Part} part
   * @param {Element | null} hadFocus
   * @param {string | undefined} form
   */
  #changed(part, hadFocus, form) {
    // The title had it for want of anything better.
    const isNowhere = hadFocus === document.body || hadFocus === null || hadFocus === byId('stage-title');
    if (!isNowhere && hadFocus.checkVisibility()) return;
    const field = form === undefined ? byId('message') : byId(form).querySelector('input');
    // On a screen without a mouse a field would bring up the keyboard, over what there is to choose.
    const hasKeyboard =
      matchMedia('(pointer: fine)').matches || part === 'chat' || part === 'room' || part === 'password';
    if (hasKeyboard && field?.checkVisibility()) field.focus();
    else byId('stage-title').focus();
  }
}
