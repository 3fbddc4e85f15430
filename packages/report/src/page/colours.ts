type Colours = Readonly<Record<string, string>>;

const LOSS_RAMP = ['#0c2c84', '#225ea8', '#1d91c0', '#41b6c4', '#7fcdbb', '#c7e9b4', '#eef7d5'];
const LOSS_RAMP_DARK = ['#f3f8b8', '#c0e6a8', '#74c9b4', '#38a9bb', '#1f7fb0', '#21568f', '#1c3763'];
const COUNT_RAMP = ['#dde7f5', '#bfd3ee', '#9bbbe4', '#749fd8', '#4f83c9', '#3166b2', '#1c4a92'];
const COUNT_RAMP_DARK = ['#1d2b42', '#25406a', '#2f578f', '#3e71b3', '#568dd3', '#7cabea', '#add0ff'];

const LIGHT: Colours = {
  bg: '#f4f6f9',
  card: '#ffffff',
  ink: '#18212f',
  muted: '#566173',
  line: '#dfe4ec',
  grid: '#e8ecf2',
  panel: '#f6f8fb',
  accent: '#1d5fbf',
  soft: '#e4edfa',
  dot: '#4a7fc9',
  best: '#c2410c',
  good: '#146c39',
  bad: '#b42318',
  warn: '#8a5300',
  ...ramp('l', LOSS_RAMP),
  ...ramp('c', COUNT_RAMP),
};

const DARK: Colours = {
  bg: '#0f141b',
  card: '#171e28',
  ink: '#e6ebf2',
  muted: '#a1adbd',
  line: '#2a3442',
  grid: '#263040',
  panel: '#131a23',
  accent: '#7db3ff',
  soft: '#1d2c44',
  dot: '#6fa3ea',
  best: '#ff9d5c',
  good: '#6fd394',
  bad: '#ff8f85',
  warn: '#f0c063',
  ...ramp('l', LOSS_RAMP_DARK),
  ...ramp('c', COUNT_RAMP_DARK),
};

function ramp(prefix: string, colours: readonly string[]): Colours {
  return Object.fromEntries(colours.map((colour, level) => [`${prefix}${level}`, colour]));
}

function declarations(colours: Colours): string {
  return Object.entries(colours)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';');
}

const levels = Array.from({ length: 7 }, (_, level) => `.l${level}{fill:var(--l${level})}.c${level}{fill:var(--c${level})}`).join('');

/** The style of plot marks, in the page and in a file. */
const MARKS = `svg text{font:11.5px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans","DejaVu Sans","Noto Sans",sans-serif;fill:var(--muted);font-variant-numeric:tabular-nums}
svg text.title{fill:var(--ink);font-weight:600;font-size:12px}
.grid,.base{fill:none;stroke:var(--grid)}.base{stroke:var(--line)}
.cells{shape-rendering:crispEdges}${levels}
.panel{fill:var(--panel)}.hit{fill:transparent}
.dots{fill:none;stroke:var(--dot);stroke-width:3.2;stroke-linecap:round;stroke-opacity:.75}
.points circle{fill:var(--dot);fill-opacity:.62}
.points circle.best,circle.best{fill:var(--best);fill-opacity:1;stroke:var(--card);stroke-width:1.5}
.ring{fill:none;stroke:var(--best);stroke-width:2}
.lowest{fill:none;stroke:var(--best);stroke-width:1.6;stroke-opacity:.85;stroke-linejoin:round}
.bar{fill:var(--dot)}.whisker{stroke:var(--ink);stroke-width:1.5}svg circle.at.at,svg rect.at{stroke:var(--ink);stroke-width:2;fill-opacity:1}g.at>.panel{stroke:var(--ink);stroke-width:2}g.at>.hit{fill:var(--soft)}.whisker.total{stroke:var(--best)}.diamond{fill:var(--best);stroke:var(--card)}
.range{fill:none;stroke:var(--line);stroke-width:2;stroke-linecap:round}
.spread{stroke:var(--dot);stroke-opacity:.35;stroke-width:10;stroke-linecap:round}
.middle{stroke:var(--dot);stroke-width:10;stroke-linecap:round}
.median{stroke:var(--ink);stroke-width:2}
.band90{fill:var(--dot);fill-opacity:.22}.band50{fill:var(--dot);fill-opacity:.38}
.band-median{fill:none;stroke:var(--accent);stroke-width:1.8}
.observed circle{fill:var(--best);stroke:var(--card);stroke-width:.6}`;

/** The page's colours, light or dark (by the system or the reader's choice), and the style of plot marks. */
export const PAGE_COLOURS = `:root{color-scheme:light;${declarations(LIGHT)}}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${declarations(DARK)}}}
:root[data-theme=dark]{color-scheme:dark;${declarations(DARK)}}
${MARKS}`;

/** The same for a plot in a file: light, and without CSS variables, which many programs do not support. */
export const FILE_COLOURS = MARKS.replace(/var\(--(\w+)\)/g, (_, name: string) => LIGHT[name]!);
