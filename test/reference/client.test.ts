/** The TypeScript client: made from the contract as it is now, typed, and at work in every runtime at hand. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fairlead } from '../../clients/typescript/src/index.ts'
import { filesBelow } from '../../scripts/assets.ts'
import { ROUTES } from '../../src/contract/routes.ts'
import { site, startTestApp, type TestApp } from '../api/app.ts'
import { needs } from '../needs.ts'
import { closeBrowser, visit } from '../web/browser.ts'

const root = join(import.meta.dirname, '../..')
const home = join(root, 'clients/typescript')
let folder: string
let app: TestApp

/** A folder as people have it that installed the client. */
beforeAll(async () => {
  app = await startTestApp()
  folder = mkdtempSync(join(tmpdir(), 'fairlead-client-'))
  const installed = join(folder, 'node_modules/fairlead-client')
  mkdirSync(installed, { recursive: true })
  for (const name of ['dist', 'package.json'])
    cpSync(join(home, name), join(installed, name), { recursive: true })
  for (const name of ['@types', 'undici-types'])
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
  writeFileSync(join(folder, 'site.zip'), site('from the client'))
})
afterAll(async () => {
  await closeBrowser()
  await app.stop()
  rmSync(folder, { recursive: true })
})

const contents = (where: string): Record<string, string> =>
  Object.fromEntries(
    ['src', 'dist'].flatMap((name) =>
      filesBelow(join(where, name)).map((file) => [file.slice(where.length + 1), readFileSync(file, 'utf8')]),
    ),
  )

/** The TypeScript of the README, as one module. */
const readme = (): string =>
  [...readFileSync(join(home, 'README.md'), 'utf8').matchAll(/client\.test\.ts -->\n```ts\n([\s\S]*?)```/g)]
    .map(([, code]) => code)
    .join('\n')

describe('the client', () => {
  test('is what `npm run client` makes now', () => {
    const fresh = mkdtempSync(join(tmpdir(), 'fairlead-client-'))
    execFileSync(process.execPath, [join(root, 'scripts/client.ts'), '--into', fresh])
    expect(contents(fresh)).toEqual(contents(home))
    rmSync(fresh, { recursive: true })
  })

  test('has an operation for each route', () => {
    const api = fairlead() as unknown as Record<string, Record<string, unknown>>
    const camelCase = (word: string) => word.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
    for (const name of Object.keys(ROUTES)) {
      const [noun = '', verb = ''] = name.split('.').map(camelCase)
      expect([name, typeof api[noun]?.[verb]]).toEqual([name, 'function'])
    }
  })

  test('depends on nothing, and needs nothing but what the web has', () => {
    for (const [name, text] of Object.entries(contents(home)).filter(([path]) => path.startsWith('dist/'))) {
      const outside = [...text.matchAll(/from '([^']+)'/g)].map(([, from]) => from ?? '')
      expect([name, outside.filter((from) => !from.startsWith('./') && !from.startsWith('../'))]).toEqual([
        name,
        [],
      ])
      if (name.endsWith('.js')) expect(text).not.toMatch(/\b(process|Buffer|require|Bun|Deno|node:)\b/)
    }
  })
})

const OPTIONS = {
  module: 'nodenext',
  target: 'es2022',
  lib: ['es2024', 'dom'],
  types: ['node'],
  strict: true,
}
function compile(files: Record<string, string>): string[] {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const compilerOptions = {
    ...OPTIONS,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: Object.keys(files) }))
  const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder, '--pretty', 'false'], {
    encoding: 'utf8',
  })
  return stdout.split('\n').filter((line) => line.includes('error'))
}

describe('its types', () => {
  test('take what is right', () => {
    expect(compile({ 'readme.ts': readme(), 'right.ts': RIGHT })).toEqual([])
  }, 30_000)

  test('refuse what is wrong, each line of it', () => {
    const lines = WRONG.trim().split('\n')
    const errors = compile({ 'wrong.ts': WRONG.trim() })
    const told = new Set(errors.map((line) => Number(/wrong\.ts\((\d+)/.exec(line)?.[1])))
    expect(lines.filter((_, index) => index > 1 && !told.has(index + 1))).toEqual([])
    expect([told.has(1), told.has(2)]).toEqual([false, false])
  }, 30_000)
})

const RIGHT = `
import { type Deployment, FairleadProblem, fairlead, type Problems, type Service } from 'fairlead-client'
const api = fairlead({ server: 'https://fairlead.example.com', key: async () => 'fl_key' })
export const names: string[] = (await api.services.list()).items.map((service: Service) => service.name)
export const page = await api.events.list({ query: { limit: 10 } })
export const live: boolean = (await api.deployments.show({ params: { id: 'a' } })).live
export const back: Deployment = await api.deployments.create({
  params: { service: 'web', environment: 'production' },
  json: { rollbackTo: 'previous' },
})
export const bytes: ReadableStream | null = (
  await api.bundles.archive({ params: { service: 'web', digest: 'a' } })
).body
export const code: Problems['services.create'] = 'conflict'
export const status = (error: unknown): number => (error instanceof FairleadProblem ? error.status : 0)
`

/** From the third line on each line is a mistake. */
const WRONG = `
import { fairlead, isProblem, type Problems } from 'fairlead-client'
const api = fairlead()
await api.services.shw()
await api.services.show()
await api.services.show({ params: { id: 'a' } })
await api.services.create({ json: { title: 'web' } })
await api.services.create({ json: { name: 'web', kind: 'dynamic' } })
await api.services.list({ query: { limt: 1 } })
await api.deployments.create({ params: { service: 'web', environment: 'production' } })
await api.deployments.create({ params: { service: 'a', environment: 'b' }, json: { rollback: 'previous' } })
;(await api.services.list()).items[0]?.title
api.services.show.all()
api.services.list.stream()
isProblem(null, 'confilct')
export const code: Problems['services.list'] = 'archive_refused'
`

describe('at work', () => {
  const environment = () => ({ PATH: process.env['PATH'], FAIRLEAD_SERVER: app.url })
  const removed = async () => {
    const { status } = await app.ask('DELETE', '/services/site?wait=true')
    expect(status).toBe(200)
  }
  const SAID = /^succeeded [0-9a-f]{64}\nweb\n.*"site".*\nsite\n(.+\n)+$/

  for (const [runtime, program] of [
    ['Node', 'node'],
    ['Bun', process.execPath],
  ] as const)
    test(`the README, in ${runtime}`, async () => {
      // Node 20 reads no types, and the README has none.
      writeFileSync(join(folder, 'readme.mjs'), readme())
      const { stdout, stderr } = await promisify(execFile)(program, [join(folder, 'readme.mjs')], {
        cwd: folder,
        env: environment(),
      })
      expect(stderr).toBe('')
      expect(stdout).toMatch(SAID)
      await removed()
    })

  needs('chromium')(
    'in a page',
    async () => {
      const { page, troubles, close } = await visit({ url: app.url })
      try {
        await page.route('**/client/**', (route) =>
          route.fulfill({
            path: join(home, 'dist', new URL(route.request().url()).pathname.slice('/client/'.length)),
          }),
        )
        await page.goto('/healthz')
        const said = await page.evaluate(async (client) => {
          const { fairlead: open, isProblem: isOne } = await import(client)
          const api = open()
          await api.services.create({ json: { name: 'paged' } })
          const names: string[] = []
          for await (const service of api.services.list.all({ query: { limit: 1 } })) names.push(service.name)
          const missing = await api.services
            .show({ params: { service: 'none' } })
            .catch((error: unknown) => error)
          return { names, isMissing: isOne(missing, 'not_found') as boolean }
        }, '/client/index.js')
        expect(said).toEqual({ names: ['paged'], isMissing: true })
        expect(troubles.filter((text) => !text.includes('404'))).toEqual([])
      } finally {
        await close()
      }
    },
    60_000,
  )
})
