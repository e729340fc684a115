/** Which Redis is named by Sentinels and by the nodes of a Cluster, and what it means if they do not say. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createClient } from '@redis/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Client, findPlace } from '../../src/cluster/redisPlace.ts';
import { readRedisAddress } from '../../src/runtime/redisAddress.ts';

/** Replies to each command whose name or subcommand is in the table, and OK to all others. */
async function startFake(replies: Record<string, string>): Promise<{ port: number; seen: string[] }> {
  const seen: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (text: string) => {
      for (const command of text.split(/^\*\d+\r\n/m).slice(1)) {
        const words = command.split('\r\n').filter((_, index) => index % 2 === 1);
        seen.push(words.join(' '));
        const known = words.find((word) => Object.hasOwn(replies, word));
        socket.write(known === undefined ? '+OK\r\n' : (replies[known] as string));
      }
    });
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, seen };
}

async function find(url: string) {
  const address = readRedisAddress(url);
  return findPlace(address, '{statechat}', (place, asUser) => {
    const password = asUser ? address.password?.reveal() : undefined;
    return createClient({
      ...(password !== undefined && { password }),
      RESP: 2,
      socket: { ...place, reconnectStrategy: false },
    }).on('error', () => {}) as Client;
  });
}

const named = '*2\r\n$8\r\n10.0.0.7\r\n$4\r\n6380\r\n';
const nobody = '127.0.0.1:1';

describe('Sentinels', () => {
  it('are all asked, and the first answer counts', async () => {
    const { port, seen } = await startFake({ SENTINEL: named });
    expect(await find(`redis+sentinel://:hunter2@${nobody},127.0.0.1:${port}/chat`)).toEqual({
      host: '10.0.0.7',
      port: 6380,
    });
    expect(seen.join()).toContain('SENTINEL GET-MASTER-ADDR-BY-NAME chat');
    expect(seen.join()).not.toContain('hunter2');
  });

  it('that want a password get the one of Redis', async () => {
    let isFirst = true;
    const replies = {
      get SENTINEL() {
        const reply = isFirst ? '-NOAUTH Authentication required.\r\n' : named;
        isFirst = false;
        return reply;
      },
    };
    const { port, seen } = await startFake(replies);
    expect(await find(`redis+sentinel://:hunter2@127.0.0.1:${port}/chat`)).toMatchObject({ port: 6380 });
    expect(seen.join()).toContain('AUTH hunter2');
  });

  it('that do not know the name say so', async () => {
    const { port } = await startFake({ SENTINEL: '*-1\r\n' });
    await expect(find(`redis+sentinel://${nobody},127.0.0.1:${port}/chat`)).rejects.toThrow(
      'Sentinel knows no primary of the name chat',
    );
  });

  it('that all refuse the connection are no outage of one server alone', async () => {
    await expect(find(`redis+sentinel://${nobody},127.0.0.1:2/chat`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('the nodes of a Cluster', () => {
  const slots = (last: number, node: string) => `*1\r\n*3\r\n:0\r\n:${last}\r\n*2\r\n${node}\r\n`;

  it('name the one that has the slot of the directory', async () => {
    const { port } = await startFake({ KEYSLOT: ':500\r\n', SLOTS: slots(500, '$8\r\n10.0.0.7\r\n:7001') });
    expect(await find(`redis+cluster://127.0.0.1:${port}`)).toEqual({ host: '10.0.0.7', port: 7001 });
  });

  it('that do not know by which name they are reached are the one that was asked', async () => {
    const { port } = await startFake({ KEYSLOT: ':500\r\n', SLOTS: slots(16_383, '$-1\r\n:7001') });
    expect(await find(`redis+cluster://127.0.0.1:${port}`)).toEqual({ host: '127.0.0.1', port: 7001 });
  });

  it('of which none has that slot are an outage', async () => {
    const { port } = await startFake({ KEYSLOT: ':501\r\n', SLOTS: slots(500, '$8\r\n10.0.0.7\r\n:7001') });
    await expect(find(`redis+cluster://127.0.0.1:${port}`)).rejects.toThrow(/^CLUSTERDOWN /);
  });
});
