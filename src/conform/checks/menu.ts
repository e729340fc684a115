/**
 * Stage 2: the menu.
 *
 * Owns: the checks of what can be chosen there, but for what a later stage brings.
 */
import type { Check } from './check.ts';
import { menu, read } from './says.ts';

export const menuChecks: readonly Check[] = [
  {
    ...{ id: 'menu-invalid', stage: 2, needs: ['menu'] },
    rule: 'what is no option is refused, and the menu comes again',
    name: 'something that is no option is not refused',
    hint: 'Everything in the menu but the options is answered with "Invalid option." and the menu.',
    async run(session) {
      const ann = await session.enter('ann');
      for (const text of ['x', '12', '1 2', '0']) {
        session.type(ann, text);
        await session.hears(ann, read('invalidOption'));
        await session.expect(ann, menu);
      }
    },
  },
  {
    ...{ id: 'menu-empty', stage: 2, needs: ['menu-invalid', 'id-empty'] },
    rule: 'an empty line in the menu is no option',
    name: 'an empty line is dropped',
    hint: 'An empty line is a line: only the end of the connection is none.',
    async run(session) {
      const ann = await session.enter('ann');
      for (const text of ['', '  ']) {
        session.type(ann, text);
        await session.expect(ann, read('invalidOption'));
        await session.expect(ann, menu);
      }
    },
  },
  {
    ...{ id: 'quit', stage: 2, needs: ['menu'] },
    rule: '2 says goodbye and ends the connection',
    name: 'after 2 the connection stays',
    hint: '2 sends a last line and then closes the connection with FIN: shutdown(), and close() after everything is sent.',
    async run(session) {
      const ann = await session.enter('ann');
      session.type(ann, '2');
      if (session.features.farewell) {
        await session.hears(ann, read('farewell'), {
          name: '2 is not answered by a farewell',
          hint: '2 is answered by a last line. Where that is left out on purpose, the dialect says "farewell": false.',
        });
      }
      if (!(await ann.until(() => ann.hasEnded))) throw session.shown(ann, 'the end of the connection');
      if (ann.wasReset) {
        throw session.shown(ann, 'the end of the connection (FIN)', {
          name: '2 resets the connection (RST)',
          hint: 'A socket that is closed while something is unread is reset. Send everything, then shutdown(), read to the end, close().',
        });
      }
    },
  },
  {
    ...{ id: 'menu-blanks', stage: 2, needs: ['quit', 'menu-invalid'] },
    rule: 'blanks around a choice mean nothing',
    name: 'blanks around a choice are not cut off',
    hint: 'strip() the line before you compare it with the options.',
    async run(session) {
      const ann = await session.enter('ann');
      session.type(ann, '  2\t ');
      if (!(await ann.until(() => ann.hasEnded))) throw session.shown(ann, 'the end of the connection');
    },
  },
];
