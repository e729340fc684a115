/** What other servers say of an outage, and what their silence means. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { Attempt } from '../../src/cluster/attempt.ts';
import { Peers } from '../../src/cluster/peers.ts';

const host = '127.0.0.1';

function peers(node: string, isRefused: () => boolean): Peers {
  const made = new Peers(node, async () => isRefused());
  onTestFinished(() => made.close());
  return made;
}

it('are asked one by one: all have to say that the directory is down', async () => {
  let isRefused = true;
  const asker = peers('asker', () => true);
  expect(await asker.areDown()).toBe(true);
  const one = peers('one', () => true);
  const two = peers('two', () => isRefused);
  asker.set('one', await one.listen(host));
  asker.set('two', await two.listen(host));
  expect(await asker.areDown()).toBe(true);
  isRefused = false;
  expect(await asker.areDown()).toBe(false);
  asker.delete('two');
  expect(await asker.areDown()).toBe(true);
  asker.set('asker', '');
  expect(await asker.areDown()).toBe(true);
});

it('do not agree when they are silent, unknown to the port, or nowhere', async () => {
  const silent = createServer(() => {}).listen(0, host);
  onTestFinished(() => void silent.close());
  await once(silent, 'listening');
  const another = peers('another', () => true);
  const places = {
    silent: `${host} ${(silent.address() as AddressInfo).port}`,
    renamed: await another.listen(host),
    gone: `${host} 1`,
    unreachable: '',
  };
  for (const [node, address] of Object.entries(places)) {
    const asker = peers('asker', () => true);
    asker.set(node, address);
    expect([node, await asker.areDown()]).toEqual([node, false]);
  }
});

it('that have agreed and then stop are left out', async () => {
  const asker = peers('asker', () => true);
  const one = peers('one', () => true);
  asker.set('one', await one.listen(host));
  expect(await asker.areDown()).toBe(true);
  one.close();
  expect(await asker.areDown()).toBe(true);
});

it('listen at an address of this machine only', async () => {
  const made = peers('one', () => true);
  expect(await made.listen('192.0.2.1')).toBe('');
  expect(await made.listen(host)).toMatch(/^127\.0\.0\.1 \d+$/);
  expect(await made.listen(host)).toBe(await made.listen('192.0.2.1'));
});

it('wait for one that is just finding out, and not for ever', async () => {
  const attempt = new Attempt();
  attempt.begin();
  const one = new Peers('one', () => attempt.isRefused());
  onTestFinished(() => one.close());
  const asker = peers('asker', () => true);
  asker.set('one', await one.listen(host));
  expect(await asker.areDown()).toBe(false);
  const asked = asker.areDown();
  attempt.end(true);
  expect(await asked).toBe(true);
  attempt.begin();
  const askedAgain = asker.areDown();
  attempt.end(false);
  expect(await askedAgain).toBe(false);
});
