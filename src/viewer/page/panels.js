/**
 * The page's lists: sessions, the chosen one, events, dictionaries.
 *
 * Owns: how they are drawn, and how many rows they have at most. Next: `main.js`.
 *
 * @import { GraphState, GraphTransition } from '../../chart/graph.ts'
 * @import { HistoryRecord, Row, Session } from './model.js'
 */
import { isIgnored } from './model.js';
import { clockText, durationText, eventText, nameOf, outcomeText, placeOf, transitionText } from './text.js';

const maxSessions = 200;
const maxEvents = 200;
const maxRows = 100;
/** How many events of the chosen session are shown. */
const maxSteps = 30;

/**
 * Shows as many sessions as there is room for. Returns how many fit the search, and how many are shown.
 *
 * @param {HTMLElement} list
 * @param {Iterable<Session>} sessions
 * @param {string | undefined} chosen
 * @param {number} now when the moment is that is shown, in ms
 */
export function showSessions(list, sessions, chosen, now) {
  const all = [...sessions];
  const first = Math.max(
    0,
    Math.min(all.findIndex(({ id }) => id === chosen) - maxSessions / 2, all.length - maxSessions),
  );
  const shown = all.slice(first, first + maxSessions);
  fill(list, shown, 'div', ['who', 'where', 'since'], (row, session) => {
    setAttributes(row, { role: 'option', id: `option-${session.id}`, 'aria-selected': String(session.id === chosen) });
    row.dataset.session = session.id;
    setTexts(row, [nameOf(session), placeOf(session), durationText(now - session.since)]);
    row.classList.toggle('waits', session.waits);
  });
  if (shown.some(({ id }) => id === chosen)) list.setAttribute('aria-activedescendant', `option-${chosen}`);
  else list.removeAttribute('aria-activedescendant');
  return { fitting: all.length, shown: shown.length };
}

/**
 * @param {HTMLElement} place
 * @param {Session | undefined} session undefined if it has ended
 * @param {HistoryRecord[]} way what has happened to it, latest first
 * @param {GraphTransition[]} next the transitions that it can take
 * @param {Map<string, GraphTransition>} transitions
 */
export function showChosen(place, session, way, next, transitions) {
  const facts = session
    ? [
        ['State', session.states.at(-1)?.split('.').slice(1).join(' › ') ?? ''],
        ['Connection', session.id],
        ['Id', session.userId || 'none yet'],
        ['Partner', session.partner || 'nobody'],
        ['Waits', session.waits ? 'for a verdict: what they type waits too' : 'for the person, or for an update'],
      ]
    : [['State', 'ended']];
  const list = make('dl');
  for (const [name = '', value = ''] of facts) list.append(make('dt', name), make('dd', value));
  place.replaceChildren(
    list,
    make('h3', 'Can do next'),
    listOf(
      next.map((transition) => [transitionText(transition), transition.description]),
      'nothing',
    ),
    make('h3', 'Its way so far, latest first'),
    listOf(
      way.slice(0, maxSteps).map((record) => {
        const outcome = outcomeText(record, transitions);
        return [`${clockText(record.at)}  ${eventText(record.event)}: ${outcome}`, ''];
      }),
      'nothing since this page watches',
    ),
  );
}

/**
 * @param {HTMLElement} place
 * @param {GraphState | undefined} state
 * @param {number} count how many are in it
 * @param {GraphTransition[]} ways its own transitions
 */
export function showChosenState(place, state, count, ways) {
  const list = make('dl');
  const facts = [
    ['Path', state?.id.split('.').slice(1).join(' › ') ?? ''],
    ['Now here', String(count)],
    ['On entry', state?.entry.join(', ') || 'nothing'],
    ['On exit', state?.exit.join(', ') || 'nothing'],
  ];
  for (const [name = '', value = ''] of facts) list.append(make('dt', name), make('dd', value));
  place.replaceChildren(
    make('p', state?.description ?? ''),
    list,
    make('h3', 'Leads on'),
    listOf(
      ways.map((transition) => [transitionText(transition), transition.description]),
      'by no transition of its own',
    ),
  );
}

/**
 * @param {HTMLElement} list
 * @param {Iterable<HistoryRecord>} history latest first
 * @param {(record: HistoryRecord) => boolean} isWanted
 * @param {Map<string, GraphTransition>} transitions
 */
export function showLog(list, history, isWanted, transitions) {
  /** @type {HistoryRecord[]} */
  const shown = [];
  for (const record of history) {
    if (isWanted(record)) shown.push(record);
    if (shown.length === maxEvents) break;
  }
  fill(list, shown, 'li', ['time', 'who', 'what', 'outcome'], (row, record) => {
    const { at, session, userId, event } = record;
    row.dataset.session = session === 'lobby' ? (event.session ?? '') : session;
    setTexts(row, [clockText(at), userId || session, eventText(event), outcomeText(record, transitions)]);
    row.classList.toggle('ignored', isIgnored(record));
  });
}

/** @param {HTMLElement} place @param {Iterable<Row>} rows */
export function showDictionaries(place, rows) {
  /** @type {Row[]} */
  const shown = [];
  for (const row of rows) {
    shown.push(row);
    if (shown.length === maxRows) break;
  }
  /** @type {[string, (row: Row) => string][]} */
  const dictionaries = [
    ['connection', ({ session }) => session],
    ['state', ({ state }) => state ?? ''],
    ['partner', ({ partner }) => partner ?? '–'],
  ];
  if (place.children.length === 0) {
    for (const [value] of dictionaries) {
      const table = make('table');
      const head = make('tr');
      head.append(make('th', 'id'), make('th', value));
      const top = make('thead');
      top.append(head);
      table.append(make('caption', `id → ${value}`), top, make('tbody'));
      place.append(table);
    }
  }
  dictionaries.forEach(([, textOf], index) => {
    const body = /** @type {HTMLElement} */ (place.children[index]?.querySelector('tbody'));
    fill(body, shown, 'tr', [], (element, row) => {
      if (element.children.length === 0) element.append(make('td'), make('td'));
      setTexts(element, [row.id ?? '', textOf(row)]);
    });
  });
  return shown.length;
}

/**
 * Makes as many rows as there are items. It uses rows that are there already.
 *
 * @template T
 * @param {HTMLElement} list
 * @param {readonly T[]} items
 * @param {string} tag
 * @param {readonly string[]} parts the classes of the texts in a row
 * @param {(row: HTMLElement, item: T) => void} update
 */
function fill(list, items, tag, parts, update) {
  while (list.children.length > items.length) list.lastElementChild?.remove();
  while (list.children.length < items.length) {
    const row = make(tag);
    for (const part of parts) row.append(Object.assign(make('span'), { className: part }));
    list.append(row);
  }
  for (const [index, item] of items.entries()) update(/** @type {HTMLElement} */ (list.children[index]), item);
}

/** @param {string[][]} items text and explanation @param {string} none */
function listOf(items, none) {
  if (items.length === 0) return Object.assign(make('p', none), { className: 'soft' });
  const list = make('ul');
  for (const [text = '', explanation = ''] of items)
    list.append(Object.assign(make('li', text), { title: explanation }));
  return list;
}

/** @param {string} tag @param {string} [text] */
function make(tag, text) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  return element;
}

/** @param {HTMLElement} row @param {string[]} texts */
function setTexts(row, texts) {
  texts.forEach((text, index) => {
    const part = row.children[index];
    if (part && part.textContent !== text) part.textContent = text;
  });
}

/** @param {HTMLElement} element @param {Record<string, string>} attributes */
function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }
}
