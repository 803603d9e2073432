/** A site as a service of Fairlead's: its folder, its settings, and the rules that go with it. */
import type { HtmlHandling, NotFoundHandling } from '../../environment.ts'
import { NAME_PATTERN } from '../../names.ts'
import type { HeaderBlock, ReadServer } from './found.ts'
import type { Obstacle } from './obstacle.ts'
import type { ImportedSite } from './unit.ts'

interface Around {
  hostname: string
  sites: ImportedSite[]
  taken: Set<string>
  notes: Set<string>
  obstacles: Obstacle[]
}

/** Names that are answered alike share one. */
export function siteOf(content: ReadServer, around: Around): ImportedSite {
  const { hostname, sites, taken, obstacles } = around
  const made = {
    root: content.root ?? '',
    htmlHandling: htmlHandlingOf(content),
    notFoundHandling: notFoundOf(content),
    headersText: headersText(content.headers),
    redirectsText: redirectsText(content),
  }
  for (const [why, remedy] of problemsOf(content))
    obstacles.push({
      file: content.server.file,
      line: content.server.line,
      directive: `server { … } (lines ${content.server.line} to ${content.server.lastLine})`,
      why,
      remedy,
      accept: null,
    })
  const same = sites.find(
    (site) => JSON.stringify({ ...site, service: '' }) === JSON.stringify({ service: '', ...made }),
  )
  if (same) return same
  const site = { service: serviceName(hostname, taken), ...made }
  sites.push(site)
  return site
}

/** `www.example.com` is the service `example-com`. */
export function serviceName(hostname: string, taken: Set<string>): string {
  const plain = hostname
    .replace(/^\*\./, 'any-')
    .replace(/^www\./, '')
    .replaceAll('.', '-')
  const short = plain.slice(0, LONGEST).replace(/-+$/, '')
  const name = NAME_PATTERN.test(short) ? short : 'site'
  for (let number = 1; ; number++) {
    const wish = number === 1 ? name : `${name.slice(0, LONGEST - 4)}-${number}`
    if (taken.has(wish)) continue
    taken.add(wish)
    return wish
  }
}

const LONGEST = 40

function* problemsOf({ root, index }: ReadServer): Generator<[why: string, remedy: string]> {
  if (root === null)
    yield ['no folder is said that its files lie in', 'Write its root, if it is a static site.']
  if (!index.includes('index.html'))
    yield [
      `the page of a folder is ${index.join(' ')}, and here it is index.html`,
      'Call the pages index.html, and say so (index index.html).',
    ]
}

/** All that NGINX can be told to try comes to one of two words. */
function htmlHandlingOf({ tried }: ReadServer): HtmlHandling {
  const finds = (word: string) => tried?.includes(word) === true
  return finds('$uri/index.html') && !finds('$uri/') ? 'drop-trailing-slash' : 'auto-trailing-slash'
}

const notFoundOf = ({ missing }: ReadServer): NotFoundHandling =>
  missing.kind === 'single-page'
    ? 'single-page-application'
    : missing.kind === 'page' && missing.path === '/404.html'
      ? '404-page'
      : 'none'

function headersText(blocks: readonly HeaderBlock[]): string | null {
  const all = blocks.find(({ pattern }) => pattern === '/*')
  const lines = blocks.flatMap((block) => [
    block.pattern,
    // NGINX sends there none of those of the whole site.
    ...(block === all ? [] : (all?.headers ?? []).map(({ name }) => `  ! ${name}`)),
    ...block.headers.map(({ name, value }) => `  ${name}: ${value}`),
  ])
  return lines.length === 0 ? null : `${lines.join('\n')}\n`
}

/** A rule of NGINX counts even where there is a file. */
function redirectsText({ rules, missing }: ReadServer): string | null {
  const lines = rules.map(({ from, to, status }) => `${from} ${to} ${status}!`)
  if (missing.kind === 'page' && missing.path !== '/404.html') lines.push(`/* ${missing.path} 404`)
  return lines.length === 0 ? null : `${lines.join('\n')}\n`
}
