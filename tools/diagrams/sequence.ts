/**
 * A recorded chat as a sequence diagram, as SVG and as Mermaid text.
 *
 * Owns: the places of lifelines, arrows and states.
 * Next: `recordChat.ts` (what is drawn), `theme.ts` (what it looks like).
 */

import { escapeMarkup } from '../../src/runtime/escape.ts';
import { withPlainAttributes } from './plain.ts';
import type { Recording, Step } from './recordChat.ts';
import { round } from './round.ts';
import { textWidth } from './textWidth.ts';
import { style } from './theme.ts';

type Message = Exclude<Step, { kind: 'state' }>;

const edge = { side: 62, top: 44, bottom: 54 };
const rowHeight = { message: 31, state: 29, nextLine: 14 };
/** The columns between a user and their session hold whole sentences, the inner ones only names of events. */
const distances = [215, 155, 155, 215];
const textSize = 12;
const maxTextWidth = 190;
const title = 'A private chat, recorded from the running lobby';
const description =
  'All messages, from the request to the way back to the menu. Pills on a lifeline: the state of that session.';

export function sequenceOf({ parties, steps }: Recording): string {
  const places = new Map(parties.map((party, index) => [party, placeOf(index)]));
  const xOf = (party: string) => places.get(party) ?? 0;
  const drawn: string[] = [];
  let y = edge.top + 16;
  let before: Step | undefined;
  for (const step of steps) {
    if (step.kind === 'state') {
      // States that several sessions get at once are side by side.
      const isBeside = before?.kind === 'state' && before.at !== step.at;
      if (!isBeside) y += rowHeight.state;
      drawn.push(drawState(step.text, xOf(step.at), y));
    } else {
      const lines = brokenLines(step.text);
      y += rowHeight.message + (lines.length - 1) * rowHeight.nextLine;
      drawn.push(drawMessage(step, lines, xOf(step.from), xOf(step.to), y));
    }
    before = step;
  }
  const width = placeOf(parties.length - 1) + edge.side;
  const height = y + edge.bottom;
  const lifelines = parties.map((party) => drawLifeline(party, xOf(party), height));
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" class="drawing sequence" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    ...[`<title>${title}</title>`, `<desc>${description}</desc>`, `<style>${style}</style>`],
    `<rect class="page" width="${width}" height="${height}" rx="10"/>`,
    ...lifelines,
    ...drawn,
    '</svg>',
  ].join('\n');
  return `${withPlainAttributes(svg)}\n`;
}

export function mermaidSequenceOf({ parties, steps }: Recording): string {
  const idOf = (party: string) => `p${parties.indexOf(party)}`;
  const lines = steps.map((step) =>
    step.kind === 'state'
      ? `  Note over ${idOf(step.at)}: ${step.text}`
      : `  ${idOf(step.from)}->>${idOf(step.to)}: ${step.text.replaceAll(';', ',').replaceAll('#', '')}`,
  );
  const declared = parties.map((party) => `  ${isUser(party) ? 'actor' : 'participant'} ${idOf(party)} as ${party}`);
  return `${['sequenceDiagram', ...declared, ...lines].join('\n')}\n`;
}

function drawLifeline(party: string, x: number, height: number): string {
  const width = textWidth(party, 14, true) + 24;
  const kind = isUser(party) ? 'user' : 'inside';
  const heads = [8, height - 36].map(
    (y) =>
      `<rect class="box" x="${round(x - width / 2)}" y="${y}" width="${round(width)}" height="28" rx="${kind === 'user' ? 14 : 8}"/>` +
      `<text class="name middle" x="${x}" y="${y + 19}">${escapeMarkup(party)}</text>`,
  );
  return `<g class="party ${kind}"><path class="lifeline" d="M${x} 36V${height - 36}"/>${heads.join('')}</g>`;
}

function drawState(text: string, x: number, y: number): string {
  const width = textWidth(text, 11, true) + 18;
  return (
    `<g class="place"><rect x="${round(x - width / 2)}" y="${y - 15}" width="${round(width)}" height="20" rx="10"/>` +
    `<text class="middle" x="${x}" y="${y - 1}">${escapeMarkup(text)}</text></g>`
  );
}

function drawMessage(
  { kind, from, to }: Message,
  lines: readonly string[],
  start: number,
  end: number,
  y: number,
): string {
  const sign = Math.sign(end - start);
  const middle = (start + end) / 2;
  const tip = end - sign * 2;
  const texts = lines.map((line, index) => {
    const top = y - 6 - (lines.length - 1 - index) * rowHeight.nextLine;
    const width = textWidth(line, textSize, kind === 'typed') + 8;
    return (
      `<rect class="behind" x="${round(middle - width / 2)}" y="${top - 11}" width="${round(width)}" height="14"/>` +
      `<text class="middle" x="${middle}" y="${top}">${escapeMarkup(line)}</text>`
    );
  });
  return [
    `<g class="message ${kind}"><title>${escapeMarkup(`${from} → ${to}`)}</title>`,
    `<path class="line" d="M${start + sign * 2} ${y}H${tip - sign * 7}"/>`,
    `<path class="head" d="M${tip} ${y}l${-sign * 8} -4.2v8.4z"/>`,
    ...texts,
    '</g>',
  ].join('');
}

function isUser(party: string): boolean {
  return !party.includes('session') && party !== 'lobby';
}

function placeOf(index: number): number {
  return distances.slice(0, index).reduce((sum, each) => sum + each, edge.side);
}

function brokenLines(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && textWidth(longer, textSize) <= maxTextWidth) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
