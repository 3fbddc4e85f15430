/** The page's script: tooltips by pointer and keyboard, copying, and the choice of light or dark. Everything else is markup. */
export const SCRIPT = `'use strict';
(() => {
  const tip = document.getElementById('tip');
  const status = document.getElementById('status');
  const table = JSON.parse(document.getElementById('losses').textContent);
  const byRow = new Map(table.rows.map((row) => [row[0], row]));
  const textOf = (mark) => {
    if (mark.dataset.tip) return mark.dataset.tip;
    const row = byRow.get(Number(mark.dataset.row));
    return row === undefined ? '' : table.columns.slice(1).map((name, at) => [name, row[at + 1]]).filter(([, value]) => value !== null)
      .map(([name, value]) => name + ': ' + (typeof value === 'number' ? Number(value.toPrecision(5)) : name === 'param_id' ? value.slice(0, 12) : value)).join('\\n');
  };
  const show = (mark, x, y) => {
    const text = mark && textOf(mark);
    tip.hidden = !text;
    if (!text) return;
    tip.textContent = text;
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = Math.max(4, Math.min(x + 14, innerWidth - width - 8)) + 'px';
    tip.style.top = (y + height + 24 > innerHeight ? Math.max(4, y - height - 10) : y + 16) + 'px';
  };
  const markAt = (event) => event.target instanceof Element ? event.target.closest('[data-tip],[data-row]') : null;
  document.addEventListener('pointermove', (event) => show(markAt(event), event.clientX, event.clientY));
  let current = null;
  const lastIn = new WeakMap();
  const centreOf = (mark) => {
    const { left, top, width, height } = mark.getBoundingClientRect();
    return [left + width / 2, top + height / 2];
  };
  const showCurrent = () => show(current, ...centreOf(current));
  const goTo = (mark) => {
    if (current) current.classList.remove('at');
    current = mark;
    if (mark === null) return show(null);
    mark.classList.add('at');
    mark.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
    showCurrent();
    status.textContent = textOf(mark);
  };
  const marksAlong = (plot, axis) => [...plot.querySelectorAll('[data-tip],[data-row]')].map((mark) => ({ mark, at: centreOf(mark) }))
    .sort((a, b) => a.at[axis] - b.at[axis] || a.at[1 - axis] - b.at[1 - axis]).map(({ mark }) => mark);
  const isPlot = (element) => element instanceof Element && element.matches('svg.plot[tabindex]');
  document.addEventListener('focusin', ({ target }) => {
    if (!target.matches(':focus-visible')) return;
    if (isPlot(target)) target.scrollIntoView({ block: 'nearest', behavior: 'instant' });
    goTo(isPlot(target) ? lastIn.get(target) || marksAlong(target, 0)[0] || null : target.closest('[data-tip]'));
  });
  document.addEventListener('focusout', () => { goTo(null); status.textContent = ''; });
  const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 1], ArrowUp: [1, -1], PageDown: [0, 10], PageUp: [0, -10], Home: [0, -Infinity], End: [0, Infinity] };
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') show(null);
    const plot = document.activeElement;
    if (!isPlot(plot) || !Object.hasOwn(STEPS, event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const [axis, by] = STEPS[event.key];
    const marks = marksAlong(plot, axis);
    const mark = marks[Math.max(0, Math.min(marks.length - 1, marks.indexOf(current) + by))];
    lastIn.set(plot, mark);
    goTo(mark);
  });
  document.addEventListener('scroll', () => { if (current && !tip.hidden) showCurrent(); else tip.hidden = true; }, { passive: true, capture: true });
  const csv = () => [table.columns.slice(1), ...table.rows.map((row) => row.slice(1))]
    .map((row) => row.map((value) => value === null ? '' : /[",\\n]/.test(String(value)) ? '"' + String(value).replaceAll('"', '""') + '"' : String(value)).join(',')).join('\\n');
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement('textarea');
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
  };
  document.addEventListener('click', async ({ target }) => {
    const button = target instanceof Element ? target.closest('button') : null;
    if (button === null) return;
    if (button.id === 'theme') {
      const isDark = document.documentElement.dataset.theme === 'dark' || (!document.documentElement.dataset.theme && matchMedia('(prefers-color-scheme: dark)').matches);
      document.documentElement.dataset.theme = isDark ? 'light' : 'dark';
      return;
    }
    await copy(button.dataset.copy === undefined ? csv() : button.dataset.copy);
    const { textContent } = button;
    button.textContent = 'Copied';
    status.textContent = 'Copied';
    setTimeout(() => { button.textContent = textContent; status.textContent = ''; }, 1500);
  });
})();
`;
