/** The page's tables are those of the charts: every state has a face, every word a button, every sentence its words. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { transition } from 'xstate';
import { type DialogueEvent, linePatterns, protocolMachine } from '../../machines/protocol.machine.ts';
import { sessionMachine } from '../../machines/session.machine.ts';
import { graphOf } from '../../src/chart/graph.ts';
import { sentencePatterns } from '../../src/protocol/sentences.ts';
import { Dialogue, DialogueChart } from '../../src/web/page/dialogue.js';
import { faces, shownByFaces } from '../../src/web/page/faces.js';
import { languages } from '../../src/web/page/words.js';
import { readPageFiles } from '../../src/web/pageFiles.ts';
import { protocolTable } from '../../src/web/protocolTable.ts';
import { startTestServer } from '../support/testServer.ts';
import {
  chatStarted,
  idPrompt,
  idTaken,
  menu,
  question,
  requestDenied,
  roomJoined,
  targetPrompt,
} from '../support/wireTexts.ts';

const graph = graphOf(protocolMachine);
const states = graph.root.children;
const sources = readdirSync('src/web/page').map(
  (name) => [name, readFileSync(`src/web/page/${name}`, 'utf8')] as const,
);
const js = sources.filter(([name]) => name.endsWith('.js'));

/** The parts that have a field in which any line can be typed. */
const withField = ['joining', 'password', 'menu', 'naming', 'asking', 'asked', 'chat', 'room'];

describe('every state of the protocol chart', () => {
  it.each(states.map(({ name }) => [name]))('%s has its face', (name) => {
    expect(Object.keys(faces)).toContain(name);
  });

  const typed = graph.transitions.filter(({ event }) => event === 'line.typed');
  it.each(typed.map(({ source, guard }) => [source.split('.').at(-1) ?? '', guard]))(
    '%s, where %s is asked of a line, has a button or a field for it',
    (state, guard) => {
      const { part, buttons } = faces[state] ?? { part: 'over', buttons: [] };
      const pattern = linePatterns[guard as keyof typeof linePatterns] as RegExp | undefined;
      if (pattern === undefined || guard === 'isId') expect(withField).toContain(part);
      else expect(buttons.filter(({ line }) => pattern.test(line))).toHaveLength(1);
    },
  );

  it('has no button without words, and the chart no state less than there are faces', () => {
    for (const { buttons } of Object.values(faces)) {
      for (const { word } of buttons) expect(languages.en).toHaveProperty(word);
    }
    expect(Object.keys(faces).sort()).toEqual([...states.map(({ name }) => name), 'password'].sort());
  });
});

describe('the words', () => {
  const { en = {}, ...others } = languages;

  it.each(Object.entries(others))('of %s are as many, about the same', (_, words) => {
    expect(Object.keys(words)).toEqual(Object.keys(en));
    const about = (text = '') => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
    for (const [key, text] of Object.entries(words)) expect(about(text), key).toEqual(about(en[key]));
  });

  it('has some for every sentence that is not shown otherwise', () => {
    // A message, a line of the room from before, a limit and what the operator says are shown in their own words.
    const own = ['read.line', 'read.recalled', 'read.limit', 'read.removed', 'read.operator', ...shownByFaces];
    const wanted = sentencePatterns.map(({ fixed: { type, reason } }) => (reason ? `${type}.${reason}` : type));
    const chart = graph.transitions.map(({ event }) => event).filter((event) => event !== 'line.typed');
    const events = chart.filter((event) => !wanted.some((each) => each.startsWith(event)));
    expect([...wanted, ...events].filter((key) => !own.includes(key) && !(key in en))).toEqual([]);
  });

  it('has some for every event of the session chart', () => {
    const events = new Set(graphOf(sessionMachine).transitions.map(({ event }) => event));
    expect([...events].filter((event) => !(event in en))).toEqual([]);
  });

  it('are all used, and there is none that is missing', () => {
    const code = sources
      .filter(([name]) => name !== 'words.js')
      .map(([, text]) => text)
      .join('\n');
    const dynamic = /^read\.|\./;
    const unused = Object.keys(en).filter((key) => !dynamic.test(key) && !new RegExp(`['"]${key}['"]`).test(code));
    expect(unused).toEqual([]);
    const used = [...code.matchAll(/(?:word\(|data-word(?:-label)?=|word: )['"]([\w.]+)['"]/g)].map(([, key]) => key);
    expect(used.filter((key) => !((key as string) in en))).toEqual([]);
    expect(used.length).toBeGreaterThan(40);
  });
});

describe('the chart as a table', () => {
  const contexts = [
    { id: 'lior', partner: '' },
    { id: 'lior', partner: 'golan' },
    { id: 'golan', partner: 'Lior' },
  ];
  const lines = ['1', '2', '3', '4', '5', '', ' 1 ', 'y', 'YES', 'n', 'No', 'exit()', 'golan', 'menu', 'a b', '-x'];
  const events: DialogueEvent[] = [
    ...lines.map((text) => ({ type: 'line.typed' as const, text })),
    ...sentencePatterns.flatMap(({ fixed }) =>
      ['golan', 'Lior', 'noa'].flatMap((id) =>
        [true, false].map((isSelf) => ({ ...fixed, id, isSelf, state: 'free', text: 'x', count: 2 }) as DialogueEvent),
      ),
    ),
  ];
  const chart = new DialogueChart(protocolTable());

  it.each(states.map(({ name }) => [name]))('does in %s what the chart does, whatever is typed or read', (state) => {
    for (const context of contexts) {
      const snapshot = protocolMachine.resolveState({ value: state, context } as never);
      for (const event of events) {
        const isAllowed = (protocolMachine.getTransitionData(snapshot, event)?.length ?? 0) > 0;
        const [next] = transition(protocolMachine, snapshot, event);
        const found = chart.next({ state, context }, event as never);
        const expected = isAllowed ? { state: next.value, context: next.context } : undefined;
        expect(found, JSON.stringify({ context, event })).toEqual(expected);
      }
    }
  });
});

describe('a dialogue', () => {
  /** A dialogue in which these lines were typed, `>`, and texts read, `<`. */
  function played(...steps: string[]): Dialogue {
    const dialogue = new Dialogue(protocolTable());
    for (const step of steps) {
      if (step.startsWith('>')) dialogue.typed(step.slice(1));
      else dialogue.read(step.slice(1));
    }
    return dialogue;
  }
  const inMenu = [`<${idPrompt}`, '>lior', `<${menu}`];

  it('is where the chart is, however the text is cut', () => {
    const dialogue = new Dialogue(protocolTable());
    for (const char of idPrompt) dialogue.read(char);
    dialogue.typed('lior');
    const heard = [...`${menu}golan joined the server.\n`].flatMap((char) => dialogue.read(char));
    expect(heard.map(({ sentence }) => sentence?.type)).toEqual(['read.menu', 'read.joinedServer']);
    expect([dialogue.state, dialogue.id]).toEqual(['menu', 'lior']);
  });

  it('takes what is typed ahead when the server does', () => {
    expect(played(...inMenu, '>1', '>golan').state).toBe('choseConnect');
    const dialogue = played(...inMenu, '>1', '>golan', `<${targetPrompt}`);
    expect([dialogue.state, dialogue.partner]).toEqual(['asking', 'golan']);
  });

  it('finds its way when they have crossed for the second time', () => {
    const declined = [`<${question('golan')}`, '>n', `<${requestDenied}${menu}`];
    const dialogue = played(...inMenu, ...declined, '>4', `<${question('golan')}`, `<${question('golan')}`);
    expect([dialogue.state, dialogue.partner]).toEqual(['asked', 'golan']);
  });

  it('finds its way when a question and a choice have crossed', () => {
    for (const choice of ['4', '2', 'nonsense']) {
      const dialogue = played(...inMenu, `>${choice}`, `<${question('golan')}`, `<${question('golan')}`);
      expect([dialogue.state, dialogue.partner]).toEqual(['asked', 'golan']);
    }
    const dialogue = played(...inMenu, '>4', `<${question('golan')}`, '>y', `<${chatStarted('golan')}`);
    expect([dialogue.state, dialogue.partner]).toEqual(['chatting', 'golan']);
  });

  it('comes back to what it knows after words that are no sentence', () => {
    const dialogue = played(...inMenu, '<Something else.\n', '>3', `<${roomJoined}`);
    expect(dialogue.state).toBe('countingRoom');
    expect(played(...inMenu).read('Something else.\n')).toEqual([
      { sentence: undefined, words: 'Something else.\n', before: 'menu' },
    ]);
  });

  it('is not moved by a line that was refused, or by a prompt that comes again', () => {
    const tooLong = 'Line too long: at most 4096 bytes. Nothing was sent.\n';
    const dialogue = played(...inMenu, '>1', `<${targetPrompt}`, '>x', `<${tooLong}`, `<${targetPrompt}`);
    expect(dialogue.state).toBe('naming');
    expect(played(`<${idPrompt}`, '>golan', `<${idTaken}`).state).toBe('identifying');
  });

  it('asks for a password before everything else, and keeps none', () => {
    const dialogue = played('<Password: ');
    expect(dialogue.state).toBe('password');
    dialogue.typed('sesame');
    expect(dialogue.state).toBe('connected');
    expect(JSON.stringify(dialogue)).not.toContain('sesame');
    dialogue.read('Wrong password.\nPassword: ');
    expect(dialogue.state).toBe('password');
    dialogue.typed('sesame');
    dialogue.read(idPrompt);
    expect(dialogue.state).toBe('identifying');
  });
});

describe('the files of the page', () => {
  const files = readPageFiles(() => 65_432);

  it('say where terminals connect', async () => {
    const server = await startTestServer({ webPort: 0 });
    const answer = await fetch(`http://127.0.0.1:${server.webPort}/protocol.json`);
    expect(await answer.json()).toMatchObject({ port: server.port, initial: 'connected' });
  });

  it('has every file that another one names', () => {
    for (const [path, { body }] of files) {
      const text = body.toString();
      const named = [...text.matchAll(/(?:from |href=|src=|fetch\()["']([^"'#]+)["']/g)].map(([, name = '']) => name);
      for (const name of named)
        expect(files.has(new URL(name, `http://x${path}`).pathname), `${path}: ${name}`).toBe(true);
    }
  });

  it('are 100 kB together, before compression', () => {
    const bytes = [...files].filter(([path]) => path !== '/').map(([, { body }]) => body.length);
    const sum = bytes.reduce((all, each) => all + each);
    console.log(`page: ${sum} bytes in ${bytes.length} files`);
    expect(sum).toBeLessThanOrEqual(100_000);
  });

  it('are the same code without their comments', () => {
    const main = files.get('/web/page/main.js')?.body.toString() ?? '';
    expect(main).toContain("import { Dialogue } from './dialogue.js';");
    expect(main).not.toMatch(/^\s|^\/\/|\/\*\*\n/m);
    expect(files.get('/web/page/words.js')?.body.toString()).toContain('exit()');
  });

  it('make no markup of text', () => {
    const unsafe =
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|setHTML|srcdoc|createContextualFragment/;
    for (const [name, text] of js) expect(text, name).not.toMatch(unsafe);
  });
});
