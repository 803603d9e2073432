import type { HtmlHandling } from '../environment.ts'
import type { SitePath } from './path.ts'

/** Is there a file of this name in the site? Names have no leading slash. */
export type IsFile = (name: string) => boolean

/** Paths that name the file behind a page. */
const SPELLED = /\/index(\.html)?$|\.html$/

export type HtmlAnswer = { file: string } | { redirect: SitePath }

/**
 * What Cloudflare's four words make of a path
 * (https://developers.cloudflare.com/workers/static-assets/routing/advanced/html-handling/): the file that answers
 * it, or the one canonical path that does; null: neither. A redirect always leads to a file in one step.
 */
export function answerHtml(word: HtmlHandling, path: SitePath, isFile: IsFile): HtmlAnswer | null {
  const own = path.endsWith('/') ? null : existing(path, isFile)
  if (word === 'none') return own === null ? null : { file: own }
  if (own !== null && path.endsWith('/index')) return { file: own }
  const spelled = SPELLED.exec(path)
  if (spelled) {
    const redirect = canonical({ word, path, bare: path.slice(0, spelled.index), own }, isFile)
    if (redirect !== null) return { redirect }
    if (own !== null) return { file: own }
  }
  const file = direct(word, path, isFile)
  if (file !== null) return { file }
  const bare = path.endsWith('/') ? path.slice(0, -1) : path
  const redirect = canonical({ word, path, bare, own: null }, isFile)
  return redirect === null ? null : { redirect }
}

/** The file that answers this very path, without a redirect. */
function direct(word: HtmlHandling, path: SitePath, isFile: IsFile): string | null {
  if (path === '/') return existing('/index.html', isFile)
  if (path.endsWith('/')) {
    if (word === 'drop-trailing-slash') return null
    const index = existing(`${path}index.html`, isFile)
    return index ?? (word === 'force-trailing-slash' ? existing(`${path.slice(0, -1)}.html`, isFile) : null)
  }
  const exact = existing(path, isFile)
  if (exact !== null || word === 'force-trailing-slash') return exact
  const page = existing(`${path}.html`, isFile)
  return page ?? (word === 'drop-trailing-slash' ? existing(`${path}/index.html`, isFile) : null)
}

interface Spelling {
  word: HtmlHandling
  path: SitePath
  /** The path without `/index.html`, `/index`, `.html` or the last slash. */
  bare: string
  /** The file of exactly this path, which may only be left for a path that serves the same file. */
  own: string | null
}

function canonical({ word, path, bare, own }: Spelling, isFile: IsFile): SitePath | null {
  for (const destination of destinations(word, bare)) {
    // Nobody is sent to a path that would send him on.
    if (destination === path || SPELLED.test(destination)) continue
    const shadowed = !destination.endsWith('/') && existing(destination, isFile) !== null
    const file = shadowed ? null : direct(word, destination, isFile)
    if (file !== null && (own === null || own === file)) return destination
  }
  return null
}

function destinations(word: HtmlHandling, bare: string): SitePath[] {
  if (bare === '') return ['/']
  if (word === 'force-trailing-slash') return [`${bare}/`]
  return word === 'drop-trailing-slash' ? [bare] : [`${bare}/`, bare]
}

const existing = (path: SitePath, isFile: IsFile): string | null =>
  isFile(path.slice(1)) ? path.slice(1) : null
