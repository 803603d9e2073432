/** A bare Debian 12 below build/, made once, in which programs run with nothing of this machine but its network. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

const checkout = join(import.meta.dirname, '../..')
const debian = join(checkout, 'build/bookworm')

/** Installs Debian's minimal system from the mirror that this machine itself uses. */
export function bareMachine(): string {
  if (existsSync(debian)) return debian
  const aside = `${debian}.new`
  rmSync(aside, { recursive: true, force: true })
  mkdirSync(aside, { recursive: true })
  mustRun('debootstrap', ['--variant=minbase', 'bookworm', aside, ...ownMirror()])
  renameSync(aside, debian)
  return debian
}

/** The executable as it is now, built if need be. */
export function executable(): string {
  mustRun(process.execPath, [join(checkout, 'scripts/build.ts'), '--if-stale'])
  return join(checkout, 'dist/fairlead')
}

/** Starts a program inside: own processes and mounts, which end with it, and none of our environment. */
export function startInside(root: string, argv: string[], env: Record<string, string> = {}): ChildProcess {
  const walls = ['--mount', '--pid', '--fork', '--kill-child', `--root=${root}`, '--mount-proc=/proc']
  return spawn('unshare', [...walls, ...argv], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

export function outcome(child: ChildProcess): Promise<Outcome> {
  const read = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk) => (read.stdout += chunk))
  child.stderr?.on('data', (chunk) => (read.stderr += chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...read }))
  })
}

/** A loopback port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

function ownMirror(): string[] {
  for (const list of ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list']) {
    const text = existsSync(list) ? readFileSync(list, 'utf8') : ''
    const mirror = /^(?:URIs:|deb(?: \[.*?\])?)\s+(\S+)/m.exec(text)?.[1]
    if (mirror) return [mirror]
  }
  return []
}

function mustRun(program: string, args: string[]): void {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} failed (${error ?? status}):\n${stdout}${stderr}`)
}
