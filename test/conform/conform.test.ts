/** `statechat conform`: our own server passes, and nothing is judged that can't be. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { usualSuites } from '../../src/conform/dialogues.ts';
import { htmlOf } from '../../src/conform/reports/html.ts';
import { junitOf } from '../../src/conform/reports/junit.ts';
import { isGood, type Judgement, runSuites } from '../../src/conform/runSuites.ts';
import { parseDialect, patternOf, readDialect } from '../../src/protocol/dialect.ts';
import { type ProgramRun, runProgram } from '../support/runProgram.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { startTestServer } from '../support/testServer.ts';
import { expectPassed, judge } from './judge.ts';

it('our own server passes every suite but the largest', async () => {
  await expectPassed(['states', 'branches', 'segments', 'inputs']);
});

describe('a time limit that the dialect names', () => {
  /** The faults of a server that ends requests after some time, in ms, by a dialect that says after how many seconds. */
  async function faultsOf(requestTimeoutMs: number, requestTimeout: number): Promise<string[]> {
    const server = await startTestServer({ requestTimeoutMs });
    const standard = readDialect('statechat');
    const dialect = { ...standard, features: { ...standard.features, requestTimeout } };
    const target = { host: '127.0.0.1', port: server.port, timeoutMs: 1500 };
    const options = { target, dialect, suites: ['states'] as const, connections: 16, onProgress: () => {} };
    return (await runSuites(options)).faults.map(({ name }) => name);
  }

  it('is kept, or it is not', async () => {
    // Both at once, because most of it is waiting.
    const [kept, exceeded] = await Promise.all([faultsOf(3000, 3), faultsOf(60_000, 1)]);
    expect(kept).toEqual([]);
    expect(exceeded).toEqual(['a request that nobody answers is not over in time']);
  });
});

describe('what is no server of the protocol gets a verdict', () => {
  const behaviours: [what: string, on: (socket: Socket) => void, verdict: RegExp][] = [
    ['hangs', () => {}, /accepts the connection and says nothing for 0\.2 s/],
    ['ends every connection', (socket) => socket.end(), /ends every connection at once/],
    ['floods', (socket) => socket.write('x'.repeat(3_000_000)), /a flood/],
    ['greets in other words', (socket) => socket.write('220 mail ready\r\n'), /greets with "220 mail ready\\r\\n"/],
  ];

  it.each(behaviours)('one that %s', async (_, on, verdict) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => {}));
      on(socket);
    }).listen(0, '127.0.0.1');
    onTestFinished(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    await once(server, 'listening');
    const judgement = await judge((server.address() as AddressInfo).port, 'statechat', usualSuites, 200);
    expect(judgement.refusal).toMatch(verdict);
    expect(isGood(judgement)).toBe(false);
  });

  it('one that speaks HTTP, and none at all', async () => {
    const server = createHttpServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect((await judge(port, 'statechat', usualSuites, 200)).refusal).toMatch(/speaks HTTP/);
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    expect((await judge(port, 'statechat', usualSuites, 200)).refusal).toMatch(/Nothing listens/);
  });
});

describe('a dialect', () => {
  it.each([
    ['no JSON', '{', /not JSON/],
    ['a key that means nothing', '{\n"name": "x",\n"reply": {}}', /line 3: "reply" means nothing here/],
    ['an unknown feature', '{"features": {\n"lists": true}}', /line 2: there is no feature "lists"/],
    ['a feature that is no truth', '{"features": {"list": "yes"}}', /"list" is true or false/],
    ['a time that is none', '{"features": {"requestTimeout": -1}}', /"requestTimeout" is null, or a number of seconds/],
    ['an unknown reply', '{"replies": {\n\n"menue": "x"}}', /line 3: there is no reply "menue"/],
    ['an empty reply', '{"replies": {"menu": ""}}', /"menu" is a text that is not empty/],
    ['a placeholder that is none', '{"replies": {"menu": "{name}"}}', /"menu" has \{name\} in it/],
  ])('with %s is refused by its line', (_, file, mistake) => {
    expect(() => parseDialect(file, 'mine.json')).toThrow(mistake);
  });

  it('compares bytes where they are fixed, and takes any words where they are free', () => {
    const standard = readDialect('statechat');
    const line = patternOf(standard, { type: 'read.line', id: 'ann', text: '(a+b)?' });
    expect('ann: (a+b)?\n').toMatch(line);
    expect('ann: aab\n').not.toMatch(line);
    expect('whatever it says\n').toMatch(patternOf(standard, { type: 'read.youWithdrew' }));
    expect('whatever\nit says').not.toMatch(new RegExp(`${patternOf(standard, { type: 'read.youWithdrew' }).source}$`));
  });
});

describe('the reports', () => {
  const judgement: Judgement = {
    ...{ server: '127.0.0.1:1', dialect: 'statechat', refusal: undefined },
    suites: [
      {
        ...{ name: 'states', dialogues: 2, played: 2, ms: 10 },
        failures: [
          {
            ...{
              story: ['ann connects'],
              who: 'ann',
              expected: '<b>\u0007',
              read: '&',
              step: { user: 0, does: 'connects' },
            },
            transitions: ['session.identifying.prompting line.received 0'],
          },
        ],
      },
    ],
    faults: [{ name: 'a fault', hint: 'a hint' }],
    passed: new Set(['session connection.closed 0']),
    failed: new Set(['session.identifying.prompting line.received 0']),
  };

  it('as a page need nothing from anywhere, and show text as text', () => {
    const page = htmlOf(judgement);
    expect(page).not.toMatch(/(?:src|href)=|@import|url\(/);
    expect(page).not.toContain('<b>');
    expect(page).toContain('[data-edge="session connection.closed 0"] tspan{fill:var(--passed)}');
    expect(page).toContain('[data-edge="session.identifying.prompting line.received 0"] tspan{fill:var(--failed)}');
  });

  it('as XML are XML, whatever was read', async () => {
    const xml = junitOf(judgement);
    expect(xml).toContain('&lt;b&gt;');
    expect(xml).not.toContain('\u0007');
    expect(xml.match(/<failure/g)).toHaveLength(2);
  });
});

describe('the command', () => {
  const run = (...args: string[]): Promise<ProgramRun> => runProgram(['conform', ...args]);

  it('says that all is well, writes what it was asked for, and exits with 0', async () => {
    const server = await startTestServer();
    const folder = temporaryFolder();
    const files = ['report.html', 'all.json', 'junit.xml'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const reports = ['--report', files[0], '--json', files[1], '--junit', files[2]];
    const { exitCode, stdout, stderr } = await run(
      `127.0.0.1:${server.port}`,
      '--suite',
      'states,branches',
      ...reports,
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/✓ branches +15 dialogues, all passed/);
    expect(stdout).toMatch(/It speaks the protocol\.\n$/);
    expect(JSON.parse(readFileSync(files[1], 'utf8'))).toMatchObject({ isGood: true });
  });

  it('exits with 2 when nothing can be said', async () => {
    expect(await run('127.0.0.1:1')).toEqual({
      exitCode: 2,
      stdout: "127.0.0.1:1 can't be judged. Nothing listens on 127.0.0.1:1.\n",
      stderr: '',
    });
    expect(await run('--dialect', 'nowhere.json')).toMatchObject({
      exitCode: 2,
      stderr: 'statechat: nowhere.json: there is no such file.\n',
    });
  });
});
