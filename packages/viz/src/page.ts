import { Chart } from './chart.ts'
import { escapeHTML } from './html.ts'
import { style } from './page-style.ts'

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
  /** What it is about in particular, such as a model: after the title, more quietly. */
  readonly name?: string
  /** A line below the title, as text. */
  readonly subtitle?: string
  /** Figures that matter most, with what they are; the first stands out. */
  readonly facts?: readonly (readonly [value: string, what: string])[]
  readonly sections: readonly Section[]
}

/** An HTML page that needs no other file and no network, light or dark as its reader has it. */
export function reportPage({ title, name, subtitle, facts = [], sections }: PageContent): string {
  // Pages of many runs are told apart by what is written on their tabs.
  const tab = [title, name, facts[0]?.[0]].filter((part) => part !== undefined).join(' · ')
  const heading = escapeHTML(title) + (name === undefined ? '' : ` <span>${escapeHTML(name)}</span>`)
  const cards = facts.map(([value, what]) => `<div><b>${escapeHTML(value)}</b>${escapeHTML(what)}</div>`)
  const parts = sections.map((section) => {
    const { text, content } = section
    const figures = content.map((part) => (part instanceof Chart ? `<figure>${part.toSVG()}</figure>` : part))
    return `<section>
<h2>${escapeHTML(section.title)}</h2>
${text === undefined ? '' : `<p>${escapeHTML(text)}</p>`}
<div class="row">${figures.join('\n')}</div>
</section>`
  })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHTML(tab)}</title>
<style>${style}</style>
</head>
<body>
<main>
<header>
<h1>${heading}</h1>
${subtitle === undefined ? '' : `<p>${escapeHTML(subtitle)}</p>`}
${cards.length > 0 ? `<div class="facts">${cards.join('')}</div>` : ''}
</header>
${parts.join('\n')}
</main>
</body>
</html>
`
}
