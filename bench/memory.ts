/** Resident memory: at rest, and while an archive of 1 GiB arrives and goes live. */
import { randomFillSync } from 'node:crypto'
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
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
import { upload, withServer } from './server.ts'

const ROUNDS = 5
const FILES = 16
/** With the ZIP's own bytes just below 1 GiB, which is what an archive may have. */
const FILE_BYTES = 64 * 1024 * 1024 - 64 * 1024

async function memory(): Promise<Result[]> {
  const idle: number[] = []
  const above: number[] = []
  for (let round = 0; round < ROUNDS; round++)
    await withServer(async (server, folder) => {
      const archive = join(folder, 'large.zip')
      await largeArchive(folder, archive)
      await server.call('POST', '/services', { name: 'large' })
      const resting = await restingBytes(server.pid)
      idle.push(megabytes(resting))
      forgetPeak(server.pid)
      await upload(server, 'large', archive)
      above.push(megabytes(peakBytes(server.pid) - resting))
    })
  return [
    { figure: 'resident memory at rest', ...most(median(idle), 90) },
    { figure: 'peak above it while 1 GiB arrives and goes live', ...most(median(above), 64) },
  ]
}

const most = (ours: number, target: number): Omit<Result, 'figure'> => ({
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
