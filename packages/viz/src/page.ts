import { Chart } from './chart.ts'

/** A part of a page: a heading, and charts or HTML below it. */
export interface Section {
  readonly title: string
  /** A sentence before it, as text. */
  readonly text?: string
  /** Charts, or HTML that is put in as it is. */
  readonly content: readonly (Chart | string)[]
}

/** What a page says. */
export interface PageContent {
  readonly title: string
  /** A line below the title, as text. */
  readonly subtitle?: string
  /** Figures that matter most, with what they are. */
  readonly facts?: readonly (readonly [value: string, what: string])[]
  readonly sections: readonly Section[]
}

/** An HTML page that needs no other file and no network, light or dark as its reader has it. */
export function reportPage({ title, subtitle, facts = [], sections }: PageContent): string {
  const cards = facts.map(([value, what]) => `<div><b>${escapeHTML(value)}</b>${escapeHTML(what)}</div>`)
  const parts = sections.map(({ title: heading, text, content }) => {
    const figures = content.map((part) => (part instanceof Chart ? `<figure>${part.toSVG()}</figure>` : part))
    return `<section>
<h2>${escapeHTML(heading)}</h2>
${text === undefined ? '' : `<p>${escapeHTML(text)}</p>`}
<div class="row">${figures.join('\n')}</div>
</section>`
  })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHTML(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<header>
<h1>${escapeHTML(title)}</h1>
${subtitle === undefined ? '' : `<p>${escapeHTML(subtitle)}</p>`}
${cards.length > 0 ? `<div class="facts">${cards.join('')}</div>` : ''}
</header>
${parts.join('\n')}
</main>
</body>
</html>
`
}

/** Text as HTML shows it literally. */
export function escapeHTML(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** Rows of text as a table, numbers to the right. */
export function tableHTML(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: string): string =>
    row.map((cell) => `<${tag}>${escapeHTML(cell)}</${tag}>`).join('')
  const body = rows.map((row) => `<tr>${cells(row, 'td')}</tr>`)
  return `<table><thead><tr>${cells(head, 'th')}</tr></thead><tbody>${body.join('\n')}</tbody></table>`
}

const style = `
:root { color-scheme: light dark; --ink: #1c2230; --quiet: #6b7385; --paper: #f6f7f9; --card: #fff; --line: #e3e6ec; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ebf2; --quiet: #98a1b5; --paper: #12151c; --card: #1b202a; --line: #2c3340; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 system-ui, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { margin: 0; font-size: 32px; letter-spacing: -0.02em; }
h2 { margin: 0 0 10px; font-size: 19px; letter-spacing: -0.01em; }
p { margin: 4px 0 14px; color: var(--quiet); max-width: 80ch; }
section { margin-top: 20px; padding: 24px; background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
.row { display: flex; flex-wrap: wrap; gap: 24px; align-items: flex-start; }
figure { margin: 0; max-width: 100%; }
svg { max-width: 100%; height: auto; overflow: visible; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 12px; margin: 20px 0 0; }
.facts div { padding: 14px 18px; background: var(--card); border: 1px solid var(--line); border-radius: 14px; color: var(--quiet); font-size: 13px; }
.facts b { display: block; color: var(--ink); font-size: 24px; font-weight: 650; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; }
th, td { padding: 5px 14px; text-align: right; border-bottom: 1px solid var(--line); }
th { color: var(--quiet); font-weight: 500; }
th:first-child, td:first-child { text-align: left; }
pre { margin: 0; padding: 14px 16px; overflow-x: auto; background: var(--paper); border: 1px solid var(--line); border-radius: 10px; font-size: 13px; }
`
