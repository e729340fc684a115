/**
 * A drawing's style as plain attributes of each element, for programs that know no CSS, or none with custom properties:
 * rsvg-convert, Inkscape, what makes PDFs. In a browser, the rules of the theme overrule them.
 *
 * Owns: which rule of the theme is for which element. Next: `theme.ts`, `svg.ts`, `sequence.ts`.
 */
import { type Declarations, lightColour, plainFont, rules } from './theme.ts';

interface Element {
  tag: string;
  classes: readonly string[];
}

/** Returns the drawing with these attributes, in the colours of the day. */
export function withPlainAttributes(svg: string): string {
  const around: Element[] = [];
  return svg.replace(/<(\/?)(\w+)((?:\s[\w:-]+="[^"]*")*)(\/?)>/g, (all, end, tag, attributes, empty) => {
    if (end !== '') {
      around.pop();
      return all;
    }
    const element = { tag, classes: /\sclass="([^"]*)"/.exec(attributes)?.[1]?.split(' ') ?? [] };
    const its = attributesOf(declarationsFor(element, around.at(-1)));
    if (empty === '') around.push(element);
    const font = tag === 'svg' ? ` ${plainFont}` : '';
    return `<${tag}${attributes}${font}${its}${empty}>`;
  });
}

/** Returns what the rules say about an element together. */
export function declarationsFor(element: Element, parent: Element | undefined): Declarations {
  const fitting = rules.filter(([selector]) => {
    const [own = '', its] = selector.split('>').reverse();
    return fits(own, element) && (its === undefined || (parent !== undefined && fits(its, parent)));
  });
  return Object.assign({}, ...fitting.map(([, declarations]) => declarations));
}

function fits(selector: string, { tag, classes }: Element): boolean {
  const [name, ...wanted] = selector.split('.');
  return (name === '' || name === tag) && wanted.every((each) => classes.includes(each));
}

function attributesOf(its: Declarations): string {
  return Object.entries(its)
    .map(([name, value]) => ` ${name}="${value === 'transparent' ? 'none' : lightColour(value)}"`)
    .join('');
}
