/** The package: what is in it, and that it runs, is embedded and has its types where only it is installed. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { describeNeeding } from '../support/describeNeeding.ts';
import { installPackage } from '../support/installedPackage.ts';
import { ServerProcess } from '../support/serverProcess.ts';
import { connect, User } from '../support/user.ts';
import {
  chatStarted,
  farewell,
  idPrompt,
  joinedServer,
  menu,
  question,
  serverClosing,
  youLeftChat,
} from '../support/wireTexts.ts';

const installed = await installPackage();
const { folder, files } = installed;
afterAll(installed.remove);

const repository = process.cwd();
const program = join(folder, 'node_modules/.bin/statechat');

describe('the packed files', () => {
  it('are the program, its types, the charts, the diagrams and the pages, and nothing else', () => {
    const forms = [
      /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/package\.json)$/,
      /^docs\/(\w+\/)*[\w-]+\.md$/,
      /^dist\/diagrams\/[\w.-]+$/,
      /^dist\/machines\/[\w.]+\.(js|d\.ts)$/,
      /^dist\/src\/(\w+\/)*[\w.-]+\.(js|d\.ts|html|css|svg|lua|json)$/,
    ];
    expect(files.filter((file) => !forms.some((form) => form.test(file)))).toEqual([]);
    expect(files).toEqual(
      expect.arrayContaining([
        ...['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'dist/src/index.js', 'dist/src/index.d.ts'],
        ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).flatMap((name) =>
          name.endsWith('.md') ? [`docs/${name}`] : [],
        ),
        ...readdirSync('diagrams').map((name) => `dist/diagrams/${name}`),
        ...readdirSync('machines').map((name) => `dist/machines/${name.replace(/ts$/, 'js')}`),
        ...readdirSync('src/cli').map((name) => `dist/src/cli/${name.replace(/ts$/, 'js')}`),
      ]),
    );
  });

  it('hold what lies beside the source and is no TypeScript', () => {
    const beside = readdirSync('src', { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const others = beside.map((entry) => join(entry.parentPath, entry.name)).filter((file) => !file.endsWith('.ts'));
    expect(files).toEqual(expect.arrayContaining(others.map((file) => `dist/${file}`)));
  });

  it('import only each other, Node, and packages that are installed with them', () => {
    const { dependencies, optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
      'dependencies' | 'optionalDependencies',
      object
    >;
    const packages = Object.keys({ ...dependencies, ...optionalDependencies });
    const known = new Set([...packages, ...builtinModules.map((name) => `node:${name}`)]);
    const modules = files.filter((file) => file.endsWith('.js'));
    let count = 0;
    for (const file of modules) {
      const text = readFileSync(file, 'utf8');
      const names = text.matchAll(/^(?:import|export) (?:[^'"()=]* from )?'([^']+)';$|\bimport\('([^']+)'\)/gm);
      for (const [, name = '', loaded = name] of names) {
        count += 1;
        if (loaded.startsWith('.')) expect(files).toContain(join(file, '..', loaded));
        else expect([...known], file).toContain(loaded);
      }
    }
    expect(count).toBeGreaterThan(50);
  });
});

describeNeeding('the registry or its cache', installed.isInstalled, 'the installed package', () => {
  it('serves a chat to users at its own client', async () => {
    const server = new ServerProcess(['serve', '--port', '0'], { program: [program] });
    const address = await server.listening();
    const client = spawn(program, ['connect', '127.0.0.1', String(address.port), '--id', 'lior']);
    onTestFinished(() => {
      client.kill('SIGKILL');
    });
    const lior = new User(Duplex.from({ readable: client.stdout, writable: client.stdin }));
    await lior.expect(`${idPrompt}${menu}`);
    const golan = await connect(address);
    await golan.identify('golan');
    await lior.expect(joinedServer('golan'));
    golan.say('1');
    golan.say('lior');
    await lior.expect(question('golan'));
    lior.accept();
    await lior.expect(chatStarted('golan'));
    lior.say('hello');
    await golan.readThrough('lior: hello\n');
    lior.say('exit()');
    await lior.expect(`${youLeftChat}${menu}`);
    const closed = once(client, 'close');
    lior.say('2');
    await lior.expect(farewell);
    expect(await closed).toEqual([0, null]);
    server.signal('SIGTERM');
    await golan.readThrough(serverClosing);
    expect(await server.ended()).toMatchObject({ exitCode: 0, signal: null });
  });

  it('finds its version and its diagrams', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(execFileSync(program, ['--version'], { encoding: 'utf8' })).toBe(`${version}\n`);
    execFileSync(program, ['diagrams', '--out', 'drawn'], { cwd: folder });
    expect(readdirSync(join(folder, 'drawn')).sort()).toEqual(readdirSync('diagrams').sort());
  });

  it('serves the chat to browsers, with all files of the page', async () => {
    const server = new ServerProcess(['serve', '--port', '0', '--web', '0'], { program: [program] });
    await server.listening();
    const [url = ''] = /http:\/\/\S+/.exec(await server.stdout.readThrough('\n')) ?? [];
    const page = await (await fetch(url)).text();
    const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = '']) => file);
    expect(files.length).toBeGreaterThan(4);
    for (const file of [...files, '/protocol.json', '/diagrams/session.svg', '/protocol/sentenceReader.js']) {
      expect([file, (await fetch(new URL(file, url))).status]).toEqual([file, 200]);
    }
  });

  it('is embedded as docs/embedding.md shows', async () => {
    const page = 'docs/embedding.md';
    const [[server = '', inspector = '', charts = ''], [shown]] = [examplesOf(page, 'js'), examplesOf(page, 'text')];
    writeFileSync(join(folder, 'server.js'), server);
    const embedding = new ServerProcess([], { program: [process.execPath, join(folder, 'server.js')] });
    const [, port] = /^chat on 127\.0\.0\.1:(\d+)\n$/.exec(await embedding.stdout.readThrough('\n')) ?? [];
    const lior = await connect({ port: Number(port) });
    await lior.identify('lior');
    embedding.signal('SIGTERM');
    await lior.expect(serverClosing);
    expect(await embedding.ended()).toEqual({ exitCode: 0, signal: null, stdout: 'everybody has left\n', stderr: '' });

    writeFileSync(join(folder, 'inspector.js'), inspector);
    expect(execFileSync(process.execPath, ['inspector.js'], { cwd: folder, encoding: 'utf8' })).toBe(
      'xstate.init to lobby\nxstate.init to sessions\nserver.stop to lobby\n',
    );

    writeFileSync(join(folder, 'charts.js'), charts);
    expect(execFileSync(process.execPath, ['charts.js'], { cwd: folder, encoding: 'utf8' })).toBe(shown);
  });

  it('serves without any package for Redis, and says which one is missing when it is asked to use it', async () => {
    rmSync(join(folder, 'node_modules/@redis'), { recursive: true, force: true });
    const server = new ServerProcess(['serve', '--port', '0'], { program: [program] });
    await (await connect(await server.listening())).identify('lior');
    const sharing = new ServerProcess(['serve', '--redis', 'redis://127.0.0.1:1'], { program: [program] });
    const { exitCode, stderr } = await sharing.ended();
    expect(exitCode).toBe(1);
    expect(stderr).toBe('statechat: --redis needs the package @redis/client. Install it: npm install @redis/client\n');
  });

  it('has types for all that is imported from it', () => {
    const source = `
import { type Server, type ServerOptions, startServer } from 'statechat';
import { clientMachine } from 'statechat/machines/client';
import { clusterMemberMachine } from 'statechat/machines/clusterMember';
import { pairingMachine } from 'statechat/machines/pairing';
import { passwordGateMachine } from 'statechat/machines/passwordGate';
import { protocolMachine } from 'statechat/machines/protocol';
import { lobbyMachine } from 'statechat/machines/lobby';
import type { LimitName } from 'statechat/machines/events';
import { type SessionEvent, sessionMachine } from 'statechat/machines/session';

const options: ServerOptions = { port: 0, rateLimit: 5 };
export const server: Promise<Server> = startServer(options);
export const event: SessionEvent = { type: 'line.received', text: 'hello' };
export const limit: LimitName = 'idle';
const user: { id: string }[] = [sessionMachine, passwordGateMachine, clientMachine, protocolMachine];
export const ids: string[] = [...user, lobbyMachine, pairingMachine, clusterMemberMachine].map(({ id }) => id);
// @ts-expect-error: a port is a number
export const wrong: ServerOptions = { port: '0' };
// @ts-expect-error: there is no such event
export const wrongEvent: SessionEvent = { type: 'line.sent' };
`;
    writeFileSync(join(folder, 'typed.ts'), source);
    const options = ['--noEmit', '--strict', '--target', 'es2023', '--module', 'nodenext', '--types', 'node'];
    const types = ['--typeRoots', join(repository, 'node_modules/@types')];
    const compile = (): string => {
      const compiler = join(repository, 'node_modules/typescript/bin/tsc');
      return execFileSync(process.execPath, [compiler, ...options, ...types, 'typed.ts'], {
        cwd: folder,
        encoding: 'utf8',
      });
    };
    expect(compile).not.toThrow();
  });
});

/** What a page shows in a language, block by block. */
function examplesOf(page: string, language: string): string[] {
  const blocks = readFileSync(page, 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm);
  return [...blocks].filter(([, name]) => name === language).map(([, , block = '']) => block);
}
