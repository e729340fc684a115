/**
 * The sequence diagram of the latest events between sessions and the lobby.
 *
 * Owns: its drawing. Next: `main.js`.
 *
 * @import { HistoryRecord } from './model.js'
 */
import { isIgnored } from './model.js';
import { clockText, eventText } from './text.js';

/** How many events are drawn at most, and how many users. */
const maxEvents = 24;
const maxUsers = 7;

const columnWidth = 170;
const rowHeight = 26;
const headHeight = 34;
const namespace = 'http://www.w3.org/2000/svg';

/**
 * @param {HTMLElement} place
 * @param {Iterable<HistoryRecord>} history latest first
 * @param {(session: string) => string} nameOfSession
 * @param {string | undefined} chosen only what this session and its partners send and get, if given
 */
export function drawSequence(place, history, nameOfSession, chosen) {
  const wanted = chosen === undefined ? history : about(chosen, [...history]);
  /** @type {HistoryRecord[]} */
  const shown = [];
  const senders = new Set(['lobby']);
  for (const record of wanted) {
    const { source, session } = record;
    if (source === undefined || record.isStart || source === session) continue;
    const isNew = [source, session].some((each) => !senders.has(each));
    if (isNew && senders.size > maxUsers) break;
    senders.add(source).add(session);
    shown.unshift(record);
    if (shown.length >= maxEvents) break;
  }
  if (shown.length === 0) {
    place.replaceChildren(
      Object.assign(document.createElement('p'), { className: 'soft', textContent: 'Nothing yet.' }),
    );
    return;
  }
  // The lobby stands in the middle, so that fewer arrows cross lifelines.
  const sessions = [...senders]
    .filter((each) => each !== 'lobby')
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const columns = [
    ...sessions.slice(0, Math.ceil(sessions.length / 2)),
    'lobby',
    ...sessions.slice(Math.ceil(sessions.length / 2)),
  ];
  const width = 80 + columns.length * columnWidth;
  const height = headHeight + shown.length * rowHeight + 16;
  const x = (/** @type {string} */ each) => 80 + (columns.indexOf(each) + 0.5) * columnWidth;
  const svg = make('svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img' });
  svg.append(make('title', {}, 'What sessions and the lobby have sent each other last'));
  for (const each of columns) {
    svg.append(
      make('line', { class: 'lifeline', x1: x(each), x2: x(each), y1: headHeight - 6, y2: height }),
      make('text', { class: 'life', x: x(each), y: 18 }, each === 'lobby' ? 'lobby' : nameOfSession(each)),
    );
  }
  shown.forEach((record, row) => {
    const { source = '', session, event } = record;
    const y = headHeight + (row + 0.8) * rowHeight;
    const [from, to] = [x(source), x(session)];
    const side = to > from ? -1 : 1;
    const ignored = isIgnored(record);
    const group = make('g', { class: ignored ? 'arrow ignored' : 'arrow' });
    group.append(
      make('text', { class: 'time', x: 4, y }, clockText(record.at)),
      make('line', { class: 'shaft', x1: from, x2: to + side * 7, y1: y, y2: y }),
      make('path', { class: 'head', d: `M${to} ${y} l${side * 8} -4 v8 z` }),
      make('text', { class: 'what', x: (from + to) / 2, y: y - 5 }, shorten(eventText(event), Math.abs(to - from))),
      make(
        'title',
        {},
        `${nameOfSession(source)} → ${nameOfSession(session)}: ${eventText(event)}${ignored ? ', ignored' : ''}`,
      ),
    );
    svg.append(group);
  });
  place.replaceChildren(svg);
}

/**
 * Returns the events from and to a session and its partners.
 *
 * @param {string} chosen
 * @param {HistoryRecord[]} history
 */
function about(chosen, history) {
  const pairings = new Set(history.filter(({ session }) => session === chosen).map(({ event }) => event.pairingId));
  pairings.delete(undefined);
  const sessions = new Set(history.filter(({ event }) => pairings.has(event.pairingId)).map(({ session }) => session));
  sessions.add(chosen).delete('lobby');
  return history.filter(
    ({ source, session }) => sessions.has(session) || (source !== undefined && sessions.has(source)),
  );
}

/** @param {string} text @param {number} width in px */
function shorten(text, width) {
  const most = Math.max(8, Math.floor((width - 10) / 6.3));
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {string} [text]
 */
function make(name, attributes, text) {
  const element = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}
