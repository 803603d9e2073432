/** A real Chromium that tells what went wrong in it. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Names of URLs that tests attach lead to the gateway.
  '--host-resolver-rules=MAP *.harbour.example 127.0.0.1',
]

export interface Visitor {
  page: Page
  /** Errors and warnings of the console, uncaught errors, dialogs and requests to elsewhere: there should be none. */
  troubles: string[]
  close: () => Promise<void>
}

let browser: Promise<Browser> | undefined
const launch = () => (browser ??= chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS }))

export async function closeBrowser() {
  await (await browser)?.close()
  browser = undefined
}

export interface Visit extends BrowserContextOptions {
  url: string
  /** Console errors that belong to the test, such as the 404 that it asks for. */
  expected?: RegExp
  /** Changes what the page is answered: states that would take days. */
  prepare?: (page: Page) => Promise<void>
}

export async function visit({ url, expected, prepare, ...options }: Visit): Promise<Visitor> {
  const context = await (await launch()).newContext({
    viewport: { width: 1280, height: 860 },
    baseURL: url,
    ...options,
  })
  context.setDefaultTimeout(10_000)
  const page = await context.newPage()
  const troubles: string[] = []
  const note = (text: string) => !expected?.test(text) && troubles.push(text)
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      note(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => note(`uncaught: ${error.message}`))
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (protocol.startsWith('http') && origin !== new URL(url).origin) note(`request to ${request.url()}`)
  })
  page.on('dialog', (dialog) => {
    note(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await prepare?.(page)
  return { page, troubles, close: () => context.close() }
}

/** Drops files or folders of this disk on an element, as a hand would: the browser itself makes the events. */
export async function dropFiles(page: Page, target: string, paths: string[]) {
  const zone = page.locator(target)
  await zone.scrollIntoViewIfNeeded()
  const box = await zone.boundingBox()
  if (!box) throw new Error(`${target} cannot be seen.`)
  const session = await page.context().newCDPSession(page)
  const data = { items: [], files: paths, dragOperationsMask: 1 }
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, ...at, data })
  await session.detach()
}
