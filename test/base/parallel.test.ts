import { expect, test } from 'bun:test'
import { inParallel } from '../../src/base/parallel.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('keeps the order, and no more at the same time than is said', async () => {
  let atWork = 0
  let most = 0
  const results = await inParallel([5, 1, 4, 2, 3, 0], 3, async (turns) => {
    most = Math.max(most, ++atWork)
    for (let n = 0; n < turns; n++) await turn()
    atWork--
    return turns * 2
  })
  expect([results, most]).toEqual([[10, 2, 8, 4, 6, 0], 3])
  expect(await inParallel([], 3, async () => 1)).toEqual([])
})

test('after a failure nothing is begun any more, and nothing goes on', async () => {
  const begun: number[] = []
  const ended: number[] = []
  const failing = inParallel([0, 1, 2, 3, 4, 5], 2, async (item) => {
    begun.push(item)
    await turn()
    ended.push(item)
    if (item === 1) throw new Error('one')
  })
  expect(await failing.catch((error: unknown) => error)).toMatchObject({ message: 'one' })
  expect(begun.length).toBeLessThan(6)
  expect(ended).toEqual(begun)
})
