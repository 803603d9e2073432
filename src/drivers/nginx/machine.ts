import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import { run } from '../../base/run.ts'
import type { NginxMachine } from './layout.ts'

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/** Null: it is not there. */
export function textOf(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}

/** The machine that this process runs on. */
export const thisMachine: NginxMachine = {
  userId: process.getuid?.() ?? 0,
  isProgram(path) {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false // not there, or not for us to run
    }
  },
  isFolder,
  hasIpv6: (textOf('/proc/net/if_inet6') ?? '') !== '',
  async build(binary) {
    const { stdout, stderr } = await run([binary, '-V'])
    return `${stdout}\n${stderr}`
  },
}
