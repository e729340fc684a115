/** `statechat conform`: our own server passes every suite that is played unless others are asked for. */
import { it } from 'vitest';
import { usualSuites } from '../../src/conform/dialogues.ts';
import { expectPassed } from './judge.ts';

it('our own server passes every suite', async () => {
  await expectPassed(usualSuites);
});
