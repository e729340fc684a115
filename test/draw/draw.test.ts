/** `npm run draw` draws the machines of any file, whole, and says what is wrong with a file that it can't draw. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { type Graph, graphOf, statesIn } from '../../src/chart/graph.ts';
import { machinesAmong, machinesIn } from '../../tools/diagrams/machineFile.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { drawAll, machines, runDraw } from './drawn.ts';

const forms = ['svg', 'mmd', 'scxml', 'json'];
const drawn = drawAll();

it('every machine of the folder is drawn in every form', () => {
  const files = machines.flatMap(([name]) => forms.map((form) => `${name}.${form}`));
  expect(drawn.names.sort()).toEqual(files.sort());
});

describe.each(machines)('of %s', (name, machine) => {
  const { root, transitions } = graphOf(machine);
  const states = statesIn(root);

  it('the SVG has every state, transition, actor and tag once', () => {
    const svg = drawn.textOf(`${name}.svg`);
    expect(valuesOf(svg, 'data-state')).toEqual(states.map(({ id }) => id));
    expect(valuesOf(svg, 'data-edge').sort()).toEqual(transitions.map(({ id }) => id).sort());
    expect(svg.split('>invoke</tspan>')).toHaveLength(states.flatMap(({ invokes }) => invokes).length + 1);
    const dots = states.filter(({ initial }) => initial !== undefined).length;
    expect(svg.split('<circle class="dot"')).toHaveLength(dots + 1);
    expect(svg.split('<g class="first"')).toHaveLength(dots + states.flatMap(({ fallbacks }) => fallbacks).length + 1);
  });

  it('the SCXML has every state and transition once, and leads only where there is a state', () => {
    const scxml = drawn.textOf(`${name}.scxml`);
    const ids = [...scxml.matchAll(/<(?:state|parallel|final|history) id="([^"]*)"/g)].map(([, id = '']) => id);
    expect(new Set(ids).size).toBe(states.length);
    expect(ids).toHaveLength(states.length);
    const targets = [...valuesOf(scxml, 'target'), ...valuesOf(scxml, 'initial')].flatMap((ways) => ways.split(' '));
    expect(targets.filter((id) => !ids.includes(id))).toEqual([]);
    // Histories have one besides, and beginnings at which something is done.
    const others = states.filter(({ type, initialActions }) => type === 'history' || initialActions.length > 0);
    expect(scxml.split('<transition')).toHaveLength(transitions.length + others.length + 1);
  });

  it('XState makes the same chart of the JSON', () => {
    const made = createMachine(JSON.parse(drawn.textOf(`${name}.json`)));
    // What runs TypeScript leaves out the blanks in functions.
    expect(withoutBlanks(graphOf(made))).toEqual(withoutBlanks(graphOf(machine)));
  });
});

describe('what is written where it is used', () => {
  it('is drawn by what it says: guards', () => {
    const svg = textIn('door.svg');
    for (const guard of ['hasKey and not isWeekday', '(hasKey and isWeekday) or isAfter 9', 'not in #broken'])
      expect(svg).toContain(`[${guard}]`);
    expect(svg).toMatch(/\[context\.keys ?> ?3]/);
    expect(svg).toContain('[inline]');
  });

  it('is drawn by what it says: actions and actors', () => {
    const svg = textIn('worker.svg');
    for (const action of ['raise tick', 'send start to helping', 'send done to parent', 'emit news', 'spawn helper'])
      expect(svg).toContain(action);
    for (const action of ['cancel later', 'stop helping', 'ring 2 {"loud":true}', 'beep', 'enqueueActions'])
      expect(svg).toContain(action);
    expect(textIn('loader.svg')).toContain('listen as listening');
  });

  it('is a call in the SCXML, combined as the language combines', () => {
    const scxml = textIn('door.scxml');
    expect(scxml).toContain(`cond="(hasKey() && !isWeekday())"`);
    expect(scxml).toContain(`cond="((hasKey() && isWeekday()) || isAfter('9'))"`);
    expect(scxml).toContain(`cond="!In('broken')"`);
  });

  it('never shares a name in the SCXML with something else', () => {
    const scxml = textIn('odd_names_very_.scxml');
    for (const call of ['a_b()', 'a_b_2()', 'a_b_3()']) expect(scxml).toContain(`<script>${call}</script>`);
    expect(scxml).toContain('event="a_b" target="an_id_with_blanks"');
    expect(scxml).toContain('event="a_b_2" target="odd_names__very_.a_b"');
  });
});

describe('parallel and history states', () => {
  it('are elements of SCXML, a transition may lead into several, and ends have names of SCXML', () => {
    const player = textIn('player.scxml');
    expect(player).toContain('<parallel id="player">');
    expect(player).toContain('target="player.sound.muted player.picture.small"');
    expect(player).toContain('<transition event="done.state.player.sound">');
    const editor = textIn('editor.scxml');
    expect(editor).toContain(
      '<history id="editor.open.last">\n        <transition target="editor.open.reading"/>\n      </history>',
    );
    expect(editor).toContain('<history id="editor.open.lastDeep" type="deep">');
    expect(textIn('loader.scxml')).toContain('<transition event="done.invoke.fetching"');
  });

  it('have a sign in the drawings, and several targets are named', () => {
    expect(textIn('player.svg')).toMatch(/player ‖ all at once on reset \/ forget → muted, small/);
    expect(textIn('editor.svg')).toMatch(/last H .*lastDeep H\*/);
    expect(textIn('player.mmd').split('--\n')).toHaveLength(3);
    expect(textIn('editor.mmd')).toContain('state "lastDeep H*"');
  });
});

describe('a file', () => {
  it.each([
    ['that is not there', 'nothing.ts', /nothing\.ts does not exist$/],
    ['that is a folder', 'folder', /folder is not a file$/],
    ['of another kind', 'a.json', /a\.json is not a file of JavaScript or TypeScript$/],
  ])('%s is refused', async (_, name, expected) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'a.json'), '{}');
    await expect(machinesIn(join(folder, name))).rejects.toThrow(expected);
  });

  it('without a machine of XState 5 is refused, with the names of what it has', () => {
    const config = { id: 'config', initial: 'a', states: { a: {} } };
    expect(() => machinesAmong(Object.entries({ config, number: 5, nothing: null }), 'a.ts')).toThrow(
      /^a\.ts exports no machine of XState 5, only config, number, nothing$/,
    );
    expect(() => machinesAmong([], 'a.ts')).toThrow(/^a\.ts exports no machine of XState 5$/);
  });

  it('with a machine of XState 4 is refused', () => {
    // The mark that the last release of XState 4 sets.
    expect(() => machinesAmong([['old', { __xstatenode: true, states: {} }]], 'a.ts')).toThrow(
      /^a\.ts exports old, a machine of XState 4; only those of XState 5 are drawn$/,
    );
  });

  it('is refused if two of its states have one id, of which XState knows only one', () => {
    const twins = createMachine({ type: 'parallel', states: { a: { id: 'x' }, b: { id: 'x' } } });
    expect(() => machinesAmong([['twins', twins]], 'a.ts')).toThrow(/^a\.ts: two states have the id x$/);
  });

  it('that exports a machine under two names has it once', () => {
    const machine = createMachine({ id: 'one' });
    expect(machinesAmong(Object.entries({ machine, default: machine }), 'a.ts')).toEqual([{ name: 'one', machine }]);
  });

  it('gives its name to a machine without an id that is its default', () => {
    const machine = createMachine({});
    expect(machinesAmong([['default', machine]], 'light.machine.ts')).toEqual([{ name: 'light.machine', machine }]);
    expect(machinesAmong([['light', machine]], 'a.ts')).toEqual([{ name: 'light', machine }]);
  });
});

describe('the command', () => {
  it.each([
    ['throws', 'const a = 1;\nthrow new Error("no\\nluck");', /^draw: a\.ts throws while it is loaded: no luck\n$/],
    ['ends the program', 'process.exit(0);', /^draw: a\.ts ends the program while it is loaded\n$/],
  ])('fails with one line if a file %s, and writes nothing', (_, text, expected) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.ts'), text);
    const { stderr, exitCode } = runDraw(['a.ts', '--out', 'drawings'], folder);
    expect(stderr).toMatch(expected);
    expect(exitCode).toBe(1);
    expect(readdirSync(folder)).toEqual(['a.ts']);
  });

  it('draws a file that has no XState beside it, in the forms that are wanted, where its user stands, and ends', () => {
    const folder = temporaryFolder();
    const source = "import { createMachine } from 'xstate';\nsetInterval(() => {}, 1000);\n";
    writeFileSync(
      join(folder, 'far.mts'),
      `${source}export default createMachine({ initial: 'a', states: { a: {} } });`,
    );
    const { stdout, stderr, exitCode } = runDraw(['far.mts', '--form', 'svg,mermaid'], folder);
    expect({ stdout, stderr, exitCode }).toEqual({ stdout: 'far.svg\nfar.mmd\n', stderr: '', exitCode: 0 });
    expect(readdirSync(folder).sort()).toEqual(['far.mmd', 'far.mts', 'far.svg']);
  });

  it('names the forms that there are', () => {
    const { stderr, exitCode } = runDraw(['a.ts', '--form', 'png'], '.');
    expect(stderr).toMatch(/'png' is no form/);
    expect(exitCode).toBe(1);
  });
});

/** The words of a drawing one after the other; other forms as they are, with XML's signs read. */
function textIn(file: string): string {
  const text = drawn.textOf(file);
  const plain = file.endsWith('.svg') ? text.slice(text.indexOf('</style>')).replace(/<[^>]*>/g, ' ') : text;
  const read = plain.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  return file.endsWith('.svg') ? read.replace(/\s+/g, ' ').replaceAll('[ ', '[') : read;
}

function withoutBlanks(graph: Graph): unknown {
  return JSON.parse(JSON.stringify(graph).replaceAll(' ', ''));
}

function valuesOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(` ${name}="([^"]*)"`, 'g'))].map(([, value = '']) => unescaped(value));
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
