/** The dissector for Wireshark is up to date. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { wiresharkSentences } from '../../tools/wireshark/sentences.ts';

it("knows the protocol's sentences as they are (npm run docs writes them)", () => {
  expect(readFileSync('tools/wireshark/sentences.lua', 'utf8')).toBe(wiresharkSentences());
});
