/** A connection that another process goes on with: what may not be sent yet waits, in order, whatever its user does. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { InheritedSocket, type MovingConnection } from '../../src/transport/movingConnection.ts';
import { eventually } from '../support/eventually.ts';

/** A socket that goes on with a connection, and the one at its other end. */
async function inherit(moving: Partial<MovingConnection>) {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reader = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [before] = (await once(server, 'connection')) as [Socket];
  server.close();
  // In one process it has to be the same handle; with two, it is the same descriptor.
  const { _handle: handle } = before as unknown as { _handle: unknown };
  const options = { handle, allowHalfOpen: true } as ConstructorParameters<typeof InheritedSocket>[0];
  const nothing = { unread: undefined, unsent: Buffer.alloc(0), mustWait: false };
  const socket = new InheritedSocket(options, { state: {} as never, ...nothing, ...moving });
  onTestFinished(() => {
    socket.destroy();
    reader.destroy();
  });
  const heard: string[] = [];
  reader.setEncoding('utf8').on('data', (text: string) => heard.push(text));
  reader.on('end', () => heard.push('(end)'));
  return { socket, reader, read: () => heard.join('') };
}

it('sends what was waiting, and what is written then', async () => {
  const { socket, read } = await inherit({ unsent: Buffer.from('one ') });
  socket.write('two');
  await eventually(read).toBe('one two');
});

it('sends nothing before the old process has sent its last bytes', async () => {
  const { socket, reader, read } = await inherit({ unsent: Buffer.from('one '), mustWait: true });
  socket.on('data', (bytes) => expect(String(bytes)).toBe('still here'));
  for (const word of ['two ', 'three']) socket.write(word);
  socket.end();
  reader.write('still here');
  await once(socket, 'data');
  expect(read()).toBe('');
  expect(socket.writableLength).toBeGreaterThan(0);
  socket.released(true);
  await eventually(read).toBe('one two three(end)');
});

it('does not end before that, though nothing waits', async () => {
  const { socket, reader, read } = await inherit({ mustWait: true });
  socket.resume().end();
  reader.write('still here');
  await once(socket, 'data');
  expect(read()).toBe('');
  socket.released(true);
  await eventually(read).toBe('(end)');
});

it('is closed if the old process can’t send its last bytes', async () => {
  const { socket } = await inherit({ unsent: Buffer.from('one'), mustWait: true });
  socket.released(false);
  expect(socket.destroyed).toBe(true);
});

it('stays open when the old process ends after it has sent everything', async () => {
  const { socket } = await inherit({ mustWait: true });
  socket.released(true);
  socket.released(false);
  expect(socket.destroyed).toBe(false);
});

it('is read from where the old process has stopped', async () => {
  const { socket, reader } = await inherit({ unread: Buffer.from('one ') });
  let read = '';
  socket.on('data', (bytes) => {
    read += bytes;
  });
  reader.write('two');
  await eventually(() => read).toBe('one two');
});
