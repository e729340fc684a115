/**
 * What is chosen, in the page's address: so a reload shows the same, and so does the address in another window.
 *
 * Owns: the form of the address after `#`. Next: `main.js`.
 *
 * @typedef {{ chart: string, fit: string, session: string, state: string }} View
 */

const names = /** @type {const} */ (['chart', 'fit', 'session', 'state']);

/** @returns {Partial<View>} */
export function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(names.flatMap((name) => (given.get(name) ? [[name, given.get(name)]] : [])));
}

/** Writes what differs from what a new page shows. @param {View} view */
export function writeAddress(view) {
  const usual = { chart: 'session', fit: 'width', session: '', state: '' };
  const differing = names.filter((name) => view[name] !== usual[name]).map((name) => [name, view[name]]);
  const hash = new URLSearchParams(differing).toString();
  history.replaceState(null, '', hash === '' ? location.pathname : `#${hash}`);
}
