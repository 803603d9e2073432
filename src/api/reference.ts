/** /docs: the API reference page (Swagger UI, from our own files) and the list of problem codes. */
import { type Assets, readAsset } from '../base/platform.ts'
import { PROBLEMS } from '../contract/problem.ts'
import { API_ROOT } from './openapi.ts'
import { document, type PageFiles } from './page.ts'

const SCRIPT = `SwaggerUIBundle({
  url: '${API_ROOT}/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  // No word to anybody else: the validator badge would send the document to a server of its makers.
  validatorUrl: null,
})
`

/** The reference, and links to the guides that travel with it. */
function referencePage(assets: Assets): string {
  const hasViewer = assets.has('docs/swagger-ui-bundle.js')
  const guides = [...assets.keys()].filter((name) => /^docs\/[\w-]+\.md$/.test(name)).toSorted()
  return document({
    title: 'Fairlead API',
    head: hasViewer
      ? `<link rel="stylesheet" href="/docs/swagger-ui.css">
<script src="/docs/swagger-ui-bundle.js" defer></script>
<script src="/docs/reference.js" defer></script>`
      : '',
    body: `<noscript><p>The viewer needs JavaScript; the reference itself is
<a href="${API_ROOT}/openapi.json">openapi.json</a>.</p></noscript>
<div id="reference">${
      hasViewer
        ? ''
        : `<h1>Fairlead API</h1>
<p>The reference is <a href="${API_ROOT}/openapi.json">openapi.json</a> (OpenAPI 3.1). The viewer is not part of this build.</p>`
    }</div>
<ul><li><a href="/docs/problems">What problem codes mean</a></li>
${guides.map((name) => `<li><a href="/${name}">${name.slice('docs/'.length)}</a></li>`).join('\n')}</ul>`,
  })
}

const problemsPage = (): string =>
  document({
    title: 'Fairlead problem codes',
    body: `<h1>Problem codes</h1>
<p>Every error answers a problem document (RFC 9457) whose <code>code</code> is one of these. <code>detail</code> says what
failed and on which thing, <code>hint</code> what to do about it, <code>errors</code> which fields are wrong.</p>
<dl>
${Object.entries(PROBLEMS)
  .map(
    ([code, { status, title }]) => `<dt id="${code}"><code>${code}</code></dt><dd>${status}: ${title}.</dd>`,
  )
  .join('\n')}
</dl>
<p><a href="/docs">API reference</a></p>`,
  })

/** The answer for a path below /docs; null for every other path. */
export function referenceAnswer(
  request: Request,
  path: string,
  from: { assets: Assets; files: PageFiles },
): Response | null {
  const { assets, files } = from
  if (path === '/docs' || path === '/docs/') return files.file(request, 'docs.html', referencePage(assets))
  if (path === '/docs/problems') return files.file(request, 'problems.html', problemsPage())
  if (path === '/docs/reference.js') return files.file(request, 'reference.js', SCRIPT)
  const name = path.slice(1)
  const bytes = name.startsWith('docs/') ? readAsset(assets, name) : null
  return bytes && files.file(request, name, bytes)
}
