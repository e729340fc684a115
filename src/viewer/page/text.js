/**
 * The page's words for what happens.
 *
 * Owns: how events, users, transitions and times are called on the page. Next: `panels.js`.
 *
 * @import { GraphTransition } from '../../chart/graph.ts'
 * @import { HistoryRecord, OpenEvent, Session } from './model.js'
 */

/** Returns the user's id, or the session's while there is none. @param {{ id: string, userId: string }} session */
export function nameOf({ id, userId }) {
  return userId || id;
}

/** Returns the innermost state: `menu.choosing`. @param {Session} session */
export function placeOf({ states }) {
  const [inner = '', outer] = (states.at(-1) ?? '').split('.').slice(1).reverse();
  return outer && outer !== 'online' ? `${outer}.${inner}` : inner;
}

/** @param {OpenEvent} event @returns {string} */
export function eventText({ type, length, askerId, partnerId, reason, limit, update, id, to }) {
  if (update) return `${type}: ${eventText(update)}`;
  if (type === 'xstate.init') return 'connected';
  if (length !== undefined) return `${type} (${length} ${length === 1 ? 'character' : 'characters'})`;
  const about = id ?? partnerId ?? reason ?? limit ?? askerId ?? to;
  return about === undefined ? type : `${type} ${about}`;
}

/**
 * Returns what the chart did with an event.
 *
 * @param {HistoryRecord} record
 * @param {Map<string, GraphTransition>} transitions
 */
export function outcomeText({ edges, isStart }, transitions) {
  if (isStart) return 'the dialogue begins';
  if (edges.length === 0) return 'ignored';
  return edges
    .map((id) => {
      const transition = transitions.get(id);
      if (!transition) return id.split(' ')[1];
      const { targets, guard, actions } = transition;
      const said = [
        guard && `[${guard}]`,
        actions.length > 0 && `/ ${actions.join(', ')}`,
        targets.length > 0 && `→ ${targets.map(lastName).join(', ')}`,
      ];
      return said.filter(Boolean).join(' ') || 'stays';
    })
    .join('; ');
}

/** @param {GraphTransition} transition */
export function transitionText({ event, isDelayed, guard, targets }) {
  const to = targets.length > 0 ? ` → ${targets.map(lastName).join(', ')}` : '';
  return `${isDelayed ? 'after ' : ''}${event || 'always'}${guard ? ` [${guard}]` : ''}${to}`;
}

/** @param {string} id */
export function lastName(id) {
  return id.split('.').at(-1) ?? id;
}

/** @param {number} ms */
export function clockText(ms) {
  const date = new Date(ms);
  const two = (/** @type {number} */ number) => String(number).padStart(2, '0');
  const seconds = `${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
  return `${two(date.getHours())}:${two(date.getMinutes())}:${seconds}`;
}

/** `1 min 5 s`. @param {number} ms */
export function durationText(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
