/** What a look at unpacked sites costs beside `find -printf`, which reads the same of each file, and how long others wait. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/base/clock.ts'
import { silentLog } from '../src/base/log.ts'
import { type TreeKey, treeKey } from '../src/domain/bundle.ts'
import { type DiskDrivers, diskDrivers, prepareDataFolder } from '../src/drivers/disk/index.ts'
import { type Figure, inPairs, median, must, type Result, timed } from './measure.ts'
import { siteTar } from './site-tar.ts'

const FILES = 21_000
const TREES = 3
const signal = new AbortController().signal

async function looks(): Promise<Result[]> {
  const data = mkdtempSync(join(tmpdir(), 'fairlead-looks-'))
  await prepareDataFolder(data)
  const disk = diskDrivers({ data, clock: systemClock, log: silentLog, reserveBytes: 0 })
  try {
    const keys: TreeKey[] = []
    for (let tree = 0; tree < TREES; tree++) keys.push(await unpacked(disk, tree))
    const printed: [string, ...string[]] = ['find', join(data, 'trees'), '-printf', '%p %s %T@ %m\n']
    const peer = () => timed(async () => must(printed))
    const whole = await inPairs(() => timed(() => look(disk, keys, 0)), peer)
    // The first ones read all contents, by turns.
    const sampled = await inPairs(() => timed(() => look(disk, keys, SAMPLE)), peer)
    const stall = await longestStall(() => look(disk, keys, SAMPLE))
    const what = `${TREES} trees of ${FILES.toLocaleString('en')} files (beside find -printf)`
    return [
      ratio(`a look at ${what}`, whole, 3),
      ratio(`a look that reads its sample too, ${what}`, sampled, 4),
      {
        figure: 'the longest that others wait for a look',
        ours: stall,
        peer: null,
        unit: 'ms',
        judged: `${stall.toFixed(0)} ms`,
        target: '≤ 100 ms',
        ok: stall <= 100,
      },
    ]
  } finally {
    await disk.stop()
    rmSync(data, { recursive: true })
  }
}

const SAMPLE = 2_000

async function unpacked({ bundles, trees }: DiskDrivers, tree: number): Promise<TreeKey> {
  const files = Object.fromEntries(
    Array.from({ length: FILES }, (_, n) => [
      `part-${n % 210}/page-${n}.html`,
      `${tree} ${n}\n`.repeat(1 + (n % 300)),
    ]),
  )
  const body = (async function* () {
    yield siteTar(files)
  })()
  const received = await bundles.receive(body, { announcedBytes: null, expectedDigest: null, signal })
  const prepared = await bundles.prepare(received, { unpack: true, bases: [], signal })
  await bundles.keep(prepared)
  await trees.adopt(treeKey(received.digest), prepared, signal)
  await bundles.discard(received.staging)
  return treeKey(received.digest)
}

async function look({ bundles, trees }: DiskDrivers, keys: TreeKey[], files: number): Promise<void> {
  const budget = { files, bytes: 64 * 1024 * 1024 }
  for (const key of keys) {
    const manifest = await bundles.manifest(key.slice(0, 64))
    if (!manifest) throw new Error('the bundle is gone')
    const { count } = await trees.compare({ key, manifest, again: new Set(), budget, signal })
    if (count > 0) throw new Error(`${count} differences in what nobody has touched`)
  }
}

/** Milliseconds between two turns of whoever else is there. */
async function longestStall(work: () => Promise<void>): Promise<number> {
  const looking = { isOver: false }
  let longest = 0
  const others = async () => {
    while (!looking.isOver)
      longest = Math.max(longest, await timed(() => new Promise((resolve) => setImmediate(resolve))))
  }
  const waiting = others()
  await work()
  looking.isOver = true
  await waiting
  return longest
}

function ratio(figure: string, times: { ours: number[]; peer: number[] }, most: number): Result {
  const [ours, peer] = [median(times.ours), median(times.peer)]
  const judged = `ratio ${(ours / peer).toFixed(2)}`
  return { figure, ours, peer, unit: 'ms', judged, target: `≤ ${most}`, ok: ours / peer <= most }
}

export const driftTreesFigure: Figure = { name: 'drift-trees', run: looks }
