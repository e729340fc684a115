/** A captured dialogue: the dissector names every message, and the page shows what is on the wire. */
import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { captureTraffic, type Segment } from '../../tools/traffic/capture.ts';
import { trafficPage } from '../../tools/traffic/page.ts';
import { describeNeeding, isInstalled } from '../support/describeNeeding.ts';
import { idPrompt } from '../support/wireTexts.ts';

const canCapture = isInstalled('tshark') && process.getuid?.() === 0;

describeNeeding('tshark and the right to capture', canCapture, 'a captured dialogue', () => {
  let segments: Segment[];
  beforeAll(async () => {
    if (canCapture) segments = await captureTraffic();
  });
  const kinds = (who: string, way: 'from' | 'to'): string[] =>
    segments.filter((each) => each[way] === who && each.length > 0).map(({ kind, state }) => `${kind} [${state}]`);

  it('has a kind and a state at every line of a client', () => {
    expect(kinds('lior', 'from')).toEqual([
      ...['id [identifying]', 'choice [menu]', 'target [requesting]', 'chat line [chatting]', 'choice [menu]'],
    ]);
    expect(kinds('golan', 'from')).toEqual([
      ...['id [identifying]', 'answer [confirming]', 'chat line [chatting]', 'exit() [chatting]'],
    ]);
  });

  it('has the sentences of the protocol in what the server says', () => {
    const said = segments.flatMap(({ from, kind }) => (from === 'server' && kind !== '' ? kind.split(', ') : []));
    const expected = [
      'idPrompt',
      'menu',
      'joinedServer',
      'targetPrompt',
      'question',
      'chatStarted',
      'line',
      'partnerLeft',
    ];
    expect(new Set(said)).toEqual(new Set([...expected, 'youLeftChat', 'farewell', 'disconnected']));
  });

  it('shows what each line has done to the chart', () => {
    const yes = segments.find(({ payload }) => payload === 'y\n');
    expect(yes?.edges.sort()).toEqual([
      'session.online.confirming.answering line.received 0',
      'session.online.confirming.deciding chat.started 0',
      'session.online.requesting.awaiting chat.started 0',
    ]);
    const hangUp = segments.find(({ from, flags }) => from === 'golan' && flags.includes('FIN'));
    expect(hangUp?.edges).toEqual(['session connection.closed 0']);
  });

  it('begins with a handshake and 20 bytes, and ends with FIN on every side', () => {
    const lior = segments.filter(({ from, to }) => from === 'lior' || to === 'lior');
    expect(lior.slice(0, 3).map(({ flags }) => flags.join(' '))).toEqual(['SYN', 'SYN ACK', 'ACK']);
    expect(lior[3]).toMatchObject({ from: 'server', length: 20, payload: idPrompt });
    expect(segments.filter(({ flags }) => flags.includes('FIN'))).toHaveLength(4);
    expect(segments.filter(({ flags }) => flags.includes('RST'))).toEqual([]);
  });

  it('is what the page shows (npm run traffic writes it)', () => {
    const payloads = (page: string): string[] =>
      [...page.matchAll(/^\| \d+ \|.*?`([^`]*)`/gm)].map(([, text]) => text ?? '').sort();
    expect(payloads(readFileSync('docs/traffic.md', 'utf8'))).toEqual(payloads(trafficPage(segments)));
  });
});
