/**
 * How the page of a judgement looks.
 *
 * Owns: its style sheet.
 */
export const style = `
:root{color-scheme:light dark;--page:#f6f8fb;--card:#fff;--ink:#101828;--soft:#475467;--line:#d5dce6;--track:#e6ebf2;
--passed:#157f3d;--failed:#c81e1e;--unreached:#8a94a6;--part:#b45309;--good:#e6f6ec;--bad:#fdecec}
@media (prefers-color-scheme:dark){:root{--page:#0d1117;--card:#141a23;--ink:#f0f4fa;--soft:#b6c2d2;--line:#2b3646;
--track:#232d3b;--passed:#4ade80;--failed:#f87171;--unreached:#7b8798;--part:#f0b060;--good:#10271a;--bad:#2e1618}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
font:16px/1.5 Inter,system-ui,"Segoe UI",Helvetica,Arial,sans-serif}
main{max-width:1040px;margin:0 auto;padding:24px 16px 64px}
header{border-radius:14px;padding:20px 24px;border:1px solid var(--line)}
header.good{background:var(--good)}header.bad{background:var(--bad)}
header p{margin:0;color:var(--soft);overflow-wrap:anywhere}
h1{margin:.15em 0 .3em;font-size:clamp(1.4rem,4vw,2rem);line-height:1.2}
h2{margin:1.6em 0 .5em;font-size:1.25rem}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
small{color:var(--soft);font-size:.78rem;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
.bar{display:flex;height:10px;border-radius:5px;background:var(--track);overflow:hidden;min-width:80px}
.bar span{height:10px}.bar .ok{background:var(--passed)}.bar .no{background:var(--failed)}.bar .part{background:var(--part)}
.scores{list-style:none;margin:0;padding:0;background:var(--card);border:1px solid var(--line);border-radius:10px}
.scores li{display:grid;grid-template-columns:minmax(190px,1.2fr) 2fr 110px 90px;gap:6px 16px;align-items:center;
padding:10px 16px;border-bottom:1px solid var(--line)}
.scores li:last-child{border-bottom:0}
.scores .title b{display:inline-block;min-width:1.4em}
.scores .score{white-space:nowrap;text-align:right;font-variant-numeric:tabular-nums}.scores .mark{text-align:right;font-weight:600}
.scores .passed .mark{color:var(--passed)}.scores .failed .mark{color:var(--failed)}
.scores .not-yet .mark{color:var(--part)}.scores .not-tested .mark{color:var(--soft)}
table{border-collapse:collapse;width:100%;background:var(--card);border:1px solid var(--line);border-radius:10px}
th,td{padding:8px 12px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap;
font-variant-numeric:tabular-nums}
th:first-child,.left th,.left td{text-align:left}.left td{white-space:normal;overflow-wrap:anywhere}
thead th{color:var(--soft);font-weight:600;font-size:.85rem}
.wide{min-width:140px;width:36%}
.cards{list-style:none;margin:0;padding:0;display:grid;gap:12px}
.cards>li{background:var(--card);border:1px solid var(--line);border-left:5px solid var(--failed);border-radius:10px;
padding:12px 16px;min-width:0}
.cards>li.calm{border-left-color:var(--part)}
.cards p{margin:.25em 0 0;color:var(--soft);overflow-wrap:anywhere}
details{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:10px 16px;margin:10px 0}
details.story{border:0;padding:0;margin:8px 0}
summary{cursor:pointer;font-weight:600}summary span{color:var(--soft);font-weight:400;margin-left:.4em}
.story summary{font-weight:400;color:var(--soft)}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.82rem;line-height:1.45;margin:8px 0 0;
border-top:1px solid var(--line);padding-top:8px}
ul{margin:.5em 0 0}
.key span{margin-right:1.2em;font-weight:600}
.key .passed{color:var(--passed)}.key .failed{color:var(--failed)}.key .unreached{color:var(--unreached)}
@media (max-width:640px){.scores li{grid-template-columns:1fr auto auto}.scores .bar{grid-column:1/-1;grid-row:2}}
.judged{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px}
.judged svg{display:block;max-width:none}
`;
