/**
 * The viewer's page: takes the stream, keeps what is chosen, and draws at most ten times a second.
 *
 * Owns: the connection to the server, and what the user has chosen: a session, a state, a moment, filters.
 * Next: `model.js`.
 *
 * @import { Graph } from '../../chart/graph.ts'
 * @import { HistoryRecord, Message, Session } from './model.js'
 */
import { Chart } from './chart.js';
import { inOrder, isIgnored, Model } from './model.js';
import { showChosen, showDictionaries, showLog, showSessions } from './panels.js';
import { saveChart, saveLog } from './save.js';
import { drawSequence } from './sequence.js';
import { clockText, durationText, eventText, lastName, nameOf } from './text.js';

const drawEveryMs = 100;
/** How long the page waits before it tries again after the server has refused it, in ms. */
const refusedMs = 3_000;

const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const input = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (document.getElementById(id));
const button = (/** @type {string} */ id) => /** @type {HTMLButtonElement} */ (document.getElementById(id));

const model = new Model();
/** @type {Graph} */
const graph = await (await fetch('graph.json')).json();
const transitions = new Map(graph.transitions.map((each) => [each.id, each]));
const chart = new Chart(byId('drawing'), graph, (state) => chooseState(state === chosenState ? '' : state));

/** @type {string | undefined} */
let chosen;
let chosenState = '';
/** The history as it was when the user paused it. @type {HistoryRecord[] | undefined} */
let pausedHistory;
/** Transitions to highlight at the next drawing. @type {Set<string>} */
const lit = new Set();
let isPlanned = false;

function plan() {
  if (isPlanned) return;
  isPlanned = true;
  setTimeout(() => {
    isPlanned = false;
    draw();
  }, drawEveryMs);
}

function draw() {
  const { view } = model;
  chart.showCounts(view.counts, chosenState);
  drawChosen();
  drawList();
  const { rows } = view;
  const shownRows = showDictionaries(byId('dictionaries'), inOrder(rows));
  byId('tables-count').textContent =
    shownRows < rows.size ? `the first ${shownRows} of ${rows.size} ids` : `${rows.size} ids`;
  byId('totals').textContent = `${view.sessions.size} connected, ${model.onlineCount} online`;
  drawLog();
  drawSequence(byId('sequence'), model.history(), nameOfSession, chosen);
  drawTime();
  if (model.isLive) for (const edge of lit) chart.flash(edge);
  lit.clear();
}

function drawList() {
  const wanted = input('find').value.trim().toLowerCase();
  const { sessions } = model.view;
  const fits = (/** @type {Session} */ session) =>
    (chosenState === '' || session.states.includes(chosenState)) && nameOf(session).toLowerCase().includes(wanted);
  const now = model.isLive ? Date.now() : model.shownAt;
  const { fitting, shown } = showSessions(byId('session-list'), inOrder(sessions).filter(fits), chosen, now);
  byId('session-count').textContent = shown < fitting ? `${shown} of ${fitting}` : String(fitting);
  const all = byId('any-state');
  all.hidden = chosenState === '';
  all.textContent = `${lastName(chosenState)} ✕`;
}

function drawChosen() {
  const session = chosen === undefined ? undefined : model.view.sessions.get(chosen);
  const way = chosen === undefined ? [] : [...model.history()].filter((record) => record.session === chosen);
  const next = graph.transitions.filter(({ source }) => session?.states.includes(source));
  chart.mark(session, new Set(way.flatMap(({ edges }) => edges)), new Set(next.map(({ id }) => id)));
  if (chosen === undefined) return;
  byId('chosen-title').textContent = nameOfSession(chosen);
  showChosen(byId('chosen-body'), session, way, next, transitions);
}

function drawLog() {
  const wanted = input('log-filter').value.trim().toLowerCase();
  const isWanted = (/** @type {HistoryRecord} */ record) => {
    if (record.session === 'lobby' && !input('with-lobby').checked) return false;
    if (input('only-ignored').checked && !isIgnored(record)) return false;
    return (
      wanted === '' || `${record.userId} ${record.session} ${eventText(record.event)}`.toLowerCase().includes(wanted)
    );
  };
  showLog(byId('log'), pausedHistory ?? model.history(), isWanted, transitions);
}

function drawTime() {
  const time = input('time');
  time.max = String(model.steps.length);
  time.value = String(model.position);
  const text = model.isLive ? 'now' : `${clockText(model.shownAt)}, ${durationText(Date.now() - model.shownAt)} ago`;
  byId('time-text').textContent = text;
  time.setAttribute('aria-valuetext', text);
  button('now').disabled = model.isLive;
  document.body.classList.toggle('past', !model.isLive);
}

/** @param {string} id */
function nameOfSession(id) {
  const session = model.view.sessions.get(id) ?? model.head.sessions.get(id);
  if (session) return nameOf(session);
  for (const record of model.history()) if (record.session === id && record.userId !== '') return record.userId;
  return id;
}

/** @param {string | undefined} id */
function choose(id) {
  if (!id) return;
  chosen = id;
  draw();
  chart.reveal(model.view.sessions.get(id)?.states.at(-1));
}

/** @param {string} state */
function chooseState(state) {
  chosenState = state;
  plan();
}

/** @param {string} text @param {boolean} isGood */
function tellStatus(text, isGood) {
  const status = byId('status');
  if (status.textContent !== text) status.textContent = text;
  status.classList.toggle('good', isGood);
}

function connect() {
  const source = new EventSource('events');
  source.addEventListener('open', () => tellStatus('Live', true));
  source.addEventListener('error', () => {
    if (source.readyState !== EventSource.CLOSED) {
      tellStatus('The server is not there. Trying again …', false);
      return;
    }
    // The browser tries again by itself, unless it got a response.
    tellStatus('Too many watch already. Trying again …', false);
    setTimeout(connect, refusedMs);
  });
  const take = (/** @type {MessageEvent<string>} */ { data }) => {
    const message = /** @type {Message} */ (JSON.parse(data));
    model.take(message);
    if (message.type === 'statechat.microstep') for (const edge of message.edges ?? []) lit.add(edge);
    plan();
  };
  source.addEventListener('message', take);
  source.addEventListener('statechat', /** @type {EventListener} */ (/** @type {unknown} */ (take)));
}

async function drawChart() {
  byId('drawing').dataset.fit = input('fit').value;
  chart.draw(await (await fetch('session.svg')).text(), 'chart-title');
  draw();
}

function listen() {
  for (const id of ['find', 'log-filter', 'with-lobby', 'only-ignored']) byId(id).addEventListener('input', draw);
  byId('fit').addEventListener('input', drawChart);
  byId('any-state').addEventListener('click', () => chooseState(''));
  for (const id of ['session-list', 'log']) {
    byId(id).addEventListener('click', ({ target }) => {
      const row = /** @type {HTMLElement} */ (target).closest('[data-session]');
      choose(/** @type {HTMLElement | null} */ (row)?.dataset.session);
    });
  }
  byId('session-list').addEventListener('keydown', (event) => {
    const rows = [...byId('session-list').children].map((row) => /** @type {HTMLElement} */ (row).dataset.session);
    const index = rows.indexOf(chosen);
    const steps = { ArrowDown: index + 1, ArrowUp: Math.max(0, index - 1), Home: 0, End: rows.length - 1 };
    const next = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (next === undefined) return;
    event.preventDefault();
    choose(rows[Math.min(next, rows.length - 1)]);
    byId('session-list').querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  });
  byId('pause').addEventListener('click', () => {
    pausedHistory = pausedHistory ? undefined : [...model.history()];
    byId('pause').setAttribute('aria-pressed', String(pausedHistory !== undefined));
    byId('pause').textContent = pausedHistory ? 'Go on' : 'Pause';
    draw();
  });
  input('time').addEventListener('input', () => {
    model.lookAt(Number(input('time').value));
    draw();
  });
  byId('now').addEventListener('click', () => {
    model.lookAt(model.steps.length);
    draw();
  });
  byId('save-svg').addEventListener('click', () => saveChart(chart));
  byId('save-log').addEventListener('click', () => saveLog(model.steps));
  listenToTheme();
}

function listenToTheme() {
  const themes = ['auto', 'light', 'dark'];
  const show = (/** @type {string} */ theme) => {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    byId('theme').textContent = `Theme: ${theme}`;
  };
  let theme = localStorage.getItem('theme') ?? 'auto';
  show(theme);
  byId('theme').addEventListener('click', () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'auto';
    localStorage.setItem('theme', theme);
    show(theme);
  });
}

listen();
await drawChart();
connect();
// The time that a session has been in its state grows, even when nothing happens.
setInterval(plan, 1000);
