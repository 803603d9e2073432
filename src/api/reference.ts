/** /docs: the API reference page (Swagger UI, from our own files), the list of problem codes, and the guides. */
import { type Assets, readAsset } from '../base/platform.ts'
import { PROBLEMS } from '../contract/problem.ts'
import { API_ROOT } from './openapi.ts'
import { document, type PageFiles } from './page.ts'

const SCRIPT = `const root = document.documentElement
const system = matchMedia('(prefers-color-scheme: dark)')
const follow = () => {
  let chosen = null
  try {
    chosen = localStorage.getItem('mantine-color-scheme-value')
  } catch {
    // storage is closed to us: the system decides
  }
  const isDark = chosen === 'dark' || (chosen !== 'light' && system.matches)
  root.dataset.scheme = isDark ? 'dark' : 'light'
  root.classList.toggle('dark-mode', isDark)
}
follow()
system.addEventListener('change', follow)
if (document.getElementById('reference'))
  SwaggerUIBundle({
    url: '${API_ROOT}/openapi.json',
    dom_id: '#reference',
    deepLinking: true,
    docExpansion: 'list',
    filter: true,
    defaultModelsExpandDepth: 0,
    // Keys that are entered are forgotten with the page.
    persistAuthorization: false,
    // No word to anybody else: the validator badge would send the document to a server of its makers.
    validatorUrl: null,
  })
`

interface Place {
  address: string
  title: string
}

const REFERENCE: Place = { address: '/docs', title: 'API reference' }
const GUIDES: Place = { address: '/docs/guides', title: 'Guides' }
const CODES: Place = { address: '/docs/problems', title: 'Problem codes' }

/** `isBuilt`: the style and the script are there to be linked. */
function docsDocument(here: Place, given: { head?: string; body: string; isBuilt: boolean }): string {
  const links = [REFERENCE, GUIDES, CODES].map(
    ({ address, title }) =>
      `<a href="${address}"${address === here.address ? ' aria-current="page"' : ''}>${title}</a>`,
  )
  return document({
    title: here.address === REFERENCE.address ? 'Fairlead API' : `${here.title} · Fairlead`,
    head: given.isBuilt
      ? `<link rel="stylesheet" href="/docs/docs.css">
${given.head ?? ''}<script src="/docs/reference.js" defer></script>`
      : '',
    body: `<nav aria-label="Docs"><a href="/">Fairlead</a>${links.join('\n')}</nav>\n${given.body}`,
  })
}

/** A guide as a page; the build makes one of each file in docs/. `html` is ours. */
export const guideDocument = ({ title, html }: { title: string; html: string }): string =>
  docsDocument({ address: '', title }, { isBuilt: true, body: `<main class="guide">${html}</main>` })

const VIEWER = `<link rel="stylesheet" href="/docs/swagger-ui.css">
<script src="/docs/swagger-ui-bundle.js" defer></script>
`

const isBuilt = (assets: Assets): boolean => assets.has('docs/docs.css')

/** The guides that travel with the program. */
function guidesOf(assets: Assets): Place[] {
  return [...assets.keys()]
    .filter((name) => name.startsWith('docs/') && name.endsWith('.html'))
    .toSorted()
    .map((name) => ({
      address: `/${name.slice(0, -'.html'.length)}`,
      title: /<title>(.*) · Fairlead<\/title>/.exec(readAsset(assets, name)?.toString() ?? '')?.[1] ?? name,
    }))
}

function referencePage(assets: Assets): string {
  const built = isBuilt(assets)
  const reference = built
    ? '<div id="reference"></div>'
    : `<main class="guide"><h1>Fairlead API</h1>
<p>The reference is <a href="${API_ROOT}/openapi.json">openapi.json</a> (OpenAPI 3.1). The viewer is not part of this build.</p></main>`
  return docsDocument(REFERENCE, {
    isBuilt: built,
    head: VIEWER,
    body: `<noscript><p>The viewer needs JavaScript; the reference itself is
<a href="${API_ROOT}/openapi.json">openapi.json</a>.</p></noscript>
${reference}`,
  })
}

const guidesPage = (assets: Assets): string =>
  docsDocument(GUIDES, {
    isBuilt: isBuilt(assets),
    body: `<main class="guide"><h1>Guides</h1>
<ul>${guidesOf(assets)
      .map(({ address, title }) => `<li><a href="${address}">${title}</a></li>`)
      .join('\n')}</ul></main>`,
  })

const problemsPage = (assets: Assets): string =>
  docsDocument(CODES, {
    isBuilt: isBuilt(assets),
    body: `<main class="guide"><h1>Problem codes</h1>
<p>Every error answers a problem document (RFC 9457) whose <code>code</code> is one of these. <code>detail</code> says what
failed and on which thing, <code>hint</code> what to do about it, <code>errors</code> which fields are wrong.</p>
<dl>
${Object.entries(PROBLEMS)
  .map(
    ([code, { status, title }]) => `<dt id="${code}"><code>${code}</code></dt><dd>${status}: ${title}.</dd>`,
  )
  .join('\n')}
</dl></main>`,
  })

/** The answer for a path below /docs; null for every other path. */
export function referenceAnswer(
  request: Request,
  path: string,
  from: { assets: Assets; files: PageFiles },
): Response | null {
  const { assets, files } = from
  if (path === '/docs' || path === '/docs/') return files.file(request, 'docs.html', referencePage(assets))
  if (path === GUIDES.address) return files.file(request, 'guides.html', guidesPage(assets))
  if (path === CODES.address) return files.file(request, 'problems.html', problemsPage(assets))
  if (path === '/docs/reference.js') return files.file(request, 'reference.js', SCRIPT)
  if (!path.startsWith('/docs/')) return null
  const name = path.slice(1)
  const guide = `${name}.html`
  const found = assets.has(guide) ? guide : name
  const bytes = readAsset(assets, found)
  return bytes && files.file(request, found, bytes)
}
