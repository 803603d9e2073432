/** Two edits of one site, or one that shows little: to put one back never takes away what nobody has seen. */
import { afterAll, beforeAll, expect, setDefaultTimeout } from 'bun:test'
import { appendFileSync, existsSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Drift } from '../../src/contract/shapes/drift.ts'
import { has, needs } from '../needs.ts'
import { changed, NamesStage } from './names-stage.ts'

setDefaultTimeout(60_000)

const PROGRAMS = ['nginx', 'named', 'nsupdate', 'dig']
const withServers = needs(...PROGRAMS)
const DOCS = 'docs.example.com'

let stage: NamesStage
beforeAll(async () => {
  if (!PROGRAMS.every(has)) return
  stage = await NamesStage.start()
  await stage.attach(DOCS)
})
afterAll(() => stage?.stop())

const text = () => stage.file(`${DOCS}.conf`)
const model = () => stage.file(`${DOCS}.json`)
const link = () => join(stage.nginx.enabled, `${DOCS}.conf`)
const about = async (thing: string): Promise<Drift> => {
  const found = (await stage.look()).find((one) => one.thing === thing)
  if (!found) throw new Error(`nothing was found about ${thing}`)
  return found
}
const refused = async (drift: Drift, ...parts: string[]) => {
  const { status, text: problem } = await stage.way(drift, 'revert')
  expect(status).toBeGreaterThanOrEqual(400)
  for (const part of parts) expect(problem).toContain(part)
}

withServers('a link that is put back leaves an edited text as it is', async () => {
  appendFileSync(text(), '# mine\n')
  unlinkSync(link())
  await refused(await about(link()), text(), 'changed by hand')
  expect(readFileSync(text(), 'utf8')).toContain('# mine')
  // In the order in which it is told.
  await stage.done(await about(text()), 'revert')
  expect(await stage.look()).toEqual([])
  expect(await stage.nginx.says(DOCS)).toBe('200 one')
})

withServers('so does a model that is put back', async () => {
  appendFileSync(text(), '# mine\n')
  writeFileSync(model(), readFileSync(model(), 'utf8').replace('404-page', 'none'))
  await refused(await about(model()), text())
  expect(readFileSync(text(), 'utf8')).toContain('# mine')
  await stage.done(await about(text()), 'revert')
  expect(await stage.look()).toEqual([])
})

withServers('a text that is put back leaves a file in the place of its link as it is', async () => {
  appendFileSync(text(), '# mine\n')
  unlinkSync(link())
  writeFileSync(link(), `${readFileSync(text(), 'utf8')}# another\n`)
  await refused(await about(text()), link())
  expect(readFileSync(link(), 'utf8')).toContain('# another')
  unlinkSync(link())
  await stage.done(await about(text()), 'revert')
  expect(await stage.look()).toEqual([])
})

withServers('a file in the place of a link is shown by its lines, and as they are now', async () => {
  const before = readFileSync(text(), 'utf8')
  unlinkSync(link())
  writeFileSync(link(), `${before}# mine\n`)
  const drift = await about(link())
  expect(changed(drift)).toEqual([`-${link()} → ${text()}`, `+${link()} is a file and no link`, '+# mine'])
  appendFileSync(link(), '# more\n')
  await refused(drift, 'not as it was shown')
  await stage.done(await about(link()), 'revert')
  expect(await stage.look()).toEqual([])
})

withServers('of a text whose model is gone it is told what is put back in its place', async () => {
  appendFileSync(text(), '# mine\n')
  rmSync(model())
  const drift = await about(model())
  expect(changed(drift)).toEqual([`-${model()}`, '+# mine'])
  appendFileSync(text(), '# more\n')
  await refused(drift, 'not as it was shown')
  await stage.done(await about(model()), 'revert')
  expect(await stage.look()).toEqual([])
})

withServers('a stray is shown with its text, and one that was edited since is not taken away', async () => {
  const stray = stage.file('stray.example.com.conf')
  writeFileSync(stray, 'server { listen 127.0.0.1:1; server_name stray.example.com; }\n')
  const drift = await about(stray)
  expect(changed(drift)).toEqual([
    `+${stray}`,
    '+server { listen 127.0.0.1:1; server_name stray.example.com; }',
  ])
  appendFileSync(stray, '# mine\n')
  await refused(drift, 'not as it was shown')
  expect(existsSync(stray)).toBe(true)
  await stage.done(await about(stray), 'revert')
  expect(existsSync(stray)).toBe(false)
})

withServers('a text of a thousand lines is shown in part, and is another one by its last', async () => {
  const long = Array.from({ length: 1_000 }, (_, line) => `# line ${line} ${'x'.repeat(600)}\n`).join('')
  appendFileSync(text(), long)
  const drift = await about(text())
  expect(drift.diff.length).toBeLessThanOrEqual(200)
  expect(drift.diff.every((line) => line.text.length <= 500)).toBe(true)
  appendFileSync(text(), '# mine\n')
  await refused(drift, 'not as it was shown')
  await stage.done(await about(text()), 'revert')
})
