/** Real built sites: three packages as they are published, and two that are built here. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

const here = import.meta.dirname

export interface RealSite {
  name: string
  /** The folder that is zipped, deployed and compared. */
  folder: string
}

/** Installs and builds what is missing or stale; the lock file pins every version. */
export function realSites(): RealSite[] {
  install()
  build('app', 'vite')
  build('guide', 'vitepress')
  return [
    { name: 'swagger-ui', folder: join(here, 'node_modules/swagger-ui-dist') },
    { name: 'monaco-editor', folder: join(here, 'node_modules/monaco-editor/min/vs') },
    { name: 'svg-icons', folder: join(here, 'node_modules/@fluentui/svg-icons') },
    { name: 'app', folder: join(here, 'built/app') },
    { name: 'guide', folder: join(here, 'built/guide') },
  ]
}

/** Paths of all files below a folder, relative to it, sorted. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted()
}

/** Zips a folder's content as people do. */
export function zip(folder: string, archive: string): void {
  runOrThrow('zip', ['-q', '-r', '-X', archive, '.'], folder)
}

function install(): void {
  const installed = join(here, 'node_modules/.package-lock.json')
  const wanted = join(here, 'package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return
  runOrThrow('npm', ['ci'], here)
}

function build(site: string, builder: 'vite' | 'vitepress'): void {
  const index = join(here, 'built', site, 'index.html')
  const sources = filesOf(join(here, site)).filter((path) => !path.startsWith('.vitepress/cache/'))
  const newest = Math.max(...sources.map((path) => statSync(join(here, site, path)).mtimeMs))
  if (existsSync(index) && statSync(index).mtimeMs >= newest) return
  runOrThrow(process.execPath, [`node_modules/${builder}/bin/${builder}.js`, 'build', site], here)
}

function runOrThrow(program: string, args: string[], cwd: string): void {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')} failed (${error ?? status}):\n${stdout}${stderr}`)
}
