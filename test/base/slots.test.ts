import { expect, test } from 'bun:test'
import { Slots } from '../../src/base/slots.ts'

const slotsOf = (parallel: number, waiting: number) =>
  new Slots({ parallel, waiting, full: () => new Error('full') })
const gate = () => Promise.withResolvers<string>()
/** Until everything that can go on has gone on. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('so much at the same time, the rest in the order in which it came', async () => {
  const slots = slotsOf(2, 3)
  const gates = Array.from({ length: 5 }, gate)
  const begun: number[] = []
  const all = gates.map(({ promise }, index) =>
    slots.run(() => {
      begun.push(index)
      return promise
    }),
  )
  await settled()
  expect(begun).toEqual([0, 1])
  expect(await slots.run(() => Promise.resolve(0)).catch(({ message }) => message)).toBe('full')
  gates[1]?.resolve('b')
  await settled()
  expect(begun).toEqual([0, 1, 2])
  for (const [index, { resolve }] of gates.entries()) resolve(`${index}`)
  expect(await Promise.all(all)).toEqual(['0', 'b', '2', '3', '4'])
})

test('a failure frees its slot and is told to its own caller only', async () => {
  const slots = slotsOf(1, 1)
  const failing = slots.run(() => Promise.reject(new Error('mine')))
  const next = slots.run(() => Promise.resolve('next'))
  expect(await failing.catch(({ message }) => message)).toBe('mine')
  expect(await next).toBe('next')
})

test('who is aborted leaves the line, and nothing of his runs', async () => {
  const slots = slotsOf(1, 2)
  const first = gate()
  const running = slots.run(() => first.promise)
  const gone = new AbortController()
  let hasRun = false
  const leaving = slots.run(async () => {
    hasRun = true
  }, gone.signal)
  const staying = slots.run(() => Promise.resolve('stays'), new AbortController().signal)
  gone.abort(new Error('closed'))
  expect(await leaving.catch(({ message }) => message)).toBe('closed')
  expect(await slots.run(() => Promise.resolve(''), gone.signal).catch(({ message }) => message)).toBe(
    'closed',
  )
  const another = slots.run(() => Promise.resolve('another'))
  first.resolve('first')
  expect(await Promise.all([running, staying, another])).toEqual(['first', 'stays', 'another'])
  expect(hasRun).toBe(false)
  gone.abort()
  expect(await slots.run(() => Promise.resolve('free'))).toBe('free')
})
