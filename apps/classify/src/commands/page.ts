import { relative } from 'node:path'
import { integer } from '../train-options.ts'
import { parse } from 'command-line/arguments'
import { pageConfig } from '../page-server.ts'

export const pageHelp = `Serves a page in which a digit is drawn or an image dropped, and the network looked into.

  npm run classify -- page [options]

  --port <n>      default 5173, or the next that is free
  --host <name>   for others on the network, too: 0.0.0.0; threads then need HTTPS, without it one thread computes
  --build <dir>   write the page for a static server instead of serving it
  --help

Threads need the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp;
this server sends them, and a page that comes without them computes on one thread.`

const text = { type: 'string' } as const
const definitions = {
  port: text,
  host: text,
  build: text,
  help: { type: 'boolean', short: 'h' },
} as const

/** `classify page …`. Serves until it is stopped. */
export async function runPage(args: readonly string[]): Promise<number> {
  const { values } = parse(args, { options: definitions })
  if (values.help) {
    console.log(pageHelp)
    return 0
  }
  // Loaded here alone: the other commands need no server.
  const { build, createServer } = await import('vite')
  if (values.build !== undefined) {
    await build(pageConfig({ build: { outDir: values.build }, logLevel: 'warn' }))
    console.log(`page  ${relative('', values.build) || values.build}`)
    return 0
  }
  const port = integer('port', values.port, 1, 65535)
  const server = await createServer(
    pageConfig({
      server: {
        ...pageConfig().server,
        ...(port !== undefined && { port, strictPort: true }),
        ...(values.host !== undefined && { host: values.host }),
      },
    }),
  )
  await server.listen()
  server.printUrls()
  await new Promise<void>((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop())
  })
  await server.close()
  return 0
}
