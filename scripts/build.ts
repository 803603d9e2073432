/**
 * Makes dist/fairlead: one executable with server, command line, page, migrations and docs inside.
 *   --if-stale   nothing to do when it is newer than everything it is made of
 *   --target T   for another machine, such as bun-linux-arm64 or bun-linux-x64-musl: dist/fairlead-linux-arm64
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { filesBelow } from './assets.ts'

const root = join(import.meta.dirname, '..')
const entry = join(root, 'src/executable.gen.ts')
const { values: options } = parseArgs({
  options: { 'if-stale': { type: 'boolean' }, target: { type: 'string' } },
})
const suffix = options.target?.replace(/^bun/, '') ?? ''
const output = join(root, `dist/fairlead${suffix}`)

/** Everything that the executable is made of. */
const SOURCES = ['src', 'docs', 'scripts', 'vite.config.ts', 'package.json', 'package-lock.json']

function isFresh(): boolean {
  if (!existsSync(output)) return false
  const builtAt = statSync(output).mtimeMs
  return SOURCES.flatMap((source) => filesBelow(join(root, source)))
    .filter((file) => file !== entry)
    .every((file) => statSync(file).mtimeMs <= builtAt)
}

/** Runs Bun in the checkout; its own output is shown only when it fails. */
function bun(args: string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  if (status === 0) return
  process.stderr.write(`${stdout}${stderr}`)
  throw new Error(`bun ${args.slice(0, 4).join(' ')} … ended with ${status}`)
}

/** The entry of the executable: main with the assets that are embedded by being imported as files. */
function entryText(): string {
  const assets = filesBelow(join(root, 'build/page')).concat(filesBelow(join(root, 'build/docs')))
  const imports = assets.map(
    (path, index) => `import a${index} from '../${relative(root, path)}' with { type: 'file' }`,
  )
  const names = assets.map(
    (path, index) => `  [${JSON.stringify(relative(join(root, 'build'), path))}, a${index}],`,
  )
  return [
    ...imports,
    "import { main } from './main.ts'",
    '',
    'const assets = new Map<string, string>([',
    ...names,
    '])',
    'await main(process.argv.slice(2), assets)',
    '',
  ].join('\n')
}

function compile(): void {
  const workers = filesBelow(join(root, 'src')).filter((path) => path.endsWith('.worker.ts'))
  const flags = [
    '--compile',
    '--minify',
    '--bytecode',
    '--format=esm',
    ...(options.target ? [`--target=${options.target}`] : []),
  ]
  const aside = `${output}.new`
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(entry, entryText())
  try {
    bun(['build', ...flags, entry, ...workers, '--outfile', aside])
    renameSync(aside, output)
  } finally {
    rmSync(entry, { force: true })
    rmSync(aside, { force: true })
  }
}

if (!options['if-stale'] || !isFresh()) {
  bun(['scripts/page.ts', ...(options['if-stale'] ? [] : ['--force'])])
  compile()
}
const bytes = readFileSync(output)
const digest = createHash('sha256').update(bytes).digest('hex')
process.stdout.write(`${digest}  ${relative(root, output)}  ${(bytes.length / 1e6).toFixed(1)} MB\n`)
