import { library } from '../../tsup.base.ts'

export default library({
  entry: ['src/index.ts', 'src/dom.node.ts', 'src/dom.browser.ts'],
  // Chosen where the package is used: a page has a document of its own.
  external: [/^node:/, '#dom'],
})
