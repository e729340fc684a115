/**
 * The chat's page: what the server says becomes what is shown, and what the user does becomes a line.
 *
 * Owns: the run of the dialogue on this page, from one connection to the next. What may be said where is the chart's business.
 * Next: `dialogue.js` (where the user is), `faces.js` (what that looks like), `link.js` (the connection).
 *
 * @import { ProtocolTable } from '../tableTypes.ts'
 * @import { Heard } from './dialogue.js'
 * @import { Face } from './faces.js'
 */
import { Dialogue } from './dialogue.js';
import { faces, shownByFaces } from './faces.js';
import { Link } from './link.js';
import { Log } from './log.js';
import { OwnChart } from './ownChart.js';
import { Settings } from './settings.js';
import { Stage } from './stage.js';

/** The server's message was too long: RFC 6455. */
const messageTooBig = 1009;

/** Between two tries at a server that is only restarted, so that the page is back within 2 s, and at one that is lost. */
const restartWaitMs = 1_500;
const lossWaitMs = 30_000;
/** They take a minute. */
const restartTries = 40;

const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const field = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (document.getElementById(id));

/** @type {ProtocolTable & { port: number }} */
const table = await (await fetch('/protocol.json')).json();
const settings = new Settings(() => {
  draw();
  chart.show();
});
const log = new Log(byId('log'), settings);
const stage = new Stage(settings, { press, ask, again: () => link.open(), port: table.port });
const places = { drawing: byId('drawing'), now: byId('chart-now'), list: byId('steps') };
const chart = new OwnChart(places, settings);
const link = new Link({
  opened,
  heard,
  moved: (message) => chart.move(message),
  closed,
  waiting: (seconds) => tellStatus('lost', 'bad', { seconds }),
});

let dialogue = new Dialogue(table);
/** Who is online, besides the user. @type {Map<string, string>} */
const people = new Map();
/** The id to come back with. */
let ownId = '';
/** What the user has chosen last, while the server still has something to say. */
let chosen = () => {};
/** The connection has ended before there was an id: the page waits for one before it comes back. */
let isParked = false;
/** The id is said without a question, once, after the connection was lost. */
let isReturning = false;
/** The server was stopped, and not for good: it is tried so often. */
let triesLeft = 0;
/** The part in which what stands in the message's field was begun. */
let begunIn = '';
/** @type {{ word: string, about?: Record<string, unknown>, kind: string }} */
let status = { word: 'connecting', kind: '' };

function faceNow() {
  return faces[isParked ? 'identifying' : dialogue.state] ?? /** @type {Face} */ (faces.connected);
}

function draw() {
  stage.show({ face: faceNow(), partner: dialogue.partner, people });
  const { word, about, kind } = status;
  byId('status').textContent = settings.word(word, about);
  byId('status').className = kind;
  byId('fold').textContent = settings.word(byId('chart-body').hidden ? 'chartShow' : 'chartHide');
}

/** @param {string} word @param {string} kind @param {Record<string, unknown>} [about] */
function tellStatus(word, kind, about = {}) {
  status = { word, kind, about };
  draw();
}

// What the connection says.

function opened() {
  isParked = false;
  triesLeft = 0;
  chosen = () => {};
  dialogue = new Dialogue(table);
  people.clear();
  chart.begin();
  isReturning = ownId !== '';
  tellStatus(isReturning ? 'backAgain' : 'connected', 'good');
}

/** @param {string} text */
function heard(text) {
  const { part } = faceNow();
  for (const each of dialogue.read(text)) hear(each);
  isParked = part === 'joining' && dialogue.state === 'over';
  if (dialogue.state === 'identifying' && isReturning) {
    isReturning = false;
    say(ownId);
  }
  goOn();
  const hasCome = faceNow().part === 'menu' && part !== 'menu';
  if (hasCome && dialogue.state === 'menu') {
    ownId = dialogue.id;
    chart.saidByPage();
    say('4');
  }
  if (dialogue.state === 'chatting') ownId = dialogue.id;
  if (ownId !== '' && link.isOpen) status = { word: 'online', about: { id: ownId }, kind: 'good' };
  draw();
}

/** @param {number} code */
function closed(code) {
  chart.end();
  const isRestart = triesLeft-- > 0 && !isParked;
  const isOver = dialogue.state === 'over' && !isRestart;
  if (code === messageTooBig) log.tell(settings.word('tooLong'));
  if (isOver) {
    tellStatus(isParked ? 'parked' : 'ended', '');
    return 0;
  }
  tellStatus('lostNow', 'bad');
  return isRestart ? restartWaitMs : lossWaitMs;
}

/** @param {Heard} heard */
function hear({ sentence, words, before }) {
  if (sentence === undefined) {
    if (words.trim() !== '') log.tell(words.trim(), 'raw');
    return;
  }
  const { type, id = '', state = '', text = '' } = /** @type {Record<string, string>} */ (sentence);
  if (type === 'read.closing') triesLeft = sentence.reason === undefined ? restartTries : 0;
  if (type === 'read.userRow') hearRow(id, state, sentence.isSelf === true, before);
  if (type === 'read.joinedServer') people.set(id, 'free');
  if (type === 'read.disconnected') people.delete(id);
  if (type === 'read.idTaken' && ownId !== '') log.tell(settings.word('idStillTaken', { id: ownId }));
  if (type === 'read.line') log.say(id, text, false);
  else if (type === 'read.recalled') log.tell(words.trim(), 'raw');
  else if (!shownByFaces.includes(type ?? '')) tellSentence(sentence, words);
  if (type === 'read.question') settings.call(settings.word('read.question', { id }));
  if (type === 'read.line' && mentions(text)) settings.call(settings.word('chatTitle', { partner: id }));
}

/** @param {string} id @param {string} state @param {boolean} isSelf @param {string} before */
function hearRow(id, state, isSelf, before) {
  if (before === 'choseList') people.clear();
  if (!isSelf) people.set(id, state);
}

/** In the page's words, where it has some for all cases; a limit of the server has its own sentence. @param {Record<string, unknown>} sentence @param {string} words */
function tellSentence(sentence, words) {
  const { type, reason } = sentence;
  const key = reason === undefined ? String(type) : `${type}.${reason}`;
  if (settings.has(key)) log.tell(settings.word(key, sentence));
  else log.tell(words.trim(), 'raw');
}

/** The user's id stands there as a word. @param {string} text */
function mentions(text) {
  const id = dialogue.id.replaceAll(/[.-]/g, '\\$&');
  return id !== '' && new RegExp(`(?<![\\p{L}\\p{N}_])${id}(?![\\p{L}\\p{N}_])`, 'iu').test(text);
}

// What the user does.

/** Says a line, and shows it if others read it. @param {string} line */
function say(line) {
  if (!link.isOpen) {
    log.tell(settings.word('notSent'));
    return;
  }
  const { state, id } = dialogue;
  dialogue.typed(line);
  link.send(line);
  const isTalking = (state === 'chatting' || state === 'commonRoom') && dialogue.state === state;
  if (isTalking && line.trim() !== '') log.say(id, line, true);
  draw();
}

/** A button that has to wait says its line only where it was pressed; nobody is named first. @param {string} line */
function press(line) {
  const face = faceNow();
  const { partner } = dialogue;
  chosen = function go() {
    if (faceNow() === face && dialogue.partner === partner) say(line);
    else if (face === faces.menu && line !== '1' && dialogue.state === 'naming') {
      chosen = go;
      say('exit()');
    }
  };
  goOn();
}

/** Says whom when the server wants to know; if it says something else, nobody is asked. @param {string} id */
function ask(id) {
  const name = () => {
    if (dialogue.state === 'naming') say(id);
  };
  chosen = () => {
    if (dialogue.state !== 'menu') return name();
    chosen = name;
    say('1');
  };
  goOn();
}

function goOn() {
  if (dialogue.isPending) return;
  const choice = chosen;
  chosen = () => {};
  choice();
}

/** @param {string} form @param {() => void} send */
function onSubmit(form, send) {
  byId(form).addEventListener('submit', (event) => {
    event.preventDefault();
    send();
  });
}

/** What is said in this field, which is then empty. @param {string} id */
function taken(id) {
  const { value } = field(id);
  field(id).value = '';
  return value;
}

function listen() {
  onSubmit('id-form', () => {
    const id = taken('id').trim();
    ownId = isParked ? id : '';
    if (isParked) link.open();
    else say(id);
  });
  onSubmit('password-form', () => {
    // Not `say`: a password is shown nowhere.
    const password = taken('password');
    dialogue.typed(password);
    link.send(password);
    draw();
  });
  onSubmit('target-form', () => say(taken('target').trim()));
  onSubmit('composer', sendMessage);
  field('message').addEventListener('input', () => {
    if (field('message').value.length <= 1) begunIn = faceNow().part;
  });
  byId('fold').addEventListener('click', () => {
    const isOpen = byId('chart-body').hidden;
    byId('chart-body').hidden = !isOpen;
    byId('fold').setAttribute('aria-expanded', String(isOpen));
    document.querySelector('main')?.classList.toggle('folded', !isOpen);
    draw();
    chart.reveal();
  });
  for (const tab of ['chat', 'chart']) byId(`tab-${tab}`).addEventListener('click', () => showTab(tab));
}

/** A line that was begun when it would have gone to somebody else needs a second Enter. */
function sendMessage() {
  const { part } = faceNow();
  const { value } = field('message');
  if (value === '') return;
  if (begunIn !== '' && begunIn !== part) {
    begunIn = part;
    log.tell(settings.word('turned'));
    return;
  }
  begunIn = '';
  if (link.isOpen) field('message').value = '';
  say(value);
}

/** @param {string} shown */
function showTab(shown) {
  const main = document.querySelector('main');
  if (main) main.dataset.tab = shown;
  for (const tab of ['chat', 'chart']) byId(`tab-${tab}`).setAttribute('aria-pressed', String(tab === shown));
  chart.reveal();
}

settings.show();
showTab('chat');
listen();
draw();
await chart.load();
link.open();
