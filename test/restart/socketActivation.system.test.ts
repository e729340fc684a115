/** Sockets that somebody else holds: nobody is refused while the server restarts. */
import { expect, it } from 'vitest';
import { describeNeeding, isInstalled } from '../support/describeNeeding.ts';
import { eventually } from '../support/eventually.ts';
import { program } from '../support/program.ts';
import { connectSecurely, makeCertificate } from '../support/secure.ts';
import { ServerProcess } from '../support/serverProcess.ts';
import { connect } from '../support/user.ts';
import { idPrompt, serverClosing } from '../support/wireTexts.ts';
import { Newcomers } from './newcomers.ts';

/** A long run is told how many. */
const restarts = Number(process.env.RESTARTS ?? 5);

async function hold(names: string, args: readonly string[] = []) {
  const holder = ['python3', 'test/restart/socketHolder.py', names, ...program, 'serve'];
  const server = new ServerProcess(args, { program: holder });
  const ports = (await server.stdout.readThrough('\n')).trim().split(' ').map(Number);
  return { server, ports };
}

describeNeeding('python3', isInstalled('python3'), 'a server whose sockets are held', () => {
  it(`refuses nobody in ${restarts} restarts, though one client never hangs up`, async () => {
    const unlimited = ['--max-per-address', '0', '--connect-rate', '0', '--log-level', 'error'];
    const { server, ports } = await hold('plain', unlimited);
    const [port = 0] = ports;
    await server.listening();
    const newcomers = new Newcomers(port);
    const stubborn = await connect({ port }, { keepsOpen: true });
    await stubborn.identify('stubborn');
    for (let restart = 0; restart < restarts; restart++) {
      server.signal('SIGHUP');
      await server.listening();
    }
    await stubborn.expect(serverClosing);
    await newcomers.stop();
    expect(newcomers.refused).toEqual([]);
    expect(newcomers.greeted).toBeGreaterThan(restarts);
  });

  it('takes up who came while there was no server', async () => {
    const { server, ports } = await hold('plain');
    const user = await connect({ port: ports[0] as number });
    await server.listening();
    await user.identify('lior');
  });

  it('listens on each of them, and with TLS on those that are called so', async () => {
    const { tlsCert, tlsKey } = makeCertificate();
    const { server, ports } = await hold('plain:tls:statechat.socket', ['--tls-cert', tlsCert, '--tls-key', tlsKey]);
    const [first = 0, tls = 0, second = 0] = ports;
    expect(await server.listening()).toEqual({ host: '127.0.0.1', port: first, tlsPort: tls });
    for (const port of [first, second]) await (await connect({ port })).expect(idPrompt);
    await (await connectSecurely({ tlsPort: tls })).user.expect(idPrompt);
  });

  it('has the page on the one that is called web, also if it is the only one', async () => {
    for (const names of ['plain:web', 'web']) {
      const { server, ports } = await hold(names, ['--web', '0', '--port', '0']);
      const { port } = await server.listening();
      await eventually(() => server.log).toMatch(/"webPort":\d+/);
      const webPort = Number(/"webPort":(\d+)/.exec(server.log)?.[1]);
      expect(webPort).toBe(ports.at(-1));
      if (names === 'plain:web') expect(port).toBe(ports[0]);
      expect((await fetch(`http://127.0.0.1:${webPort}/`)).status).toBe(200);
      await (await connect({ port })).expect(idPrompt);
    }
  });

  it('tells its users when it stops, like any other', async () => {
    const { server, ports } = await hold('plain');
    await server.listening();
    const user = await connect({ port: ports[0] as number });
    await user.identify('lior');
    server.signal('SIGTERM');
    await user.expect(serverClosing);
    user.hangUp();
    expect(await server.ended()).toMatchObject({ exitCode: 0 });
  });

  it('says what it can’t have been meant to do', async () => {
    const nameless = await hold('plain:metrics');
    expect((await nameless.server.ended()).stderr).toBe(
      'statechat: no socket may be called "metrics": FileDescriptorName can be plain (as without a name), tls or web.\n',
    );
    const pageless = await hold('plain:web');
    expect((await pageless.server.ended()).stderr).toBe('statechat: a socket called web needs --web.\n');
    const uncertified = await hold('tls');
    expect((await uncertified.server.ended()).stderr).toBe(
      'statechat: TLS needs a certificate and its private key: --tls-cert is missing.\n',
    );
  });
});
