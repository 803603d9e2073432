/** Hands at the files of the builtin gateway's host names: they count at the next start only, and are found before. */
import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { changed } from './names-stage.ts'
import { DriftStage, FILES } from './stage.ts'

setDefaultTimeout(60_000)

const DOCS = 'docs.example.com'
let stage: DriftStage
beforeAll(async () => {
  stage = await DriftStage.start()
  await stage.deploy(FILES)
  await stage.ok('POST', '/services/web/environments/production/urls?wait=true', {
    json: { hostname: DOCS, dns: 'none' },
  })
})
afterAll(() => stage.stop())
beforeEach(async () => expect(await stage.look()).toEqual([]))

const file = (name = DOCS) => stage.at('builtin', 'hosts', `${name}.json`)
const found = async () => {
  const [drift, ...more] = await stage.look()
  if (!drift || more.length > 0) throw new Error(JSON.stringify([drift, ...more]))
  return drift
}

test('an edit is found, whatever the order and the blanks, and put back to the byte', async () => {
  const before = readFileSync(file(), 'utf8')
  writeFileSync(file(), JSON.stringify(JSON.parse(before), null, 4))
  expect(await stage.look()).toEqual([])
  writeFileSync(file(), before.replace('404-page', 'none'))
  const drift = await found()
  expect(drift).toMatchObject({
    kind: 'site-text',
    url: { hostname: DOCS },
    revertable: true,
    adoptable: false,
  })
  expect(changed(drift)).toEqual(['-"notFoundHandling": "404-page",', '+"notFoundHandling": "none",'])
  await stage.revert(drift)
  expect(readFileSync(file(), 'utf8')).toBe(before)
})

test('what is gone, or no JSON any more, is put back', async () => {
  const before = readFileSync(file(), 'utf8')
  rmSync(file())
  const gone = await found()
  expect(gone.kind).toBe('site-missing')
  await stage.revert(gone)
  writeFileSync(file(), '{')
  const broken = await found()
  expect(broken.kind).toBe('site-text')
  await stage.revert(broken)
  expect(readFileSync(file(), 'utf8')).toBe(before)
})

test('a file of a name that no URL has is taken away', async () => {
  writeFileSync(file('stray.example.com'), readFileSync(file(), 'utf8').replace(DOCS, 'stray.example.com'))
  const stray = await found()
  expect(stray).toMatchObject({ kind: 'site-stray', url: null })
  await stage.revert(stray)
  expect(existsSync(file('stray.example.com'))).toBe(false)
})
