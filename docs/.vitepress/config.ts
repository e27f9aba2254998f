import { existsSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitepress'

const api = new URL('../api/typedoc-sidebar.json', import.meta.url)

export default defineConfig({
  title: 'badak',
  description: 'Deep learning for TypeScript, built from the ground up',
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: '/favicon.svg' }]],
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/guide/getting-started', activeMatch: '/guide/' },
      { text: 'API', link: '/api/', activeMatch: '/api/' },
    ],
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: {
      '/guide/': [
        {
          text: 'Guide',
          items: [
            { text: 'Getting started', link: '/guide/getting-started' },
            { text: 'Train on MNIST', link: '/guide/mnist' },
            { text: 'Training', link: '/guide/training' },
            { text: 'Classify images', link: '/guide/classify' },
            { text: 'Ready-made models', link: '/guide/models' },
            { text: 'Augmentation', link: '/guide/augmentation' },
            { text: 'Scenes', link: '/guide/scenes' },
            { text: 'Seeing inside', link: '/guide/seeing-inside' },
            { text: 'Layers of an introduction', link: '/guide/layer-names' },
            { text: 'How it works', link: '/guide/how-it-works' },
            { text: 'Numbers you can trust', link: '/guide/numbers' },
            { text: 'Performance', link: '/guide/performance' },
          ],
        },
      ],
      '/api/': existsSync(api) ? JSON.parse(readFileSync(api, 'utf8')) : [],
    },
  },
})
