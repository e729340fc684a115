/** Telnet's commands are taken out of lines, wherever they stand; a lone byte 255 is none. */
import { describe, expect, it } from 'vitest';
import { connect, idPrompt, menu } from '../support/person.ts';
import { startTestServer } from '../support/testServer.ts';
import { notUtf8, startFraming } from './framed.ts';

const [iac, sb, se, will, dont, nop, ip] = [255, 250, 240, 251, 254, 241, 244];
const bytes = (text: string) => [...Buffer.from(text)];

describe('telnet commands', () => {
  it.each<[what: string, sent: readonly number[]]>([
    ['an offer before the line', [iac, will, 31, ...bytes('lior')]],
    ['a refusal behind it', [...bytes('lior'), iac, dont, 1]],
    ['one in the middle', [...bytes('li'), iac, nop, ...bytes('or')]],
    ['Ctrl-C', [iac, ip, iac, 253, 6, ...bytes('lior')]],
    ['a subnegotiation', [iac, sb, 31, 0, 80, 0, 24, iac, se, ...bytes('lior')]],
    ['several', [iac, will, 31, iac, sb, 24, 0, 88, iac, se, ...bytes('lior'), iac, nop]],
  ])('are no part of a line: %s', (_, sent) => {
    const framed = startFraming({ mode: 'lines' });
    framed.send([...sent, 10]);
    expect(framed.heard()).toEqual(['lior']);
  });

  it.each<[what: string, sent: readonly number[]]>([
    ['alone', [iac]],
    ['before a letter', [iac, ...bytes('lior')]],
    ['twice, which telnet means as one', [iac, iac, ...bytes('lior')]],
  ])('a byte 255 that is none makes the line no text: %s', (_, sent) => {
    const framed = startFraming({ mode: 'lines' });
    framed.send([...sent, 10], 'next\n');
    expect(framed.heard()).toEqual([notUtf8, 'next']);
  });

  it('that a client sends first leave its id as it was', async () => {
    const lior = await connect(await startTestServer());
    await lior.expect(idPrompt);
    lior.send([iac, 253, 3, iac, will, 24, ...bytes('lior\r\n4\r\n')]);
    await lior.expect(`${menu}lior (free, you)\n${menu}`);
  });
});
