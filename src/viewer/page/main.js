/**
 * The viewer's page: takes the stream, keeps what is chosen, and draws at most ten times a second.
 *
 * Owns: the connection to the server, and what the user has chosen: a chart, one session or one state in it, filters.
 * Next: `model.js`.
 *
 * @import { Graph, GraphState } from '../../chart/graph.ts'
 * @import { HistoryRecord, Message, Session } from './model.js'
 */
import { readAddress, writeAddress } from './address.js';
import { Chart } from './chart.js';
import { showDot } from './dots.js';
import { Follower } from './follow.js';
import { inOrder, isIgnored, Model } from './model.js';
import { showChosen, showChosenState, showDictionaries, showLog, showSessions } from './panels.js';
import { saveChart, saveLog } from './save.js';
import { drawSequence } from './sequence.js';
import { eventText, lastName, nameOf } from './text.js';
import { Timeline } from './timeline.js';

const drawEveryMs = 100;
/** How long the page waits before it tries again after the server has refused it, in ms. */
const refusedMs = 3_000;

const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const input = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (document.getElementById(id));
const button = (/** @type {string} */ id) => /** @type {HTMLButtonElement} */ (document.getElementById(id));
const template = (/** @type {string} */ id) => /** @type {HTMLTemplateElement} */ (document.getElementById(id));

const model = new Model();
/** @type {Record<string, Graph>} */
const graphs = await (await fetch('graphs.json')).json();
/** @type {{ join: string }} */
const server = await (await fetch('server.json')).json();
const transitions = new Map(Object.values(graphs).flatMap((each) => each.transitions.map((way) => [way.id, way])));
const chart = new Chart(byId('drawing'), (state) => select(state === chosenState ? {} : { state }), describe);
const follower = new Follower(byId('drawing'), button('follow'));
const timeline = new Timeline(model, (record) => {
  if (record) for (const edge of record.edges) lit.set(edge, { session: record.session, event: record.event });
  draw();
  showLit();
});

/** At most one of these is chosen. @type {string | undefined} */
let chosen;
let chosenState = '';
/** The history as it was when the user paused it. @type {HistoryRecord[] | undefined} */
let pausedHistory;
/** Transitions to show at the next drawing, and who has taken them. @type {Map<string, { session: string, event?: HistoryRecord['event'] | undefined }>} */
const lit = new Map();
let isPlanned = false;

const graph = () => /** @type {Graph} */ (graphs[input('which').value] ?? graphs.session);
const isSessionChart = () => input('which').value === 'session';

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
  chart.showCounts(countsInChart(), chosenState);
  drawChosen();
  drawList();
  const { rows } = view;
  const shownRows = showDictionaries(byId('dictionaries'), inOrder(rows));
  byId('tables-count').textContent =
    shownRows < rows.size ? `the first ${shownRows} of ${rows.size} ids` : `${rows.size} ids`;
  byId('totals').textContent = `${view.sessions.size} connected, ${model.onlineCount} online`;
  byId('join').hidden = view.sessions.size > 0 || !model.isLive;
  drawLog();
  drawSequence(byId('sequence'), model.history(), nameOfSession, chosen);
  timeline.draw();
  if (model.isLive) showLit();
}

/** How many sessions are in each state; for the lobby's chart, in which state it is. */
function countsInChart() {
  if (isSessionChart()) return model.view.counts;
  const own = input('which').value === 'lobby' ? (model.view.lobby.get('states') ?? []) : [];
  return new Map(own.map((id) => [id, 1]));
}

/** Shows the transitions that were just taken, by whom, and where. */
function showLit() {
  /** @type {string | undefined} */
  let last;
  for (const [edge, { session, event }] of lit) {
    chart.flash(edge);
    const who = session === 'lobby' ? (event?.session ?? event?.actorId) : session;
    if (chart.edges.has(edge)) showDot(chart, edge, who === undefined ? '' : nameOfSession(who));
    if (!chart.edges.has(edge) || (chosen !== undefined && session !== chosen)) continue;
    const target = transitions.get(edge)?.targets[0] ?? transitions.get(edge)?.source;
    last = model.view.sessions.get(session)?.states.at(-1) ?? target;
  }
  lit.clear();
  if (last !== undefined) follower.show(chart.states.get(last));
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
  const next = graphs.session?.transitions.filter(({ source }) => session?.states.includes(source)) ?? [];
  chart.mark(session, new Set(way.flatMap(({ edges }) => edges)), new Set(next.map(({ id }) => id)));
  const body = byId('chosen-body');
  if (chosen !== undefined) {
    byId('chosen-title').textContent = nameOfSession(chosen);
    showChosen(body, session, way, next, transitions);
  } else if (chosenState !== '') {
    byId('chosen-title').textContent = lastName(chosenState);
    const ways = graph().transitions.filter(({ source }) => source === chosenState);
    showChosenState(body, chart.stateOf(chosenState), countsInChart().get(chosenState) ?? 0, ways);
  } else {
    byId('chosen-title').textContent = 'Nothing chosen';
    body.replaceChildren(template('nothing-chosen').content.cloneNode(true));
  }
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

/** @param {string} id */
function nameOfSession(id) {
  const session = model.view.sessions.get(id) ?? model.head.sessions.get(id);
  if (session) return nameOf(session);
  for (const record of model.history()) if (record.session === id && record.userId !== '') return record.userId;
  return id;
}

/**
 * Chooses a session or a state, or nothing.
 *
 * @param {{ session?: string | undefined, state?: string | undefined }} what
 */
function select({ session, state = '' }) {
  chosen = session;
  chosenState = state;
  keepAddress();
  draw();
  const inner = session === undefined ? undefined : model.view.sessions.get(session)?.states.at(-1);
  if (inner !== undefined && isSessionChart()) chart.reveal(inner);
}

function keepAddress() {
  const view = { chart: input('which').value, fit: input('fit').value };
  writeAddress({ ...view, session: chosen ?? '', state: chosenState });
}

/** Tells what a state is for, while the user points at it. @param {GraphState | undefined} state */
function describe(state) {
  const { name, description } = state ?? graph().root;
  byId('about').textContent = description ? `${name}: ${description}` : name;
}

/** @param {string} text @param {boolean} isGood */
function tellStatus(text, isGood) {
  const status = byId('status');
  if (status.textContent !== text) status.textContent = text;
  status.classList.toggle('good', isGood);
}

let isFirstPicture = true;

/** Brings into sight where the chosen session is, or else most people. */
function showPeople() {
  const states = chosen === undefined ? undefined : model.view.sessions.get(chosen)?.states;
  const innermost = [...countsInChart()].filter(([id, count]) => count > 0 && chart.stateOf(id)?.children.length === 0);
  const [most] = innermost.sort(([, one], [, other]) => other - one);
  follower.show(chart.states.get(states?.at(-1) ?? most?.[0] ?? ''));
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
    const { type, edges, sessionId } = message;
    const event = model.eventOf(sessionId);
    model.take(message);
    if (type === 'statechat.microstep') for (const edge of edges ?? []) lit.set(edge, { session: sessionId, event });
    // The rows end the first picture: it shows where people are.
    if (type === 'statechat.rows' && isFirstPicture) {
      isFirstPicture = false;
      draw();
      showPeople();
    }
    if (type === 'statechat.baseline') isFirstPicture = true;
    plan();
  };
  source.addEventListener('message', take);
  source.addEventListener('statechat', /** @type {EventListener} */ (/** @type {unknown} */ (take)));
}

async function drawChart() {
  const name = input('which').value;
  byId('drawing').dataset.fit = input('fit').value;
  byId('chart-title').textContent = `The ${name} chart`;
  chart.setGraph(graph());
  chart.draw(await (await fetch(`${name}.svg`)).text(), 'chart-title');
  describe(undefined);
  draw();
  showPeople();
}

/** Takes from the address what it says, where that is there. */
function takeAddress() {
  const { chart: which, fit, session, state } = readAddress();
  for (const [id, value] of [
    ['which', which],
    ['fit', fit],
  ]) {
    const { options } = /** @type {HTMLSelectElement} */ (byId(String(id)));
    if ([...options].some((option) => option.value === value)) input(String(id)).value = String(value);
  }
  chosen = session;
  chosenState = session === undefined ? (state ?? '') : '';
}

function listen() {
  for (const id of ['find', 'log-filter', 'with-lobby', 'only-ignored']) byId(id).addEventListener('input', draw);
  for (const id of ['fit', 'which']) {
    byId(id).addEventListener('input', () => {
      if (id === 'which') select({});
      keepAddress();
      follower.set(true);
      void drawChart();
    });
  }
  byId('any-state').addEventListener('click', () => select({}));
  document.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape') return;
    select({});
    describe(undefined);
  });
  for (const id of ['session-list', 'log']) {
    byId(id).addEventListener('click', ({ target }) => {
      const row = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (target).closest('[data-session]'));
      if (row?.dataset.session) select({ session: row.dataset.session });
    });
  }
  byId('session-list').addEventListener('keydown', (event) => {
    const rows = [...byId('session-list').children].map((row) => /** @type {HTMLElement} */ (row).dataset.session);
    const index = rows.indexOf(chosen);
    const steps = { ArrowDown: index + 1, ArrowUp: Math.max(0, index - 1), Home: 0, End: rows.length - 1 };
    const next = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (next === undefined) return;
    event.preventDefault();
    select({ session: rows[Math.min(next, rows.length - 1)] });
    byId('session-list').querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  });
  byId('pause').addEventListener('click', () => {
    pausedHistory = pausedHistory ? undefined : [...model.history()];
    byId('pause').setAttribute('aria-pressed', String(pausedHistory !== undefined));
    byId('pause').textContent = pausedHistory ? 'Go on' : 'Pause';
    draw();
  });
  byId('save-svg').addEventListener('click', () => saveChart(chart, input('which').value));
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

byId('join-command').textContent = server.join;
takeAddress();
listen();
await drawChart();
connect();
// The time that a session has been in its state grows, even when nothing happens.
setInterval(plan, 1000);
