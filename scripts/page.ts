/** Builds the page into build/page; skips it when nothing changed since, unless `--force`. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

const root = join(import.meta.dirname, '..')
const SOURCES = ['src/web', 'src/contract', 'src/domain', 'src/base', 'vite.config.ts', 'package-lock.json']
const output = join(root, 'build/page')

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

function isFresh(): boolean {
  const index = join(output, 'index.html')
  if (!existsSync(index)) return false
  const builtAt = statSync(index).mtimeMs
  return SOURCES.flatMap((source) => filesBelow(join(root, source))).every(
    (file) => statSync(file).mtimeMs <= builtAt,
  )
}

if (process.argv.includes('--force') || !isFresh()) {
  await build({ configFile: join(root, 'vite.config.ts'), root: join(root, 'src/web'), logLevel: 'warn' })
  for (const file of filesBelow(output)) {
    const bytes = readFileSync(file)
    const name = file.slice(output.length + 1)
    process.stderr.write(`  ${name.padEnd(40)} ${bytes.length} B, gzipped ${gzipSync(bytes).length} B\n`)
  }
}
