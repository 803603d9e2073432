/** Links of what is live: found, put back, taken over, and never overwritten in silence. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DriftStage, FILES } from './stage.ts'

const OTHER = { ...FILES, 'index.html': 'other' }
let at: DriftStage
let link: string
let first: string
beforeEach(async () => {
  at = await DriftStage.start()
  await at.ok('PATCH', '/services/web/environments/production', { json: { retain: 2 } })
  await at.deploy(OTHER)
  first = readlinkSync(at.link())
  await at.deploy(FILES)
  link = at.link()
})
afterEach(() => at.stop())

const lead = (to: string): void => {
  rmSync(link, { recursive: true, force: true })
  symlinkSync(to, link)
}

const EDITS: [name: string, edit: () => void, adoptable: boolean][] = [
  ['leads to another bundle of the service', () => lead(first), true],
  ['leads to no bundle', () => lead('../trees/nowhere'), false],
  ['leads out', () => lead('/etc'), false],
  ['is gone', () => rmSync(link), false],
  [
    'is a folder',
    () => {
      rmSync(link)
      mkdirSync(link)
      writeFileSync(join(link, 'index.html'), 'mine')
    },
    false,
  ],
  [
    'is a file',
    () => {
      rmSync(link)
      writeFileSync(link, 'mine')
    },
    false,
  ],
]

for (const [name, edit, adoptable] of EDITS)
  test(`a link that ${name} is found by the next look, stops a deployment, and is put back`, async () => {
    expect(await at.look()).toEqual([])
    const right = readlinkSync(link)
    edit()
    const [drift, ...more] = await at.look()
    expect(more).toEqual([])
    expect(drift).toMatchObject({ kind: 'link', environment: 'production', revertable: true, adoptable })
    expect(drift?.diff[0]).toEqual({ sign: '-', text: right })
    if (!drift) return
    expect((await at.revert(drift)).status).toBe('succeeded')
    expect(readlinkSync(link)).toBe(right)
    expect(await at.look()).toEqual([])
    expect((await at.visit('/')).body).toBe(FILES['index.html'] ?? '')
  })

test('what it leads to is taken over as a deployment, and the next one works', async () => {
  lead(first)
  const [drift] = await at.look()
  if (!drift) throw new Error('nothing was found')
  expect((await at.way(drift, 'adopt')).status).toBe(200)
  await at.idle()
  expect(await at.look()).toEqual([])
  expect((await at.visit('/')).body).toBe('other')
  await at.deploy({ ...FILES, 'index.html': 'next' })
  expect((await at.visit('/')).body).toBe('next')
  expect(await at.look()).toEqual([])
})

const path = '/services/web/environments/production/deployments?wait=true'

test('a deployment that meets it stops with a conflict that names it, found or not', async () => {
  lead(first)
  const { bundle } = await at.ok<{ bundle: string }>('GET', `/deployments/${(await live()).id}`)
  const early = await at.app.ask('POST', path, { json: { bundle } })
  expect([early.status, early.text]).toEqual([409, expect.stringContaining('was led elsewhere by hand')])
  const [drift] = await at.look()
  const late = await at.app.ask('POST', path, { json: { bundle } })
  expect(late.status).toBe(409)
  expect(late.text).toContain(`fairlead drift adopt ${drift?.id}`)
  expect(readlinkSync(link)).toBe(first)
})

test('a deployment that meets a changed tree stops with a conflict that names it', async () => {
  at.write('index.html', 'by hand')
  const [drift] = await at.look()
  const { status, text } = await at.app.ask('POST', path, { json: { rollbackTo: 'previous' } })
  expect(status).toBe(409)
  expect(text).toContain(`fairlead drift revert ${drift?.id}`)
  expect(at.read('index.html')).toBe('by hand')
  if (drift) await at.revert(drift)
  await at.ok('POST', path, { json: { rollbackTo: 'previous' } })
})

async function live(): Promise<{ id: string }> {
  const { items } = await at.ok<{ items: { id: string; live: boolean }[] }>(
    'GET',
    path.replace('?wait=true', ''),
  )
  const found = items.find((one) => one.live)
  if (!found) throw new Error('nothing is live')
  return found
}
