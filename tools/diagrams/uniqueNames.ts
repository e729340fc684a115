/**
 * Names that a form of drawing takes, for any text: what the form does not take is replaced, and two texts never get the
 * same name.
 *
 * Owns: that they differ. Next: `mermaid.ts`, `scxml.ts`, `drawMachines.ts`.
 */

/** Returns a name for each text, the same one each time. `valid` replaces what the form doesn't take. */
export function uniqueNames(valid: (text: string) => string): (text: string) => string {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  return (text) => {
    const known = names.get(text);
    if (known !== undefined) return known;
    const wanted = valid(text);
    let name = wanted;
    for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`;
    names.set(text, name);
    taken.add(name);
    return name;
  };
}
