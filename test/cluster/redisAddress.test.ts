/** The forms that the address of Redis can have. */
import { expect, it } from 'vitest';
import { readRedisAddress } from '../../src/runtime/redisAddress.ts';

it.each([
  ['redis://chat', 'address', [{ host: 'chat', port: 6379 }], '', 0],
  ['RediSS://[::1]:7000/3', 'address', [{ host: '::1', port: 7000 }], '', 3],
  ['unix:///run/redis.sock', 'address', [{ path: '/run/redis.sock' }], '', 0],
  ['redis+unix://u:p@/run/redis.sock?db=2', 'address', [{ path: '/run/redis.sock' }], '', 2],
  [
    'redis+sentinel://one,two:26380/chat',
    'sentinel',
    [
      { host: 'one', port: 26379 },
      { host: 'two', port: 26380 },
    ],
    'chat',
    0,
  ],
  ['rediss+sentinel://[::1]/chat/4', 'sentinel', [{ host: '::1', port: 26379 }], 'chat', 4],
  [
    'redis+cluster://u:p@one:7000,two/',
    'cluster',
    [
      { host: 'one', port: 7000 },
      { host: 'two', port: 6379 },
    ],
    '',
    0,
  ],
])('%s', (url, knownBy, places, primaryName, database) => {
  const isSecure = /^rediss/i.test(url);
  expect(readRedisAddress(url)).toMatchObject({ knownBy, places, primaryName, database, isSecure });
});

it.each([
  ['redis://one,two', /^It must be redis:\/\/HOST:PORT.* Several hosts need redis\+sentinel:\/\/ or redis\+cluster:/],
  ['redis+sentinel://one:1', /^It must be redis\+sentinel:\/\/HOST:PORT,HOST:PORT\/NAME\/DATABASE, or /],
  ['redis+cluster://one:1/2', /^It must be redis\+cluster:\/\/HOST:PORT,HOST:PORT, or /],
  ['redis+cluster://one,two:99999', /^It must be redis\+cluster:/],
  ['unix://run/redis.sock', /^It must be unix:\/\/\/PATH\/OF\/THE\/SOCKET\?db=DATABASE, or /],
  ['rediss+unix:///run/redis.sock', /^It must be redis:\/\/HOST:PORT, or .* docs\/scale-out\.md /],
])('%s is none', (url, message) => {
  expect(() => readRedisAddress(url)).toThrow(message);
});
