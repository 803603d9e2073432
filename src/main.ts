/** The program: hands the command line the real machine, and ends with its exit code. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import packageJson from '../package.json' with { type: 'json' }
import { startApp } from './app.ts'
import { systemClock } from './base/clock.ts'
import { outboundFetch } from './base/http.ts'
import { createFile, kindOfPath, readPieces, walkFolder } from './base/local-files.ts'
import {
  addressesOf,
  bindError,
  diskSpace,
  hasProgram,
  lookAt,
  mayWrite,
  nearestFolder,
} from './base/machine.ts'
import { type Assets, assetsBeside } from './base/platform.ts'
import { run } from './base/run.ts'
import { randomId } from './base/secrets.ts'
import type { ListenAddress, LocalFiles, Machine } from './cli/context.ts'
import { askOnTerminal, printed, readSecret, standardInput, standardScreens } from './cli/print.ts'
import { runCli } from './cli/run.ts'
import { Health } from './contract/shapes.ts'
import { loginFile } from './login-file.ts'
import { offline } from './offline.ts'

/** Runs one command line and ends the process; `assets` travel inside the executable or lie beside the checkout. */
export async function main(argv: readonly string[], assets: Assets): Promise<never> {
  const code = await runCli({
    argv,
    env: process.env,
    version: packageJson.version,
    ...standardScreens(),
    ask: askOnTerminal,
    secret: readSecret,
    input: standardInput,
    interrupted,
    fetch: outboundFetch,
    clock: systemClock,
    sha256: runningSha256,
    randomId,
    files,
    machine,
    serve: (options) => startApp({ ...options, assets }),
    openBrowser,
    offline,
    logins: loginFile(process.env),
  })
  await printed()
  process.exit(code)
}

const files: LocalFiles = {
  kind: kindOfPath,
  walk: walkFolder,
  read: readPieces,
  create: createFile,
  join,
}

const machine: Machine = {
  userId: process.getuid?.() ?? 0,
  look: lookAt,
  mayWrite: async (folder) => mayWrite(folder),
  space: diskSpace,
  nearestFolder,
  hasProgram: async (name) => hasProgram(name, process.env.PATH ?? ''),
  bindError: ({ hostname, port }) => bindError(hostname, port),
  addresses: addressesOf,
  answersAsFairlead,
  gateway: (data, asNginx) => offline.gateway({ data, asNginx }),
  https: (data) => offline.https({ data }),
  now: () => systemClock.now(),
}

function runningSha256() {
  const hash = createHash('sha256')
  return { update: (bytes: Uint8Array) => void hash.update(bytes), hex: () => hash.digest('hex') }
}

const AT_ONCE = 130

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    let signals = 0
    const onSignal = () => {
      if (++signals > 1) process.exit(AT_ONCE)
      resolve()
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}

const ANSWER_MS = 2_000

/** Whether the health of a Fairlead is told at this address. */
async function answersAsFairlead({ hostname, port }: ListenAddress): Promise<boolean> {
  const host = hostname.includes(':') ? `[${hostname}]` : hostname
  try {
    const answer = await outboundFetch(`http://${host}:${port}/healthz`, {}, ANSWER_MS)
    return Health.safeParse(await answer.json()).success
  } catch {
    return false // whatever is there, it is none of ours
  }
}

/** Without a display, or without the program that opens pages, there is nothing to do and nothing to say. */
async function openBrowser(url: string): Promise<void> {
  const { platform, env } = process
  if (platform !== 'darwin' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return
  run([platform === 'darwin' ? 'open' : 'xdg-open', url]).catch(() => undefined)
}

if (import.meta.main) {
  const build = join(import.meta.dirname, '../build')
  await main(process.argv.slice(2), assetsBeside(build, ['page', 'docs']))
}
