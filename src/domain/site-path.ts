/** Which entries of an archive become files of the site, and under which path (DESIGN §4). Pure. */

export interface Placement {
  /** The single top folder that held everything; null when there was none. */
  strippedFolder: string | null
  /** For each entry, in order: its path below the site's root; null when it was dropped or is a folder. */
  paths: (string | null)[]
  dropped: string[]
  droppedCount: number
}

const DROPPED_SHOWN = 100
const DROPPED_NAMES = new Set(['.DS_Store', 'Thumbs.db'])

/** Litter that file managers and git leave in archives. */
export function isLitter(name: string): boolean {
  return (
    name === '__MACOSX' ||
    name.startsWith('__MACOSX/') ||
    name === 'pax_global_header' ||
    DROPPED_NAMES.has(name.slice(name.lastIndexOf('/') + 1))
  )
}

/** Drops litter, then strips a single top folder that holds everything. A property of the bundle, never an option. */
export function placeEntries(entries: readonly { name: string; directory: boolean }[]): Placement {
  const litter = entries.filter((entry) => isLitter(entry.name))
  const strippedFolder = singleTopFolder(entries)
  const skip = strippedFolder === null ? 0 : strippedFolder.length + 1
  return {
    strippedFolder,
    paths: entries.map((entry) => (entry.directory || isLitter(entry.name) ? null : entry.name.slice(skip))),
    dropped: litter.slice(0, DROPPED_SHOWN).map((entry) => entry.name),
    droppedCount: litter.length,
  }
}

function singleTopFolder(entries: readonly { name: string; directory: boolean }[]): string | null {
  let top: string | null = null
  for (const entry of entries) {
    if (isLitter(entry.name)) continue
    const slash = entry.name.indexOf('/')
    if (slash === -1 && !entry.directory) return null
    const first = slash === -1 ? entry.name : entry.name.slice(0, slash)
    if (top !== null && first !== top) return null
    top = first
  }
  return top
}

/** Dotfiles other than `.well-known` are stored but never served (DESIGN §6). */
export function isHidden(path: string): boolean {
  return path
    .split('/')
    .some((segment, index) => segment.startsWith('.') && !(index === 0 && segment === '.well-known'))
}

/** Paths that the platform answers itself, whatever a bundle holds there. */
export function isReserved(path: string): boolean {
  return path.startsWith('.well-known/acme-challenge/') || path === '.well-known/fairlead'
}

/** Extensions of such files. */
export const COMPRESSIBLE: ReadonlySet<string> = new Set(
  (
    'atom bmp cjs css csv cur eot geojson gltf htm html ico ics js json jsonld jsx less map markdown md mjs ' +
    'otf pgf plist rdf rss rtf scss sql svg tex text topojson toml ts tsv tsx ttf txt usda vcf vtt wasm ' +
    'webmanifest xhtml xml xsd xsl xslt yaml yml'
  ).split(' '),
)

/** Whether a file of this name is worth a `.gz` sibling: text and a few others that gzip makes smaller. */
export function isCompressible(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot > 0 && COMPRESSIBLE.has(name.slice(dot + 1).toLowerCase())
}

/** Sentences for the deployment's log about a bundle that is accepted although something in it may surprise. */
export function siteWarnings(paths: readonly string[]): string[] {
  const warnings: string[] = []
  const hidden = paths.filter(isHidden)
  const reserved = paths.filter(isReserved)
  if (!paths.includes('index.html'))
    warnings.push('There is no index.html at the top of the site, so its address "/" answers 404.')
  if (hidden.length > 0)
    warnings.push(`${counted(hidden)} below a name that begins with a dot: stored, but never served.`)
  if (reserved.length > 0)
    warnings.push(`${counted(reserved)} below a path that Fairlead answers itself: stored, but never served.`)
  return warnings
}

function counted(paths: readonly string[]): string {
  const [first = ''] = paths
  return paths.length === 1 ? `"${first}" lies` : `"${first}" and ${paths.length - 1} more files lie`
}
