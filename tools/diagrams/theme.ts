/**
 * What drawings look like, in light and in dark.
 *
 * Owns: colours and weights, as CSS custom properties, so that a page that holds a drawing can change them. The
 * reader's system chooses between the two sets; `data-theme` on the drawing or around it overrules that.
 * Next: `svg.ts`.
 */

const light = {
  page: '#ffffff',
  root: '#f5f7fa',
  outer: '#e9eef8',
  inner: '#dce5f6',
  box: '#ffffff',
  border: '#8fa0b8',
  line: '#52617a',
  ink: '#101828',
  soft: '#475467',
  faint: '#566175',
  guard: '#a63f04',
  keyword: '#7a2fd2',
  target: '#1a57c2',
  waiting: '#0b6b74',
  pill: '#ffffff',
  pillBorder: '#cfd7e3',
};

const dark: typeof light = {
  page: '#0d1117',
  root: '#141a23',
  outer: '#1a2331',
  inner: '#223048',
  box: '#0f1620',
  border: '#5a6b85',
  line: '#93a4bd',
  ink: '#f0f4fa',
  soft: '#c0cad9',
  faint: '#98a5b8',
  guard: '#fbb36b',
  keyword: '#c9a6ff',
  target: '#85b4ff',
  waiting: '#5fd4dc',
  pill: '#0f1620',
  pillBorder: '#3a475b',
};

function properties(theme: typeof light): string {
  return Object.entries(theme)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');
}

export const style = `
.drawing{${properties(light)};font:12px Inter,Helvetica,Arial,"Liberation Sans",sans-serif}
@media (prefers-color-scheme:dark){.drawing{${properties(dark)}}}
[data-theme="light"] .drawing,.drawing[data-theme="light"]{${properties(light)}}
[data-theme="dark"] .drawing,.drawing[data-theme="dark"]{${properties(dark)}}
.drawing .page{fill:var(--page)}
.drawing text{fill:var(--soft);white-space:pre}
.drawing .box{fill:var(--box);stroke:var(--border);stroke-width:1.2}
.drawing .waiting>.box{stroke:var(--waiting);stroke-dasharray:5 3}
.drawing .inside>.box{fill:var(--outer)}
.drawing .compound>.box{fill:var(--inner)}
.drawing .compound.depth0>.box{fill:var(--root)}
.drawing .compound.depth1>.box{fill:var(--outer)}
.drawing .ring,.drawing .rule{fill:none;stroke:var(--border);stroke-width:1.2}
.drawing .rule{stroke-width:.8;opacity:.6}
.drawing .name{font-size:14px;font-weight:700;fill:var(--ink)}
.drawing .count{font-size:12px;font-weight:700;fill:var(--waiting);text-anchor:end}
.drawing .tag{font-size:10.5px;fill:var(--waiting)}
.drawing .hourglass{fill:var(--waiting)}
.drawing .dot{fill:var(--ink)}
.drawing .line{fill:none;stroke:var(--line);stroke-width:1.4}
.drawing .head{fill:var(--line)}
.drawing .pill{fill:var(--pill);stroke:var(--pillBorder)}
.drawing .mark{fill:transparent}
.drawing .event{font-weight:700;fill:var(--ink)}
.drawing .guard{font-weight:700;fill:var(--guard)}
.drawing .context{fill:var(--soft)}
.drawing .action{fill:var(--faint)}
.drawing .keyword{font-style:italic;fill:var(--keyword)}
.drawing .target{font-weight:700;fill:var(--target)}
.drawing .legend{fill:var(--faint)}
.drawing .middle{text-anchor:middle}
.drawing .lifeline{stroke:var(--border);stroke-dasharray:4 4}
.drawing .behind{fill:var(--page)}
.drawing .place rect{fill:var(--inner);stroke:var(--border)}
.drawing .place text{font-size:11px;font-weight:700;fill:var(--ink)}
.drawing .typed text{font-weight:700;fill:var(--ink)}
.drawing .request text{fill:var(--guard)}
.drawing .update text{fill:var(--keyword)}
.drawing .channel .line{stroke:var(--waiting);stroke-width:2}
.drawing .channel .head{fill:var(--waiting)}
.drawing .channel text{fill:var(--waiting)}
`;
