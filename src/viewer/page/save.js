/**
 * What the page saves as files.
 *
 * Owns: the chart as it looks now, and the log. Nothing leaves the browser. Next: `main.js`.
 *
 * @import { Chart } from './chart.js'
 * @import { Step } from './model.js'
 */

/** @param {Chart} chart @param {string} name */
export function saveChart(chart, name) {
  if (!chart.svg) return;
  const copy = /** @type {SVGSVGElement} */ (chart.svg.cloneNode(true));
  const style = document.createElementNS('http://www.w3.org/2000/svg', 'style');
  style.textContent = `${chart.css}\n${[...document.styleSheets].flatMap(chartRules).join('\n')}`;
  copy.prepend(style);
  const theme = document.documentElement.dataset.theme;
  if (theme) copy.setAttribute('data-theme', theme);
  save(`${name}.svg`, 'image/svg+xml', new XMLSerializer().serializeToString(copy));
}

/** @param {readonly Step[]} steps */
export function saveLog(steps) {
  const messages = steps.map(({ message, record }) => ({ ...message, ...(record && { transitions: record.edges }) }));
  save('statechat-log.json', 'application/json', `${JSON.stringify(messages, null, 1)}\n`);
}

/** Returns this page's own rules about states and transitions. @param {CSSStyleSheet} sheet */
function chartRules(sheet) {
  return [...sheet.cssRules]
    .map((rule) => rule.cssText)
    .filter((text) => /^:root|^\[data-theme|#drawing/.test(text))
    .map((text) => text.replaceAll('#drawing ', ''));
}

/** @param {string} name @param {string} type @param {string} text */
function save(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  // By then the browser has read it.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
