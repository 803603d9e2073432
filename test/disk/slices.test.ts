/** Long work lets others have their turn. */
import { expect, test } from 'bun:test'
import { Slices } from '../../src/drivers/disk/slices.ts'

/** As long work does: until its slice is over. */
function work(slices: Slices): void {
  while (!slices.isDue());
}

test('whoever waits has his turn between two slices', async () => {
  const slices = new Slices(new AbortController().signal)
  for (let slice = 0; slice < 3; slice++) {
    work(slices)
    let hasHadIt = false
    setImmediate(() => (hasHadIt = true))
    await slices.letOthers()
    expect(hasHadIt).toBe(true)
  }
})

test('who is not wanted any more ends at his next slice', async () => {
  const ending = new AbortController()
  const slices = new Slices(ending.signal)
  work(slices)
  ending.abort(new Error('no longer'))
  const thrown = await slices.letOthers().catch((error: unknown) => error)
  expect(thrown).toEqual(new Error('no longer'))
})
