import { PAGE_COLOURS } from './colours.ts';

/** The style sheet of the page. */
export const STYLE = `${PAGE_COLOURS}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:56px;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
a{color:var(--accent)}
a:focus-visible,button:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
.wrap{max-width:1160px;margin:0 auto;padding:0 24px}
header.top{padding-top:36px;padding-bottom:20px}
header .line{display:flex;gap:12px;align-items:flex-start;justify-content:space-between}
h1{font-size:28px;line-height:1.2;margin:0 0 6px;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{font-size:20px;margin:0 0 4px;letter-spacing:-.01em;overflow-wrap:anywhere}
h3{font-size:15px;margin:26px 0 2px;overflow-wrap:anywhere}
p{margin:0 0 10px;max-width:76ch}
p,li,figcaption,dd,summary{overflow-wrap:anywhere}
.sub,.lead{color:var(--muted)}
.sub{margin:0;max-width:none}
nav{position:sticky;top:0;z-index:2;background:color-mix(in srgb,var(--bg) 92%,transparent);backdrop-filter:blur(8px);border-bottom:1px solid var(--line)}
nav ul{display:flex;gap:4px;overflow-x:auto;list-style:none;margin:0 0 0 -10px;padding:8px 0;scrollbar-width:none}
nav a{display:block;padding:4px 10px;border-radius:6px;color:var(--ink);text-decoration:none;white-space:nowrap;font-size:14px}
nav a:hover{background:var(--soft)}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:22px 24px 24px;margin:20px 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:16px 0 4px}
.tile{background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:12px 14px}
.tile dt{color:var(--muted);font-size:13px}
.tile dd{margin:2px 0 0;font-size:22px;font-weight:650;letter-spacing:-.01em;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.tile small{display:block;font-size:12.5px;font-weight:400;color:var(--muted);letter-spacing:0}
ul.findings{margin:14px 0 0;padding:0;list-style:none;display:grid;gap:6px}
ul.findings li{padding-left:18px;position:relative;max-width:88ch}
ul.findings li::before{content:"";position:absolute;left:2px;top:.58em;width:7px;height:7px;border-radius:50%;background:var(--accent)}
ul.findings li.warn::before{background:var(--best)}
.badge{display:inline-block;border-radius:999px;padding:1px 9px;font-size:12.5px;font-weight:600;background:var(--soft);color:var(--accent);white-space:nowrap}
.badge.succeeded{background:color-mix(in srgb,var(--good) 14%,transparent);color:var(--good)}
.badge.failed{background:color-mix(in srgb,var(--bad) 14%,transparent);color:var(--bad)}
.badge.partial,.badge.cancelled{background:color-mix(in srgb,var(--warn) 16%,transparent);color:var(--warn)}
.grid-of-plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,290px),1fr));gap:14px;margin-top:14px}
figure{margin:14px 0 0}
.grid-of-plots figure{margin:0}
figcaption{color:var(--muted);font-size:13.5px;margin-bottom:4px;max-width:80ch}
figcaption b{color:var(--ink)}
.plot{display:block;max-width:100%;height:auto;overflow:visible}
.grid-of-plots .plot{width:100%}
.scroll{position:relative;overflow-x:auto;max-width:100%}
.scroll .plot{max-width:none}
.scroll+.lead{margin-top:14px}
.fit .plot{max-width:100%}.fit .plot.broad{min-width:560px}
.two{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,480px),1fr));gap:8px 28px;margin-top:10px}
.key{display:flex;flex-wrap:wrap;gap:6px 16px;font-size:13px;color:var(--muted);margin:6px 0 0;padding:0;list-style:none}
.key i{display:inline-block;width:14px;height:10px;border-radius:2px;margin-right:6px;vertical-align:-1px}
.key .k-dot{background:var(--dot);border-radius:50%;width:10px}
.key .k-best{background:var(--best);border-radius:50%;width:10px}
.key .k-line{height:0;border-top:2px solid var(--best);vertical-align:3px}
.key .k-median{height:0;border-top:2px solid var(--accent);vertical-align:3px}
.key .k-50{background:var(--dot);opacity:.6}
.key .k-90{background:var(--dot);opacity:.25}
.key .k-bar{background:var(--dot)}
.key .k-diamond{background:var(--best);width:9px;height:9px;transform:rotate(45deg);border-radius:0}
.key .k-count{background:var(--c4)}
.key .k-ring{border:2px solid var(--best);border-radius:50%;width:10px}
.key .k-tick{width:2px;height:14px;background:var(--ink);vertical-align:-2px}
.key .k-empty{background:var(--panel);border:1px solid var(--line)}
table{border-collapse:collapse;font-size:13.5px;font-variant-numeric:tabular-nums}
th,td{padding:6px 12px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th{font-weight:600;color:var(--muted);text-align:right;background:var(--card)}
th.t,td.t{text-align:left}
.scroll.tall{max-height:460px;overflow:auto;border:1px solid var(--line);border-radius:8px;margin-top:12px}
.tall thead th{position:sticky;top:0;z-index:1;box-shadow:0 1px 0 var(--line)}
tbody tr:hover td{background:var(--soft)}
td.wrap-text,th.wrap-text{white-space:normal;min-width:220px;overflow-wrap:anywhere}
code,pre{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
pre{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:10px 12px;margin:8px 0;overflow-x:auto;max-width:100%}
button{font:inherit;font-size:13px;color:var(--accent);background:transparent;border:1px solid var(--line);border-radius:6px;padding:2px 9px;cursor:pointer;white-space:nowrap}
button:hover{background:var(--soft)}
.command{min-width:0;display:flex;gap:8px;align-items:center}
.command pre{flex:1;min-width:0}
dl.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:4px 18px;margin:10px 0}
dl.facts dt{color:var(--muted)}
dl.facts dd{margin:0;overflow-wrap:anywhere}
details{margin:8px 0}
summary{cursor:pointer;color:var(--accent);font-size:14px}
.cause{border-top:1px solid var(--line);padding:14px 0 4px}
.cause:first-of-type{border-top:0}
.cause p{overflow-wrap:anywhere}
#tip{position:fixed;z-index:9;pointer-events:none;background:var(--ink);color:var(--card);padding:6px 10px;border-radius:7px;font-size:12.5px;line-height:1.45;max-width:300px;white-space:pre-line;box-shadow:0 4px 18px #0004;left:0;top:0}
#tip[hidden]{display:none}
.quiet{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
footer{color:var(--muted);font-size:13px;padding:8px 0 44px}
@media (max-width:640px){.wrap{padding:0 12px}section{padding:16px 14px 18px;border-radius:10px}h1{font-size:23px}header.top{padding-top:22px;padding-bottom:14px}dl.facts{grid-template-columns:1fr;gap:0}dl.facts dd{margin-bottom:6px}.tiles{grid-template-columns:repeat(2,minmax(0,1fr));gap:8px}.tile dd{font-size:19px}}
@media print{nav,button{display:none}section{break-inside:avoid-page;border:0;padding:0}.scroll.tall{max-height:none}}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
`;
