/** Everything that was ever made up against the server, as an id, a password, a name and a text: nobody's screen and no log suffers. */
import { describe, expect, it } from 'vitest';
import { nameFile } from '../support/passwordGates.ts';
import { ServerProcess } from '../support/serverProcess.ts';
import { connect } from '../support/user.ts';
import { idPrompt } from '../support/wireTexts.ts';
import corpus from './corpus.json' with { type: 'json' };
import { wrongInLog, wrongOnScreen } from './screens.ts';

describe('a known hostile text', () => {
  it('is safe everywhere it can come to', async () => {
    const limits = ['--rate-limit', '0', '--requests-per-minute', '0'];
    const server = new ServerProcess(['--port', '0', '--names', nameFile('golan'), ...limits]);
    const { port } = await server.listening();
    const ann = await connect({ port });
    await ann.identify('ann');
    ann.choose(3);
    await ann.readThrough('Nobody else is here yet.\n');
    for (const [title = '', text = ''] of corpus) {
      const bytes = [...Buffer.from(text, 'latin1')];
      const stranger = await connect({ port });
      await stranger.expect(idPrompt);
      // As an id, then as the password of one, then as the name of somebody to ask, then as something said.
      stranger.send([
        ...bytes,
        10,
        ...Buffer.from('golan\n'),
        ...bytes,
        10,
        ...Buffer.from('stranger\n1\n'),
        ...bytes,
        10,
        ...Buffer.from('exit()\nexit()\n3\nsesame '),
      ]);
      stranger.send([...bytes, 10, ...Buffer.from('2\nexit()\n2\n')]);
      stranger.halfClose();
      const read = await stranger.readToEnd();
      // The replies to telnet's commands are no text.
      const shown = read.replace(/\ufffd\ufffd[\s\S]/g, '');
      expect([title, wrongOnScreen(Buffer.from(shown))]).toEqual([title, undefined]);
      ann.send([0xff, 0x0a]);
      const heard = await ann.readThrough('That line is not valid UTF-8. Nothing was sent.\n');
      expect([title, wrongOnScreen(Buffer.from(heard))]).toEqual([title, undefined]);
    }
    expect(wrongInLog(server.log, 'sesame')).toBeUndefined();
    expect(server.log.split('\n').length).toBeGreaterThan(corpus.length);
  });
});

describe('the judge of screens', () => {
  it.each([
    ['an escape', 'ann: \u001b[2J\n'],
    ['a carriage return', 'ann: hi\rServer: you win\n'],
    ['an override', 'ann: \u202eabc\n'],
    ['a C1 control', 'ann: \u009b31m\n'],
    ['a line that is nobody’s', 'you win again\n'],
  ])('objects to %s', (_, text) => {
    expect(wrongOnScreen(Buffer.from(text))).toBeDefined();
  });

  it('objects to bytes that are no UTF-8', () => {
    expect(wrongOnScreen(Buffer.from([0x61, 0xff, 0x0a]))).toBeDefined();
  });

  it('objects to a log that holds what was said, or that is no JSON', () => {
    expect([wrongInLog('{"a":"sesame"}\n', 'sesame'), wrongInLog('{}\n{"a":"b"\n', 'sesame')]).toEqual([
      expect.any(String),
      expect.any(String),
    ]);
  });
});
