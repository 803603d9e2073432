/** Builds the page into build/page, unless nothing changed since (`--force` builds it anyhow), and gathers the docs beside it. */
import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { filesBelow, gatherDocs } from './assets.ts'

const root = join(import.meta.dirname, '..')
const SOURCES = ['src/web', 'src/contract', 'src/domain', 'src/base', 'vite.config.ts', 'package-lock.json']
const output = join(root, 'build/page')

function isFresh(): boolean {
  const index = join(output, 'index.html')
  if (!existsSync(index)) return false
  const builtAt = statSync(index).mtimeMs
  return SOURCES.flatMap((source) => filesBelow(join(root, source))).every(
    (file) => statSync(file).mtimeMs <= builtAt,
  )
}

if (process.argv.includes('--force') || !isFresh()) {
  // Whoever calls: a test runner's NODE_ENV would build React's development version.
  process.env.NODE_ENV = 'production'
  const fresh = `${output}.${process.pid}`
  await build({
    configFile: join(root, 'vite.config.ts'),
    root: join(root, 'src/web'),
    logLevel: 'warn',
    build: { outDir: fresh },
  })
  // At once, since a running server reads from here.
  const old = `${fresh}.old`
  if (existsSync(output)) renameSync(output, old)
  renameSync(fresh, output)
  rmSync(old, { recursive: true, force: true })
  for (const file of filesBelow(output)) {
    const bytes = readFileSync(file)
    const name = file.slice(output.length + 1)
    process.stderr.write(`  ${name.padEnd(40)} ${bytes.length} B, gzipped ${gzipSync(bytes).length} B\n`)
  }
}
gatherDocs()
