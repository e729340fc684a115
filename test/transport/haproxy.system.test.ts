/** A real load balancer in front: the server knows who comes. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect as openSocket } from 'node:net';
import { join } from 'node:path';
import { it, onTestFinished } from 'vitest';
import { describeNeeding, isInstalled } from '../support/describeNeeding.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { startTestServer } from '../support/testServer.ts';
import { User } from '../support/user.ts';
import { idPrompt, menu } from '../support/wireTexts.ts';

describeNeeding('haproxy', isInstalled('haproxy', '-v'), 'behind HAProxy', () => {
  it.each(['send-proxy', 'send-proxy-v2'])('%s says who comes', async (how) => {
    const server = await startTestServer({ proxyProtocol: 'on' });
    const folder = temporaryFolder();
    const socketFile = join(folder, 'front');
    const settings = join(folder, 'haproxy.cfg');
    writeFileSync(
      settings,
      [
        ...['defaults', ' mode tcp', ' timeout connect 5s', ' timeout client 1h', ' timeout server 1h'],
        ...['frontend chat', ` bind unix@${socketFile}`, ' default_backend servers'],
        ...['backend servers', ' balance leastconn', ` server one 127.0.0.1:${server.port} ${how}`, ''],
      ].join('\n'),
    );
    const haproxy = spawn('haproxy', ['-db', '-f', settings], { stdio: 'ignore' });
    onTestFinished(() => void haproxy.kill('SIGKILL'));
    let socket = openSocket(socketFile);
    socket.on('error', () => {});
    await eventually(() => {
      if (socket.destroyed) socket = openSocket(socketFile).on('error', () => {});
      return socket.readyState;
    }).toBe('open');
    onTestFinished(() => void socket.destroy());
    const lior = new User(socket);
    await lior.expect(idPrompt);
    lior.say('lior');
    await lior.expect(menu);
  });
});
