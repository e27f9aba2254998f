import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { encodePNG } from '@badak/images'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { isolation, pageConfig } from '../src/page-server.ts'

// A browser starts and a page is built: seconds when the machine is idle.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const executablePath = process.env['CHROMIUM_PATH']

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
}

/** A server of files that knows nothing of this page. */
async function serve(root: string, headers: Record<string, string>): Promise<Server> {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost')
    const path = join(root, pathname === '/' ? 'index.html' : pathname)
    try {
      const bytes = await readFile(path)
      response.writeHead(200, {
        'content-type': types[extname(path)] ?? 'application/octet-stream',
        ...headers,
      })
      response.end(bytes)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((done) => server.listen(0, done))
  return server
}

const addressOf = (server: Server): string => `http://localhost:${(server.address() as AddressInfo).port}/`

/** Tasks of the main thread that took longer than 50 ms. */
interface Watched {
  longTasks: number[]
}

async function open(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  page.on('pageerror', (error) => expect.fail(error.message))
  await page.addInitScript(() => {
    const watched = globalThis as unknown as Watched
    watched.longTasks = []
    new PerformanceObserver((list) => {
      watched.longTasks.push(...list.getEntries().map(({ duration }) => duration))
    }).observe({ type: 'longtask', buffered: true })
  })
  await page.goto(address)
  await answered(page)
  return page
}

/** Waits until what is shown has been answered. */
async function answered(page: Page): Promise<void> {
  await page.locator('#status').getByText(/ ms$/).waitFor()
}

const likeliest = async (page: Page): Promise<string> =>
  page.locator('#guesses li').first().locator('b').innerText()

/** Draws with the mouse; points are shares of the pad. */
async function draw(page: Page, points: readonly (readonly [number, number])[]): Promise<void> {
  const box = (await page.locator('#pad').boundingBox())!
  const at = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const
  await page.mouse.move(...at(points[0]!))
  await page.mouse.down()
  for (const point of points.slice(1)) await page.mouse.move(...at(point), { steps: 12 })
  await page.mouse.up()
}

const seven = [
  [0.27, 0.22],
  [0.72, 0.2],
  [0.46, 0.86],
] as const

async function drawSeven(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Clear' }).click()
  await expect.poll(() => likeliest(page)).toBe('–')
  await draw(page, seven)
  await expect.poll(() => likeliest(page)).toBe('7')
}

/** Computes for a while, in a task of its own. */
function blockLater(): void {
  setTimeout(() => {
    for (const start = performance.now(); performance.now() - start < 200;);
  })
}

interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  /** Processor time, in microseconds. */
  readonly tdur?: number
  readonly args?: { readonly name?: string }
}

/** The greatest processor time of a task on the main thread of a page, in milliseconds. */
function busiestTask(trace: Buffer, address: string): number {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: readonly TraceEvent[] }
  const isMain = ({ name, args }: TraceEvent): boolean =>
    name === 'thread_name' && args?.name === 'CrRendererMain'
  // The browser has pages of its own.
  const ours = new Set(
    traceEvents.filter((event) => JSON.stringify(event.args).includes(address)).map(({ pid }) => pid),
  )
  const threads = new Set(
    traceEvents
      .filter((event) => isMain(event) && ours.has(event.pid))
      .map(({ pid, tid }) => `${pid} ${tid}`),
  )
  const tasks = traceEvents.filter(
    ({ name, pid, tid }) => name.endsWith('RunTask') && threads.has(`${pid} ${tid}`),
  )
  return Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur / 1000))
}

/** How many different colours a canvas shows. */
const coloursOf = (page: Page, selector: string): Promise<number> =>
  page.locator(selector).evaluate((element) => {
    const canvas = element as HTMLCanvasElement
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
    return new Set(new Uint32Array(data.buffer)).size
  })

const leftOut = executablePath ? '' : ' (left out: there is no Chromium, set CHROMIUM_PATH)'

describe.skipIf(!executablePath)(`the page, built and served${leftOut}`, () => {
  let root: string
  let isolated: Server
  let plain: Server
  let browser: Browser
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'badak-classify-page-'))
    await build(pageConfig({ build: { outDir: join(root, 'page') }, logLevel: 'error' }))
    isolated = await serve(join(root, 'page'), isolation)
    plain = await serve(join(root, 'page'), {})
    browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] })
  })
  afterAll(async () => {
    await browser?.close()
    isolated?.close()
    plain?.close()
    await rm(root, { recursive: true })
  })

  test('a drawn 7 is a 7, and its feature maps appear', async () => {
    const page = await open(browser, addressOf(isolated))
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
    await drawSeven(page)
    const rows = await page.locator('#guesses li').allInnerTexts()
    expect(rows).toHaveLength(5)
    const shares = rows.map((row) => Number(/([\d.]+) %/.exec(row)![1]))
    expect(shares[0]).toBeGreaterThan(80)
    expect(shares).toEqual(shares.toSorted((a, b) => b - a))
    // Six convolutions.
    const layers = page.locator('.layer')
    expect(await layers.count()).toBe(6)
    expect(await layers.locator('h3').allInnerTexts()).toContainEqual(
      expect.stringContaining('16 maps of 28 × 28'),
    )
    for (let i = 1; i <= 6; i++)
      expect(await coloursOf(page, `.layer:nth-child(${i}) canvas`)).toBeGreaterThan(20)
    // Heat lies over the drawing.
    expect(await coloursOf(page, '#heat')).toBeGreaterThan(20)
    await page.context().close()
  })

  // A machine that is busy otherwise stops the page, too: one of the tries must be undisturbed.
  test('while it starts and while a 7 is drawn, the main thread has no long task', { retry: 4 }, async () => {
    const page = await open(browser, addressOf(isolated))
    await drawSeven(page)
    const longTasks = (): Promise<number[]> =>
      page.evaluate(() => (globalThis as unknown as Watched).longTasks)
    expect(await longTasks()).toEqual([])
    // The watch does see what blocks.
    await page.evaluate(blockLater)
    await expect.poll(longTasks).not.toEqual([])
    await page.context().close()
  })

  test('no task of the main thread computes for 50 ms, whatever else the machine does', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    const page = await context.newPage()
    const busiest = async (act: () => Promise<void>): Promise<number> => {
      await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] })
      await act()
      return busiestTask(await browser.stopTracing(), addressOf(isolated))
    }
    const started = await busiest(async () => {
      await page.goto(addressOf(isolated))
      await answered(page)
      await drawSeven(page)
    })
    expect(started).toBeGreaterThan(0)
    expect(started).toBeLessThan(50)
    // The watch does see what blocks.
    const blocked = await busiest(async () => {
      await page.evaluate(blockLater)
      await page.getByRole('button', { name: 'Draw a 3', exact: true }).click()
      await expect.poll(() => likeliest(page)).toBe('3')
    })
    expect(blocked).toBeGreaterThan(50)
    await context.close()
  })

  test('another class can be asked about; Grad-CAM goes and comes', async () => {
    const page = await open(browser, addressOf(isolated))
    const second = page.locator('#guesses li').nth(1).getByRole('button')
    const asked = await second.locator('b').innerText()
    await second.click()
    await page.getByText(`What speaks for ${asked}`).waitFor()
    expect(await second.getAttribute('aria-pressed')).toBe('true')
    await page.getByRole('switch', { name: 'Grad-CAM' }).click()
    expect(await page.locator('#heat').isVisible()).toBe(false)
    await page.getByRole('switch', { name: 'Grad-CAM' }).click()
    expect(await page.locator('#heat').isVisible()).toBe(true)
    await page.context().close()
  })

  test('the keyboard draws, too', async () => {
    const page = await open(browser, addressOf(isolated))
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByRole('application').focus()
    // From the middle up, then down with the pen: a 1.
    for (let i = 0; i < 6; i++) await page.keyboard.press('Shift+ArrowUp')
    await page.keyboard.press('Space')
    for (let i = 0; i < 13; i++) await page.keyboard.press('Shift+ArrowDown')
    await page.keyboard.press('Space')
    await expect.poll(() => likeliest(page)).toBe('1')
    await page.keyboard.press('Backspace')
    await expect.poll(() => likeliest(page)).toBe('–')
    await page.context().close()
  })

  test('every example is what it says', async () => {
    const page = await open(browser, addressOf(isolated))
    for (let digit = 0; digit < 10; digit++) {
      await page.getByRole('button', { name: `Draw a ${digit}`, exact: true }).click()
      await expect.poll(() => likeliest(page)).toBe(`${digit}`)
    }
    await page.context().close()
  })

  test('a file with a digit is classified; one without an image is refused in words', async () => {
    const page = await open(browser, addressOf(isolated))
    await page.getByRole('button', { name: 'Image' }).click()
    const data = new Uint8Array(60 * 40).fill(255)
    for (let y = 5; y < 35; y++) data.fill(20, 60 * y + 28, 60 * y + 33)
    const bytes = await encodePNG({ width: 60, height: 40, channels: 1, data })
    const file = page.locator('#file')
    await file.setInputFiles({ name: 'one.png', mimeType: 'image/png', buffer: Buffer.from(bytes) })
    await expect.poll(() => likeliest(page)).toBe('1')
    await file.setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no image') })
    await page.getByRole('alert').getByText('This file is no image that the browser can read.').waitFor()
    await file.setInputFiles({ name: 'one.png', mimeType: 'image/png', buffer: Buffer.from(bytes) })
    await page.getByRole('alert').waitFor({ state: 'hidden', timeout: 4000 })
    await page.context().close()
  })

  test("a checkpoint of one's own is opened; one that is none leaves what is open", async () => {
    const page = await open(browser, addressOf(isolated))
    const network = page.getByLabel('Network', { exact: true })
    const checkpoint = page.locator('#checkpoint')
    const bytes = await readFile(join(root, 'page', 'clothing.safetensors'))
    await checkpoint.setInputFiles({ name: 'mine.safetensors', mimeType: '', buffer: bytes })
    await page.getByText('resnet14').waitFor()
    expect(await network.locator('option:checked').innerText()).toBe('mine.safetensors')
    await checkpoint.setInputFiles({
      name: 'other.safetensors',
      mimeType: '',
      buffer: Buffer.from('nothing'),
    })
    await page.getByRole('alert').getByText('other.safetensors cannot be opened.').waitFor()
    expect(await network.locator('option:checked').innerText()).toBe('mine.safetensors')
    await network.selectOption('Digits (MNIST)')
    await page.getByText('deep, 123,552 parameters').waitFor()
    await checkpoint.setInputFiles({
      name: 'broken.safetensors',
      mimeType: '',
      buffer: Buffer.from('nothing'),
    })
    await page.getByRole('alert').getByText('safetensors').waitFor()
    expect(await network.locator('option:checked').innerText()).toBe('Digits (MNIST)')
    await page.getByRole('button', { name: 'Draw a 4', exact: true }).click()
    await expect.poll(() => likeliest(page)).toBe('4')
    await page.context().close()
  })

  test('clothes come with examples', async () => {
    const page = await open(browser, addressOf(isolated))
    await page.getByLabel('Network', { exact: true }).selectOption('Clothing (Fashion-MNIST)')
    await expect.poll(() => likeliest(page)).toBe('Ankle boot')
    // Of the network that is open, not of the one before: 13 convolutions.
    expect(await page.locator('.layer').count()).toBe(13)
    await page.getByRole('button', { name: 'Trouser' }).click()
    await expect.poll(() => likeliest(page)).toBe('Trouser')
    await page.context().close()
  })

  test('without cross-origin isolation one thread computes the same', async () => {
    const page = await open(browser, addressOf(plain))
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false)
    await expect.poll(() => likeliest(page)).toBe('7')
    await page.getByText('one thread').waitFor()
    await page.context().close()
  })

  test('it fits a telephone', async () => {
    const page = await open(browser, addressOf(isolated), {
      viewport: { width: 360, height: 740 },
      hasTouch: true,
    })
    const wide = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(wide).toBe(360)
    await page.context().close()
  })
})
