/**
 * Runs every test file in a process of its own, two at a time, each with an outer deadline, and counts:
 * `npm test`, or `npm test -- cli gateway` for the files whose path has one of the words.
 * What this machine lacks is skipped by name; with CI=true a skip is a failure.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Report, readReport, unfinished } from './test-report.ts'

const AT_ONCE = 2
const FILE_DEADLINE_MS = 12 * 60_000
const TEST_DEADLINE_MS = 60_000
/** Started first, since they take longest. */
const LONG = ['sites/', 'executable/', 'kill', 'power-cut', 'page/']

const root = join(import.meta.dirname, '..')
const isCi = process.env.CI === 'true'
const scratch = mkdtempSync(join(tmpdir(), 'fairlead-test-'))
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('FAIRLEAD_')),
)
/** The processes that run now; each leads a group of its own. */
const running = new Set<ChildProcess>()

function testFiles(words: string[]): string[] {
  const rank = (path: string) =>
    (LONG.findIndex((word) => path.includes(word)) + LONG.length + 1) % (LONG.length + 1)
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.test\.tsx?$/.test(path) && !/(^|\/)(node_modules|built)\//.test(path))
    .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
    .toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b))
}

interface Ended {
  code: number | null
  output: string
  isLate: boolean
}

function bun(args: string[], deadlineMs: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    running.add(child)
    const chunks: Buffer[] = []
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    let isLate = false
    const deadline = setTimeout(() => {
      isLate = true
      endGroup(child)
    }, deadlineMs)
    child.on('error', reject)
    // What the process left behind would keep its output open for ever.
    child.on('exit', () => endGroup(child))
    child.on('close', (code) => {
      clearTimeout(deadline)
      running.delete(child)
      resolve({ code, output: Buffer.concat(chunks).toString('utf8'), isLate })
    })
  })
}

/** Ends a process and whatever it left behind. */
function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // the group is gone already
  }
}

async function runFile(path: string): Promise<Report> {
  const startedAt = Date.now()
  const junit = join(scratch, `${path.replaceAll('/', '-')}.xml`)
  const args = ['test', `--timeout=${TEST_DEADLINE_MS}`, '--reporter=junit', `--reporter-outfile=${junit}`]
  const { code, output, isLate } = await bun([...args, `./test/${path}`], FILE_DEADLINE_MS)
  const report = isLate
    ? unfinished(output, `the file hung: it was ended after ${FILE_DEADLINE_MS / 60_000} minutes`)
    : readReport(junit, output, code)
  const skipped = report.skipped.length > 0 ? `, ${report.skipped.length} skipped` : ''
  const isGood = report.failed.length === 0
  if (!isGood) print(`\n${output.replace(/^\(pass\).*\n/gm, '').trimEnd()}\n`)
  print(
    `${isGood ? 'ok  ' : 'FAIL'} test/${path}  ${report.passed} passed${isGood ? '' : `, ${report.failed.length} failed`}${skipped}  ${((Date.now() - startedAt) / 1000).toFixed(1)} s`,
  )
  return report
}

/** What tests need built: the page with its assets, and the executable. */
async function prepare(): Promise<string[]> {
  const problems: string[] = []
  for (const script of ['scripts/page.ts', 'scripts/build.ts']) {
    if (!existsSync(join(root, script))) continue
    const args = script.endsWith('build.ts') ? [script, '--if-stale'] : [script]
    const { code, output } = await bun(args, FILE_DEADLINE_MS)
    if (code === 0) continue
    print(output)
    problems.push(`${script} ended with ${code}`)
  }
  return problems
}

async function main(words: string[]): Promise<number> {
  const total: Report = { passed: 0, failed: await prepare(), skipped: [] }
  const files = testFiles(words)
  if (files.length === 0) total.failed.push('no test file was found')
  const waiting = [...files]
  const worker = async () => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      const report = await runFile(path)
      const named = (names: string[]) => names.map((name) => `test/${path}: ${name}`)
      total.passed += report.passed
      total.failed.push(...named(report.failed))
      total.skipped.push(...named(report.skipped))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return summary(total)
}

function summary({ passed, failed, skipped }: Report): number {
  const failures = isCi
    ? [...failed, ...skipped.map((name) => `${name} (skipped, which CI must not do)`)]
    : failed
  if (!isCi && skipped.length > 0) print(`\nskipped:\n${skipped.map((name) => `  ${name}`).join('\n')}`)
  if (failures.length > 0) print(`\nfailed:\n${failures.map((name) => `  ${name}`).join('\n')}`)
  const tail = !isCi && skipped.length > 0 ? `, ${skipped.length} skipped` : ''
  print(`\n${passed} passed, ${failures.length} failed${tail}`)
  return failures.length === 0 ? 0 : 1
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    for (const child of running) endGroup(child)
    rmSync(scratch, { recursive: true, force: true })
    process.exit(1)
  })

const code = await main(process.argv.slice(2))
rmSync(scratch, { recursive: true, force: true })
process.exitCode = code
