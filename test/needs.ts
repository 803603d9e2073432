import { test } from 'bun:test'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

type Run = (name: string, body: () => void | Promise<void>, timeoutMs?: number) => void

/** Whether this machine has a program (looked for on the PATH and in the sbin folders), a file by its path or, by the word `root`, the rights. */
export function has(what: string): boolean {
  if (what === 'root') return process.getuid?.() === 0
  if (what.startsWith('/')) return existsSync(what)
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']
  return folders.some((folder) => existsSync(join(folder, what)))
}

/**
 * `needs('chromium')('opens the page', …)` is `test`, or a skip that names what is missing. The runner counts skips
 * by name, and in CI each one is a failure.
 */
export function needs(...all: string[]): Run {
  const missing = all.filter((what) => !has(what))
  if (missing.length === 0) return (name, body, timeoutMs) => test(name, body, timeoutMs)
  return (name, body, timeoutMs) =>
    test.skipIf(true)(`${name} [needs ${missing.join(', ')}]`, body, timeoutMs)
}
