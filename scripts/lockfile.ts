/**
 * Completes the lock files after `npm install`: optional packages of other platforms that a registry did not offer
 * are left out by npm, and then its own `npm ci` (11 and later) refuses the file. Each gets an entry with its version
 * and platform, so that it is passed over here and can be had where it is needed.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { missingOptionals } from '../test/tidy/lockfile.ts'

for (const name of ['package-lock.json', 'test/sites/package-lock.json']) {
  const path = new URL(`../${name}`, import.meta.url)
  const lock = JSON.parse(readFileSync(path, 'utf8'))
  const missing = missingOptionals(lock)
  for (const { name: dependency, version, dev } of missing)
    lock.packages[`node_modules/${dependency}`] = {
      version,
      ...platform(dependency),
      ...(dev && { dev }),
      optional: true,
    }
  lock.packages = Object.fromEntries(
    Object.entries(lock.packages).toSorted(([a], [b]) => a.localeCompare(b, 'en')),
  )
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
  process.stdout.write(`${missing.length} entries added to ${name}\n`)
}

/** `os`, `cpu` and `libc` as such packages have them in their names: `binding-linux-arm64-musl`. */
function platform(name: string): Record<string, string[]> {
  const os = /android|darwin|freebsd|openharmony|win32|linux/.exec(name)?.[0]
  const cpu = /arm64|x64|ia32|ppc64|riscv64|s390x|wasm32|arm(?=-)/.exec(name)?.[0]
  return {
    ...(cpu && { cpu: [cpu] }),
    ...(os && { os: [os] }),
    ...(os === 'linux' && { libc: [name.includes('musl') ? 'musl' : 'glibc'] }),
  }
}
