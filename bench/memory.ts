/** Resident memory: at rest, and while an archive of 1 GiB arrives and goes live. */
import { randomFillSync } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Figure,
  forgetPeak,
  median,
  megabytes,
  must,
  peakBytes,
  type Result,
  restingBytes,
} from './measure.ts'
import { type Server, upload, withServer } from './server.ts'

const ROUNDS = 5
/** Files small enough to be asked for again when the deployment is verified; the ZIP stays below 1 GiB. */
const FILES = 136
const FILE_BYTES = 119 * 64 * 1024

async function memory(): Promise<Result[]> {
  const idle: number[] = []
  const arriving: number[] = []
  const whole: number[] = []
  for (let round = 0; round < ROUNDS; round++)
    await withServer(async (server, folder) => {
      const archive = join(folder, 'large.zip')
      await largeArchive(folder, archive)
      await server.call('POST', '/services', { name: 'large' })
      const resting = await restingBytes(server.pid)
      idle.push(megabytes(resting))
      forgetPeak(server.pid)
      const uploaded = upload(server, 'large', archive)
      arriving.push(megabytes((await peakUntilArrived(server, statSync(archive).size)) - resting))
      await uploaded
      whole.push(megabytes(peakBytes(server.pid) - resting))
    })
  return [
    most('resident memory at rest', median(idle), 90),
    most('peak above it while 1 GiB arrives', median(arriving), 64),
    most('peak above it until that is unpacked, verified and live', median(whole), 128),
  ]
}

/** The peak at the moment when the last byte lies on the disk. */
async function peakUntilArrived({ data, pid }: Server, size: number): Promise<number> {
  const staging = join(data, 'staging')
  const hasArrived = () =>
    readdirSync(staging)
      .map((name) => join(staging, name, 'archive'))
      .some((path) => existsSync(path) && statSync(path).size === size)
  while (!hasArrived()) await Bun.sleep(2)
  return peakBytes(pid)
}

const most = (figure: string, ours: number, target: number): Result => ({
  figure,
  ours,
  peer: null,
  unit: 'MB',
  judged: `${ours.toFixed(1)} MB`,
  target: `≤ ${target} MB`,
  ok: ours <= target,
})

async function largeArchive(folder: string, archive: string): Promise<void> {
  const content = join(folder, 'large')
  mkdirSync(content)
  const block = Buffer.alloc(64 * 1024)
  for (let file = 0; file < FILES; file++) {
    const fd = openSync(join(content, `${file}.bin`), 'w')
    for (let at = 0; at < FILE_BYTES; at += block.length) writeSync(fd, randomFillSync(block))
    closeSync(fd)
  }
  await must(['zip', '-q', '-r', '-0', archive, '.'], { cwd: content })
  await must(['rm', '-rf', content])
  await must(['sync'])
}

export const memoryFigure: Figure = { name: 'memory', run: memory }
