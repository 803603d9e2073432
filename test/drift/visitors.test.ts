/** A site of many files is put back under visitors: each answer is whole, what stood or what should stand, and none fails. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DriftStage } from './stage.ts'

const COUNT = 600
const pathOf = (n: number): string => `part-${n % 20}/page-${n}.html`
const right = (n: number): string => `<p>right ${n}</p>\n`.repeat(100)
const edited = (n: number): string => `<p>by hand ${n}</p>\n`.repeat(150)
const SITE = Object.fromEntries(Array.from({ length: COUNT }, (_, n) => [pathOf(n), right(n)]))

let at: DriftStage
beforeAll(async () => {
  at = await DriftStage.start()
  await at.deploy({ 'index.html': 'home', ...SITE })
  await at.look()
})
afterAll(() => at.stop())

test('no request fails or sees half while a tree is put back', async () => {
  for (let n = 0; n < COUNT; n += 2) writeFileSync(join(at.tree(), pathOf(n)), edited(n))
  const [drift] = await at.look()
  if (!drift) throw new Error('nothing was found')
  expect(drift.diff.at(-1)?.text).toMatch(/^… and \d+ lines more$/)
  const revert = { isOver: false }
  let visits = 0
  const visitor = async (first: number) => {
    for (let n = first; !revert.isOver; n = (n + 7) % COUNT) {
      const { status, body } = await at.visit(`/${pathOf(n)}`.replace('.html', ''))
      if (status !== 200 || (body !== right(n) && body !== edited(n)))
        throw new Error(`${pathOf(n)}: ${status} ${body.slice(0, 80)}`)
      visits++
    }
  }
  const visitors = Promise.all([0, 1, 2, 3].map(visitor))
  try {
    await at.revert(drift)
  } finally {
    revert.isOver = true
  }
  await visitors
  expect(visits).toBeGreaterThan(20)
  for (let n = 0; n < COUNT; n++)
    expect((await at.visit(`/${pathOf(n)}`.replace('.html', ''))).body).toBe(right(n))
  expect(await at.look()).toEqual([])
}, 60_000)
