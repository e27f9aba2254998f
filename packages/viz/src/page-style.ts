import { palette } from './chart.ts'

/** The palette where the background is dark. */
const onDark = [
  '#7aa5ff',
  '#ff9466',
  '#4fc998',
  '#c88ae3',
  '#d9b34a',
  '#4fbccd',
  '#f0719a',
  '#a3abb8',
] as const

/** A rule is stronger than the attribute that a chart was drawn with. */
const lighter = palette
  .map(
    (color, i) =>
      `svg [stroke="${color}"] { stroke: ${onDark[i]}; } svg [fill="${color}"] { fill: ${onDark[i]}; }`,
  )
  .join('\n  ')

/** How a report looks. */
export const style = `
:root {
  color-scheme: light dark;
  --ink: #1c2230; --quiet: #6b7385; --paper: #f6f7f9; --card: #fff; --line: #e3e6ec; --wrong: #d6452d; --first: #3b6fd8;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ebf2; --quiet: #98a1b5; --paper: #12151c; --card: #1b202a; --line: #2c3340; --wrong: #ff7a63; --first: #2f5cb8; }
  ${lighter}
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 system-ui, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { margin: 0; font-size: 34px; letter-spacing: -0.02em; }
h1 span { color: var(--quiet); font-weight: 400; }
h2 { margin: 0 0 10px; font-size: 19px; letter-spacing: -0.01em; }
h3 { margin: 0 0 6px; font-size: 14px; }
p { margin: 4px 0 14px; color: var(--quiet); max-width: 100ch; }
section { margin-top: 20px; padding: 24px; background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
.row { display: flex; flex-wrap: wrap; gap: 24px; align-items: flex-start; }
figure { margin: 0; max-width: 100%; }
figcaption { display: flex; gap: 4px; align-items: baseline; margin-top: 4px; color: var(--quiet); font-size: 13px; }
figcaption b { color: var(--ink); }
figcaption small { margin-left: auto; white-space: nowrap; }
b.wrong { color: var(--wrong) !important; }
svg { max-width: 100%; height: auto; overflow: visible; }
img { display: block; width: 100%; image-rendering: pixelated; border: 1px solid var(--line); border-radius: 6px; }
.images { flex: 1 1 420px; }
.images > div { display: grid; grid-template-columns: repeat(auto-fill, minmax(var(--least), 1fr)); gap: 10px; }
.images h3 { color: var(--quiet); font-weight: 400; }
.list { align-self: center; margin-left: 16px; }
.list ol { margin: 0; padding: 0; list-style: none; color: var(--quiet); }
.list li { padding: 5px 0; }
.list b { color: var(--ink); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 12px; margin: 20px 0 0; }
.facts div { padding: 16px 18px; background: var(--card); border: 1px solid var(--line); border-radius: 14px; color: var(--quiet); font-size: 13px; }
.facts b { display: block; color: var(--ink); font-size: 26px; font-weight: 650; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.facts div:first-child { background: var(--first); border-color: var(--first); color: #ffffffd0; }
.facts div:first-child b { color: #fff; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; }
th, td { padding: 5px 14px; text-align: right; border-bottom: 1px solid var(--line); }
th { color: var(--quiet); font-weight: 500; }
th:first-child, td:first-child { text-align: left; }
pre { flex: 1 1 auto; max-width: 100%; margin: 0; padding: 14px 16px; overflow-x: auto; background: var(--paper); border: 1px solid var(--line); border-radius: 10px; font-size: 13px; }
`
