/** The only filter before other people's terminals: what steers, reorders or hides is shown; what people write is left alone. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sanitize } from '../../src/transport/sanitize.ts';

describe('what steers a terminal is shown', () => {
  it.each<[what: string, text: string, shown: string]>([
    ['a colour (CSI)', '\u001b[31mred\u001b[0m', '␛[31mred␛[0m'],
    ['a cleared screen', '\u001b[2J\u001b[H', '␛[2J␛[H'],
    ['the question where the cursor is', '\u001b[6n', '␛[6n'],
    ['a window title (OSC), ended by BEL', '\u001b]0;pwned\u0007', '␛]0;pwned␇'],
    ['the clipboard (OSC 52), ended by ST', '\u001b]52;c;aGk=\u001b\\', '␛]52;c;aGk=␛\\'],
    ['a link (OSC 8)', '\u001b]8;;http://x\u001b\\here', '␛]8;;http://x␛\\here'],
    ['a device control string (DCS)', '\u001bP$q"p\u001b\\', '␛P$q"p␛\\'],
    ['an application command (APC)', '\u001b_Ga=T\u001b\\', '␛_Ga=T␛\\'],
    ['a privacy message (PM)', '\u001b^x\u001b\\', '␛^x␛\\'],
    ['a full reset', '\u001bc', '␛c'],
    ['the line-drawing character set', '\u001b(0', '␛(0'],
    ['shift out and in', '\u000e\u000f', '␎␏'],
    ['CSI in one byte (C1)', '\u009b31mred', '<U+009B>31mred'],
    ['OSC and ST in one byte each', '\u009d0;x\u009c', '<U+009D>0;x<U+009C>'],
    ['DCS, PM and APC in one byte each', '\u0090\u009e\u009f', '<U+0090><U+009E><U+009F>'],
    ['the next line of C1', 'a\u0085b', 'a<U+0085>b'],
    ['the question who is there (ENQ)', '\u0005', '␅'],
    ['a bell', '\u0007', '␇'],
    ['a backspace', 'no\b\byes', 'no␈␈yes'],
    ['a carriage return', 'lior: hi\rgolan: hi', 'lior: hi␍golan: hi'],
    ['a vertical tab and a form feed', '\u000b\u000c', '␋␌'],
    ['a delete', 'a\u007f', 'a␡'],
    ['a NUL', 'a\u0000b', 'a␀b'],
    ['XON and XOFF', '\u0011\u0013', '␑␓'],
  ])('%s', (_, text, shown) => {
    expect(sanitize(text)).toBe(shown);
  });

  it('every control character but the tab and the line feed between lines', () => {
    for (let code = 0; code < 0xa0; code++) {
      const character = String.fromCharCode(code);
      const isHarmless = code === 9 || code === 10 || (code >= 0x20 && code < 0x7f);
      expect(sanitize(`a${character}b`) === `a${character}b`, `U+${code.toString(16)}`).toBe(isHarmless);
    }
  });
});

describe('what reorders or hides text is shown', () => {
  it.each<[what: string, character: string, shown: string]>([
    ['the right-to-left override', '\u202e', '<U+202E>'],
    ['the left-to-right override', '\u202d', '<U+202D>'],
    ['embeddings', '\u202a', '<U+202A>'],
    ['the end of an override', '\u202c', '<U+202C>'],
    ['the left-to-right isolate', '\u2066', '<U+2066>'],
    ['the right-to-left isolate', '\u2067', '<U+2067>'],
    ['the first-strong isolate', '\u2068', '<U+2068>'],
    ['the end of an isolate', '\u2069', '<U+2069>'],
    ['the Arabic letter mark', '\u061c', '<U+061C>'],
    ['the left-to-right mark', '\u200e', '<U+200E>'],
    ['the right-to-left mark', '\u200f', '<U+200F>'],
    ['a space of no width', '\u200b', '<U+200B>'],
    ['a byte order mark', '\ufeff', '<U+FEFF>'],
    ['a word joiner', '\u2060', '<U+2060>'],
    ['an invisible times', '\u2062', '<U+2062>'],
    ['a soft hyphen', '\u00ad', '<U+00AD>'],
    ['the grapheme joiner', '\u034f', '<U+034F>'],
    ['a tag character', '\u{e0041}', '<U+E0041>'],
    ['the language tag', '\u{e0001}', '<U+E0001>'],
    ['a selector of the supplement', '\u{e0100}', '<U+E0100>'],
    ['a line separator', '\u2028', '<U+2028>'],
    ['a paragraph separator', '\u2029', '<U+2029>'],
    ['the Hangul filler', '\u3164', '<U+3164>'],
    ['the half-width Hangul filler', '\uffa0', '<U+FFA0>'],
    ['the Hangul fillers of jamo', '\u115f\u1160', '<U+115F><U+1160>'],
    ['an annotation', '\ufff9', '<U+FFF9>'],
    ['a private character', '\ue000', '<U+E000>'],
    ['a private character far away', '\u{f0000}', '<U+F0000>'],
    ['a character that is none', '\ufffe', '<U+FFFE>'],
    ['a musical control', '\u{1d173}', '<U+1D173>'],
    ['a note without a head', '\u{1d159}', '<U+1D159>'],
    ['what is not assigned in a block', '\u0378', '<U+0378>'],
    ['what is not assigned in a plane', '\u{50000}', '<U+50000>'],
  ])('%s', (_, character, shown) => {
    expect(sanitize(`a${character}b`)).toBe(`a${shown}b`);
    expect(sanitize(character)).toBe(shown);
  });

  it.each<[what: string, text: string, shown: string]>([
    ['a joiner with nothing to join', '\u200dx', '<U+200D>x'],
    ['a non-joiner after a blank', 'a \u200cb', 'a <U+200C>b'],
    ['a second joiner', 'נ\u200d\u200dx', 'נ\u200d<U+200D>x'],
    ['a second non-joiner', 'می\u200c\u200cx', 'می\u200c<U+200C>x'],
    ['a selector with nothing to select', '\ufe0fx', '<U+FE0F>x'],
    [
      'a selector after a selector, which can spell out hidden text',
      '漢\ufe01\ufe02\ufe03',
      '漢\ufe01<U+FE02><U+FE03>',
    ],
    ['joiners and selectors in turn', '❤\ufe0f\u200d\ufe0f\u200d', '❤\ufe0f<U+200D><U+FE0F><U+200D>'],
    [
      'joiners between letters that do not join',
      'l\u200di\u200c1\u200dä\u200dд',
      'l<U+200D>i<U+200C>1<U+200D>ä<U+200D>д',
    ],
    ['a joiner behind an emoji and before none', '👩\u200da👩\u200d', '👩<U+200D>a👩<U+200D>'],
    ['selectors of letters and digits', 'a\ufe0fb\ufe001\ufe0f', 'a<U+FE0F>b<U+FE00>1<U+FE0F>'],
    ['selectors of ideographs behind emoji', '❤\ufe00', '❤<U+FE00>'],
  ])('%s', (_, text, shown) => {
    expect(sanitize(text)).toBe(shown);
  });

  it('nine marks on one base: the ninth is shown', () => {
    expect(sanitize(`Z${'\u0300'.repeat(9)}`)).toBe(`Z${'\u0300'.repeat(8)}<U+0300>`);
  });

  it('200 marks on one base: eight stay, the others are shown and none is cut', () => {
    const shown = sanitize(`Z${'\u0300'.repeat(200)}!`);
    expect(shown).toBe(`Z${'\u0300'.repeat(8)}${'<U+0300>'.repeat(192)}!`);
  });

  it('marks that hide their number behind joiners', () => {
    const shown = sanitize(`Z${`${'\u0300'.repeat(8)}\u200d`.repeat(25)}`);
    expect(shown.match(/^Z[\p{M}\u200d]*/u)?.[0].match(/\p{M}/gu)?.length).toBeLessThanOrEqual(8);
  });
});

describe('what people write is left alone', () => {
  it.each<[what: string, text: string]>([
    ['nothing', ''],
    ['ASCII with a tab', 'hey,\thow are u? ~{}[]\\|'],
    ['accents composed', 'Ñandú, Žižek, Ångström, Việt Nam'],
    ['accents decomposed', 'Ñandú, Žižek, Ångström, Việt Nam'.normalize('NFD')],
    ['Hebrew', 'שלום לכולם, מה נשמע?'],
    ['Hebrew with niqqud and cantillation', 'בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים'],
    ['Hebrew and English', 'ליאור said "שלום" (twice)'],
    ['Arabic', 'مرحبا بالعالم'],
    ['Arabic with vowels', 'بِسْمِ ٱللَّهِ ٱلرَّحْمَٰنِ'],
    ['Persian with its non-joiner', 'می\u200cخواهم کتاب\u200cها را'],
    ['Urdu', 'اردو زبان'],
    ['Devanagari conjuncts', 'क्षत्रिय विद्या श्री'],
    ['Devanagari with joiner and non-joiner', 'क्\u200dष क्\u200cष'],
    ['Bengali, Tamil, Sinhala', 'ক্ষ தமிழ் ශ්\u200dරී'],
    ['Malayalam with its joiner', 'അവന്\u200d'],
    ['Thai', 'ที่นี่ เก็บ น้ำ'],
    ['Khmer', 'ខ្ញុំស្រឡាញ់'],
    ['Tibetan', 'བོད་སྐད་ རྐྱེན'],
    ['Burmese', 'မြန်မာဘာသာ'],
    ['Chinese, Japanese, Korean', '你好，世界　こんにちは 안녕하세요'],
    ['a kanji with a variation selector', '辻\ufe00'],
    ['Hangul in jamo', '한글'.normalize('NFD')],
    ['half-width kana', 'ｶﾞ'],
    ['Greek and Cyrillic', 'Ἀθῆναι Київ ё'],
    ['typography', '“quotes” – dash — … € ₪ № ½'],
    ['a blank that doesn’t break', 'a\u00a0b\u202fc'],
    ['mathematics', '∀x∈ℝ: x² ≥ 0, 𝒜 ⊄ 𝔹'],
    ['emoji', '😀🎉🚀'],
    ['a skin tone', '👍🏽 🤝🏿'],
    ['a family', '👨\u200d👩\u200d👧\u200d👦'],
    ['a profession with a skin tone', '👩🏾\u200d💻'],
    ['a heart on fire', '❤\ufe0f\u200d🔥'],
    ['a kiss', '👩\u200d❤\ufe0f\u200d💋\u200d👨'],
    ['the rainbow flag and the pirates’', '🏳\ufe0f\u200d🌈 🏴\u200d☠\ufe0f'],
    ['a flag of a country', '🇮🇱🇩🇪'],
    ['keycaps', '1\ufe0f\u20e3 #\ufe0f\u20e3 *\ufe0f\u20e3'],
    ['signs as emoji and as text', '©\ufe0f ™\ufe0f ☎\ufe0e ↔\ufe0f'],
    ['eight marks on one base', `a${'\u0301'.repeat(8)}`],
    ['box drawing and pictures of controls', '┌─┐ ␛ ␀'],
    ['what a shown character looks like', '<U+202E>'],
  ])('%s', (_, text) => {
    expect(sanitize(text)).toBe(text);
  });
});

describe('any text', () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 60 });

  it('has nothing in it afterwards that steers', () => {
    const check = (text: string) => {
      expect(sanitize(text)).not.toMatch(/(?![\t\n])[\p{Cc}\p{Zl}\p{Zp}]|[\u202a-\u202e\u2066-\u2069\u061c]/u);
    };
    fc.assert(fc.property(anyText, check), { numRuns: 1000 });
  });

  it('is made safe line by line, however many come together', () => {
    fc.assert(
      fc.property(fc.array(anyText), (texts) => {
        const lines = texts.flatMap((text) => text.split('\n'));
        expect(sanitize(lines.join('\n'))).toBe(lines.map(sanitize).join('\n'));
      }),
    );
  });

  it('is changed once only: what has been shown is plain', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(sanitize(sanitize(text))).toBe(sanitize(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('is never cut', () => {
    const check = (text: string) => {
      expect([...sanitize(text)].length).toBeGreaterThanOrEqual([...text].length);
    };
    fc.assert(fc.property(anyText, check), { numRuns: 1000 });
  });
});
