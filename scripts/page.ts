/** Builds the page into build/page, unless nothing changed since (`--force` builds it anyhow), and gathers the docs beside it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { filesBelow, gatherDocs, isFresh, replaceFolder } from './assets.ts'

const root = join(import.meta.dirname, '..')
const SOURCES = ['src/web', 'src/contract', 'src/domain', 'src/base', 'vite.config.ts', 'package-lock.json']
const output = join(root, 'build/page')

if (process.argv.includes('--force') || !isFresh(join(output, 'index.html'), SOURCES)) {
  // Whoever calls: a test runner's NODE_ENV would build React's development version.
  process.env.NODE_ENV = 'production'
  const fresh = `${output}.${process.pid}`
  await build({
    configFile: join(root, 'vite.config.ts'),
    root: join(root, 'src/web'),
    logLevel: 'warn',
    build: { outDir: fresh },
  })
  replaceFolder(fresh, output)
  for (const file of filesBelow(output)) {
    const bytes = readFileSync(file)
    const name = file.slice(output.length + 1)
    process.stderr.write(`  ${name.padEnd(40)} ${bytes.length} B, gzipped ${gzipSync(bytes).length} B\n`)
  }
}
gatherDocs()
