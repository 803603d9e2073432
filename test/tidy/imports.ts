/** Rules about who may import whom (docs: the floors of the design). */
import { dirname } from 'node:path'
import type { Source } from './source.ts'

const FLOORS: Record<string, number> = {
  base: 0,
  domain: 1,
  ports: 2,
  contract: 2,
  store: 3,
  drivers: 3,
  engine: 4,
  api: 5,
  cli: 5,
  web: 5,
}
const TOP_FLOOR = 6
const DOMAIN_FROM_BASE = ['fault', 'limits', 'secrets']
/** Of `node:` these neither read nor change the world. */
const PURE_NODE = new Set(['node:crypto', 'node:path', 'node:buffer', 'node:util', 'node:zlib'])
const IMPURE_BASE = new Set(['src/base/platform.ts'])

/** `src/store/x.ts` → `store`; `src/app.ts` → ``. */
const folderOf = (path: string): string => /^src\/([^/]+)\//.exec(path)?.[1] ?? ''

const floorOf = (path: string): number | undefined =>
  folderOf(path) === '' ? TOP_FLOOR : FLOORS[folderOf(path)]

const srcOf = (sources: Source[]): Source[] => sources.filter(({ path }) => path.startsWith('src/'))

/** Imports go down only, and never sideways. */
export function floors(sources: Source[]): string[] {
  return srcOf(sources).flatMap((source) => {
    const floor = floorOf(source.path)
    if (floor === undefined) return [`${source.path} stands in a folder that has no floor.`]
    return source.imports.flatMap(({ file }) => {
      if (file === null || folderOf(file) === folderOf(source.path)) return []
      const below = file.startsWith('src/') ? floorOf(file) : undefined
      if (below === undefined) return [`${source.path} imports ${file}, which is no part of a floor.`]
      if (below > floor)
        return [`${source.path} (floor ${floor}) imports ${file} (floor ${below}): imports go down only.`]
      if (below === floor)
        return [`${source.path} imports ${file}: folders on one floor never import each other.`]
      return [...narrowed(source.path, file)]
    })
  })
}

function* narrowed(importer: string, file: string): Generator<string> {
  const name = /^src\/base\/([^/.]+)/.exec(file)?.[1]
  if (folderOf(importer) === 'domain' && !DOMAIN_FROM_BASE.includes(name ?? ''))
    yield `${importer} imports ${file}: the domain knows ${DOMAIN_FROM_BASE.join(', ')} of base only.`
  if (folderOf(importer) === 'engine' && folderOf(file) === 'drivers')
    yield `${importer} imports ${file}: the engine knows drivers as ports only.`
}

/** The domain and the faces that talk HTTP stay free of I/O. */
export function pureness(sources: Source[]): string[] {
  const all = new Map(sources.map((source) => [source.path, source]))
  return srcOf(sources).flatMap((source) => {
    const folder = folderOf(source.path)
    if (folder === 'domain')
      return source.imports
        .filter(({ specifier }) => specifier.startsWith('node:'))
        .map(({ specifier }) => `${source.path} imports ${specifier}: the domain is pure.`)
    if (folder !== 'cli' && folder !== 'web') return []
    return source.imports
      .filter(({ file, typeOnly }) => file !== null && !typeOnly && folderOf(file) !== folder)
      .flatMap(({ file }) => facePart(source.path, file ?? '', all))
  })
}

function facePart(importer: string, file: string, all: Map<string, Source>): string[] {
  if (!['base', 'domain', 'contract'].includes(folderOf(file)))
    return [`${importer} imports ${file}: cli and web know base, domain and contract only.`]
  const culprit = impureBelow(file, all, new Set())
  return culprit === null
    ? []
    : [`${importer} imports ${file}, which needs ${culprit}: cli and web take pure files only.`]
}

function impureBelow(path: string, all: Map<string, Source>, seen: Set<string>): string | null {
  if (IMPURE_BASE.has(path)) return path
  if (seen.has(path)) return null
  seen.add(path)
  for (const { specifier, file, typeOnly } of all.get(path)?.imports ?? []) {
    if (typeOnly) continue
    if (specifier.startsWith('node:') && !PURE_NODE.has(specifier)) return specifier
    const culprit = file === null ? null : impureBelow(file, all, seen)
    if (culprit !== null) return culprit
  }
  return null
}

/** No file reaches itself by imports, and no folder below src/ reaches itself by those of its files (subfolders are part of theirs). */
export function circles(sources: Source[]): string[] {
  const files = new Map(
    srcOf(sources).map(({ path, imports }) => [path, imports.flatMap(({ file }) => file ?? [])]),
  )
  const folders = new Map<string, string[]>()
  for (const [path, imported] of files) {
    const from = dirname(path)
    const away = imported.map((file) => dirname(file)).filter((folder) => !isWithin(from, folder))
    folders.set(from, [...(folders.get(from) ?? []), ...away])
  }
  return [
    ...circleOf(files).map((path) => `These files import each other in a circle: ${path}.`),
    ...circleOf(folders).map((path) => `These folders import each other in a circle: ${path}.`),
  ]
}

const isWithin = (a: string, b: string): boolean => `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`)

/** One circle of a graph, written out, or none. */
function circleOf(graph: Map<string, string[]>): string[] {
  const done = new Set<string>()
  const path: string[] = []
  const visit = (node: string): string | null => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node].join(' → ')
    if (done.has(node)) return null
    done.add(node)
    path.push(node)
    for (const next of graph.get(node) ?? []) {
      const circle = visit(next)
      if (circle !== null) return circle
    }
    path.pop()
    return null
  }
  for (const node of graph.keys()) {
    const circle = visit(node)
    if (circle !== null) return [circle]
  }
  return []
}

/** A file that nobody imports and that is no entry is dead; so is one that only tests import. */
export function deadFiles(sources: Source[]): string[] {
  const imported = new Set(
    sources
      .filter(({ path }) => !path.startsWith('test/'))
      .flatMap(({ path, imports }) => imports.flatMap(({ file }) => (file === path ? [] : (file ?? [])))),
  )
  const pages = sources.filter(({ path }) => path.endsWith('.html'))
  const isNamed = (path: string) =>
    pages.some(
      (page) =>
        path.startsWith(dirname(page.path)) && page.text.includes(path.slice(dirname(page.path).length)),
    )
  const workers = new Set(
    srcOf(sources).flatMap(({ text }) =>
      [...text.matchAll(/startWorker\('([^']+)'/g)].map(([, path]) => `src/${path}.ts`),
    ),
  )
  return srcOf(sources)
    .map(({ path }) => path)
    .filter((path) => /\.(tsx?|sql|css)$/.test(path) && !path.endsWith('.d.ts') && path !== 'src/main.ts')
    .filter((path) => !imported.has(path) && !isNamed(path) && !workers.has(path))
    .map((path) => `${path} is dead: nothing but tests imports it, and it is no entry.`)
}
