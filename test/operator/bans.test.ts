/** The list of bans: whom it is about, until when, which of two words counts; and its file. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Ban } from '../../machines/operatorActs.ts';
import { BanFile } from '../../src/operator/banFile.ts';
import { BanList, isBan, maxBans } from '../../src/operator/banList.ts';
import { readTarget } from '../../src/operator/words.ts';
import { SetupError } from '../../src/runtime/operatorError.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const dayMs = 86_400_000;

function ban(text: string, { sinceMs = 1000, untilMs = null as number | null, isLifted = false } = {}): Ban {
  return { ...readTarget(text), reason: 'spam', by: 'root', sinceMs, untilMs, isLifted };
}

/** A list, and the date it goes by. */
function listOf(...bans: Ban[]) {
  const date = { ms: 1000 };
  const list = new BanList(() => date.ms);
  for (const each of bans) list.add(each);
  return { list, date };
}

describe('the list of bans', () => {
  it.each([
    ['198.51.100.7', '198.51.100.7', true],
    ['198.51.100.7', '198.51.100.8', false],
    ['198.51.100.0/24', '198.51.100.255', true],
    ['198.51.100.0/24', '198.51.101.0', false],
    ['198.51.100.0/31', '198.51.100.1', true],
    ['198.51.100.0/31', '198.51.100.2', false],
    ['2001:db8::1', '2001:db8::ffff:1', true],
    ['2001:db8::1', '2001:db8:0:1::1', false],
    ['2001:db8::1/128', '2001:db8::2', false],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['golan', '198.51.100.7', false],
  ])('a ban of %s is about the address %s: %s', (target, address, isAbout) => {
    expect(listOf(ban(target)).list.about(address) !== undefined).toBe(isAbout);
  });

  it('is about an id in any letter case, wherever it comes from', () => {
    const { list } = listOf(ban('golan'));
    expect(list.about('192.0.2.1', 'GoLan')).toMatchObject({ target: 'golan', reason: 'spam' });
    expect(list.about('192.0.2.1', 'golan2')).toBeUndefined();
    expect(list.about('192.0.2.1')).toBeUndefined();
  });

  it('looks at every network it has, narrow or wide', () => {
    const { list } = listOf(ban('10.0.0.0/8'), ban('10.1.0.0/16'), ban('198.51.100.7'), ban('2001:db8::/48'));
    expect(['10.200.0.1', '10.1.2.3', '198.51.100.7', '2001:db8::1'].every((each) => list.about(each))).toBe(true);
    expect(['11.0.0.1', '198.51.100.6', '2001:db9::1'].some((each) => list.about(each))).toBe(false);
  });

  it('ends a ban when its time is over, whatever was done since', () => {
    const { list, date } = listOf(ban('golan', { untilMs: 5000 }));
    date.ms = 4999;
    expect([list.about('', 'golan') !== undefined, list.list().length]).toEqual([true, 1]);
    date.ms = 5000;
    expect([list.about('', 'golan') !== undefined, list.list().length]).toEqual([false, 0]);
  });

  it.each(['ban first', 'lifted first'])('of two words about one target the later one counts: %s', (order) => {
    const words = [ban('golan'), ban('golan', { sinceMs: 2000, isLifted: true })];
    const { list } = listOf(...(order === 'ban first' ? words : words.reverse()));
    expect(list.about('', 'golan')).toBeUndefined();
    expect(list.records()).toMatchObject([{ isLifted: true }]);
    expect(list.list()).toEqual([]);
  });

  it('says if a word is news', () => {
    const { list } = listOf(ban('golan'));
    expect(list.add(ban('golan'))).toBe(false);
    expect(list.add(ban('golan', { sinceMs: 1001 }))).toBe(true);
  });

  it('forgets what nobody needs to remember: a ban that has ended, and 90 days later one that was taken back', () => {
    const { list, date } = listOf(ban('a', { untilMs: 5000 }), ban('b', { isLifted: true }), ban('c'));
    date.ms = 5000;
    expect(list.records().map(({ target }) => target)).toEqual(['b', 'c']);
    date.ms = 1000 + 90 * dayMs;
    expect(list.records().map(({ target }) => target)).toEqual(['c']);
  });

  it('has room for so many targets, and takes new words about those it has', () => {
    const { list, date } = listOf();
    for (let index = 0; index < maxBans; index++) list.add(ban(`u${index}`, { untilMs: index === 0 ? 2000 : null }));
    expect([list.add(ban('one-more')), list.isFull]).toEqual([false, true]);
    expect(list.add(ban('u5', { sinceMs: 1001, isLifted: true }))).toBe(true);
    date.ms = 2000;
    expect(list.add(ban('one-more'))).toBe(true);
  });
});

describe('the file of bans', () => {
  it('is no file yet at the first start', () => {
    expect(new BanFile(join(temporaryFolder(), 'bans.json')).read()).toEqual([]);
  });

  it('holds every word across a restart, only its owner may read it, and nothing else is left', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'bans.json');
    const bans = [ban('golan'), ban('198.51.100.0/24', { untilMs: 5000 }), ban('noa', { isLifted: true })];
    await new BanFile(path).write(bans);
    expect(new BanFile(path).read()).toEqual(bans);
    expect([statSync(path).mode & 0o777, readdirSync(folder)]).toEqual([0o600, ['bans.json']]);
  });

  it('holds the last of several that were written at once', async () => {
    const file = new BanFile(join(temporaryFolder(), 'bans.json'));
    const words = Array.from({ length: 20 }, (_, index) => [ban(`u${index}`)]);
    await Promise.all(words.map((bans) => file.write(bans)));
    expect(file.read()).toEqual(words.at(-1));
  });

  it('stays as it was if a new one can’t be written, and takes the next one', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'bans.json');
    const file = new BanFile(path);
    await file.write([ban('golan')]);
    // The name of the new one is taken by a folder.
    mkdirSync(`${path}.${process.pid}`);
    await expect(file.write([ban('noa')])).rejects.toThrow(/EISDIR/);
    expect(file.read()).toEqual([ban('golan')]);
    expect(existsSync(path)).toBe(true);
  });

  it.each([
    ['no JSON', '{'],
    ['another program’s', '{"version":2,"bans":[]}'],
    ['no list', '{"version":1,"bans":{}}'],
    ['a list of something else', '{"version":1,"bans":["golan"]}'],
    ['nothing', ''],
  ])('that is %s stops the start, and is left alone', (_, text) => {
    const path = join(temporaryFolder(), 'bans.json');
    writeFileSync(path, text);
    expect(() => new BanFile(path).read()).toThrow(SetupError);
    expect(() => new BanFile(path).read()).toThrow(`${path}: this is no list of bans`);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('that is a folder stops the start', () => {
    const path = temporaryFolder();
    expect(() => new BanFile(path).read()).toThrow(`${path}: it is a directory.`);
  });
});

describe('a ban from elsewhere', () => {
  const whole = ban('198.51.100.7');

  it('is one if all of it is there', () => {
    expect([isBan(whole), isBan(ban('golan', { untilMs: 5 }))]).toEqual([true, true]);
  });

  it.each([
    [null],
    ['golan'],
    [{ ...whole, kind: 'server' }],
    [{ ...whole, target: '198.51.100.7' }],
    [{ ...whole, target: '198.51.100.7/24' }],
    [{ ...whole, target: 'golan' }],
    [{ ...whole, target: 5 }],
    [{ ...whole, sinceMs: '1' }],
    [{ ...whole, untilMs: undefined }],
    [{ ...whole, isLifted: 1 }],
    [{ ...whole, reason: null }],
  ])('is none: %j', (value) => {
    expect(isBan(value)).toBe(false);
  });
});
