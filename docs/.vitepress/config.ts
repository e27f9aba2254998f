import { existsSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitepress'

const sidebar = new URL('../api/typedoc-sidebar.json', import.meta.url)

export default defineConfig({
  title: 'badak',
  description: 'Deep learning for TypeScript, built from the ground up',
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/guide/getting-started' },
      { text: 'API', link: '/api/' },
    ],
    search: { provider: 'local' },
    sidebar: {
      '/guide/': [{ text: 'Guide', items: [{ text: 'Getting started', link: '/guide/getting-started' }] }],
      '/api/': existsSync(sidebar) ? JSON.parse(readFileSync(sidebar, 'utf8')) : [],
    },
  },
})
