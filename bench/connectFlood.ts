/**
 * Connections that come as fast as they can, from so many hands that each open the next one when the last is refused or
 * has read its prompt; started by `lockdown.ts`.
 *
 * Owns: the load, not the measurement. Usage: connectFlood.ts PORT MILLISECONDS HANDS
 */
import { connect } from 'node:net';

const [port, ms, hands] = process.argv.slice(2).map(Number) as [number, number, number];
const end = performance.now() + ms;
let connections = 0;

/** Until the server has said something, or the connection has ended. */
function once(): Promise<void> {
  return new Promise((resolve) => {
    // From many addresses of this machine: one has only so many ports.
    const localAddress = `127.0.0.${2 + (connections++ % 200)}`;
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    socket.on('data', () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => resolve());
  });
}

async function flood(): Promise<void> {
  while (performance.now() < end) await once();
}

console.log('flooding');
const begin = performance.now();
await Promise.all(Array.from({ length: hands }, flood));
console.log(`${Math.round((1000 * connections) / (performance.now() - begin))} connections/s`);
