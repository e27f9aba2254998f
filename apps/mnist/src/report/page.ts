/** Text as HTML shows it literally. */
export function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** A page that stands by itself, light or dark as the reader has it. */
export function page(title: string, sections: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${sections.join('\n')}
</main>
</body>
</html>
`
}

const style = `
:root {
  color-scheme: light dark;
  --ink: #1c2230; --quiet: #6b7385; --paper: #f6f7f9; --card: #fff; --line: #e3e6ec;
  --train: #3b6fd8; --test: #e2632f; --wrong: #d6452d; --hit: #3b6fd8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e8ebf2; --quiet: #98a1b5; --paper: #12151c; --card: #1b202a; --line: #2c3340;
    --train: #7aa5ff; --test: #ff9466; --wrong: #ff7a63; --hit: #5f8ff0;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 system-ui, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { margin: 0; font-size: 34px; letter-spacing: -0.02em; }
h1 span { color: var(--quiet); font-weight: 400; }
h2 { margin: 0 0 12px; font-size: 19px; letter-spacing: -0.01em; }
p { margin: 4px 0 14px; color: var(--quiet); }
section { margin-top: 20px; padding: 24px; background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 12px; margin: 20px 0 12px; }
.facts div { padding: 16px 18px; background: var(--card); border: 1px solid var(--line); border-radius: 14px; color: var(--quiet); font-size: 13px; }
.facts b { display: block; color: var(--ink); font-size: 26px; font-weight: 650; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.facts div:first-child { background: var(--train); border-color: var(--train); color: #ffffffd0; }
.facts div:first-child b { color: #fff; }
@media (prefers-color-scheme: dark) { .facts div:first-child { background: #2f5cb8; border-color: #2f5cb8; } }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 24px; }
figure { margin: 0; }
figcaption { color: var(--quiet); font-size: 13px; }
svg { width: 100%; height: auto; overflow: visible; font-size: 12px; }
.legend { margin: 8px 0 0; font-size: 13px; }
.legend i { display: inline-block; width: 18px; height: 3px; margin: 0 5px 4px 0; border-radius: 2px; vertical-align: middle; }
.legend i + i, .legend i.test { margin-left: 16px; }
i.train { background: var(--train); }
i.test { background: var(--test); }
.filters { display: grid; grid-template-columns: repeat(auto-fill, minmax(52px, 1fr)); gap: 6px; margin-top: 6px; }
img { display: block; width: 100%; image-rendering: pixelated; border-radius: 4px; }
table { border-collapse: separate; border-spacing: 3px; font-variant-numeric: tabular-nums; }
.confusion { flex: 1 1 560px; max-width: 760px; }
.confusion td, .confusion th { min-width: 40px; padding: 7px 4px; text-align: center; border-radius: 5px; font-size: 13px; }
.confusion th { color: var(--quiet); font-weight: 600; }
.hit { background: color-mix(in srgb, var(--hit) 16%, transparent); color: var(--hit); font-weight: 600; }
.miss { background: color-mix(in srgb, var(--wrong) var(--share), transparent); }
.none { color: var(--line); }
td.share, th.share { color: var(--quiet); white-space: nowrap; }
.mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(72px, 1fr)); gap: 12px; }
.mistakes img { border: 1px solid var(--line); border-radius: 8px; }
.mistakes figcaption { display: flex; gap: 4px; align-items: baseline; margin-top: 4px; }
.mistakes b { color: var(--ink); }
.mistakes b.wrong, .beside b.wrong { color: var(--wrong); }
.mistakes small { margin-left: auto; white-space: nowrap; }
.beside { display: flex; flex-wrap: wrap; gap: 16px 40px; align-items: center; }
.beside ol { margin: 0; padding: 0; list-style: none; color: var(--quiet); }
.beside li { padding: 5px 0; }
.beside li b { color: var(--ink); }
.beside h3 { margin: 0 0 4px; font-size: 14px; }
.numbers td, .numbers th { padding: 5px 14px; text-align: right; font-weight: 400; border-bottom: 1px solid var(--line); }
.numbers { border-spacing: 0; }
.numbers thead th { color: var(--quiet); font-size: 13px; }
pre { margin: 0; padding: 14px 16px; overflow-x: auto; background: var(--paper); border: 1px solid var(--line); border-radius: 10px; font-size: 13px; }
details pre { margin-top: 8px; }
summary { color: var(--quiet); cursor: pointer; font-size: 13px; }
`
