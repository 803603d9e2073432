/** What every figure is made of: pairs in turn, medians, and how much memory a process holds. */
import { type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

export interface Result {
  figure: string
  /** Our median and the named peer's, both in `unit`. */
  ours: number
  peer: number | null
  unit: 'ms' | 'MB' | 'B' | ''
  /** What is held against the target, in words: `ratio 0.62`. */
  judged: string
  target: string
  ok: boolean
}

export interface Figure {
  name: string
  run(options: { seconds: number }): Promise<Result[]>
}

export const PAIRS = 5

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
}

export const percentile = (values: number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN

type Timed = (round: number) => Promise<number>

/** Ours and the peer in turn, after a `sync` each; both give the milliseconds of what counts. */
export async function inPairs(
  ours: Timed,
  peer: Timed,
  pairs = PAIRS,
): Promise<{ ours: number[]; peer: number[] }> {
  const times = { ours: [] as number[], peer: [] as number[] }
  for (let round = 0; round < pairs; round++) {
    const turns = [['ours', ours] as const, ['peer', peer] as const]
    // Who goes first changes, so that neither always finds the caches of the other.
    for (const [who, timed] of round % 2 === 0 ? turns : turns.toReversed()) {
      spawnSync('sync')
      times[who].push(await timed(round))
    }
  }
  return times
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

/** Runs a program to its end without blocking this process; throws with its output when it fails. */
export function must(argv: [string, ...string[]], options: SpawnOptions = {}): Promise<string> {
  const [program, ...args] = argv
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${argv.join(' ')} ended with ${code}:\n${output}`)),
    )
  })
}

const status = (pid: number, field: string): number => {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN) * 1024
}

/** Resident memory of a process now, in bytes. */
export const residentBytes = (pid: number): number => status(pid, 'VmRSS')

/** The most it held since `forgetPeak`, in bytes, as the kernel counts it. */
export const peakBytes = (pid: number): number => status(pid, 'VmHWM')
export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5')

export const descriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

/** Waits until resident memory moves less than 1 % a second, at most 20 s; answers it. */
export async function restingBytes(pid: number): Promise<number> {
  for (let round = 0, before = 0; round < 20; round++) {
    const now = residentBytes(pid)
    if (Math.abs(now - before) < now / 100) return now
    before = now
    await Bun.sleep(1000)
  }
  return residentBytes(pid)
}

export const megabytes = (bytes: number): number => bytes / 1e6
