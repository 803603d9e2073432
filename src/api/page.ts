/** The files of the page and of the reference, from the executable or a source checkout. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { type Assets, readAsset } from '../base/platform.ts'
import { acceptsGzip } from '../domain/serving/conditions.ts'
import { rangeOf } from './file.ts'
import { matches } from './reply.ts'

const MEDIA_TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  svg: 'image/svg+xml',
  png: 'image/png',
  ico: 'image/x-icon',
  txt: 'text/plain; charset=utf-8',
  md: 'text/plain; charset=utf-8',
  webmanifest: 'application/manifest+json',
  woff2: 'font/woff2',
}
const COMPRESSIBLE = /^(text|image\/svg|application\/(json|manifest))/
/** Vite puts a hash of the content into the names of this folder. */
const HASHED = 'page/assets/'
const COMPRESSED_FROM_BYTES = 1024

export class PageFiles {
  private readonly assets: Assets
  /** Compressed once each; the key is the hash of the content. */
  private readonly compressed = new Map<string, Buffer>()

  constructor(assets: Assets) {
    this.assets = assets
  }

  /** The answer for a path that the page owns; null for every other path. */
  answer(request: Request, path: string): Response | null {
    const name = this.nameOf(path)
    if (name === null) return null
    const bytes = readAsset(this.assets, name)
    if (bytes !== null) return this.file(request, name, bytes)
    return name === 'page/index.html' ? notBuilt() : null
  }

  /** A person who followed a wrong link gets the page, which says so in its own words; a program gets null. */
  unknown(request: Request): Response | null {
    const bytes = readAsset(this.assets, 'page/index.html')
    if (bytes === null || !request.headers.get('accept')?.includes('text/html')) return null
    const { body, headers } = this.file(new Request(request.url), 'page/index.html', bytes)
    return new Response(body, { status: 404, headers })
  }

  has(name: string): boolean {
    return this.assets.has(name)
  }

  file(request: Request, name: string, content: Buffer | string): Response {
    const bytes = Buffer.from(content)
    const type = MEDIA_TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
    const canShrink = COMPRESSIBLE.test(type) && bytes.length >= COMPRESSED_FROM_BYTES
    const shrinks =
      canShrink && acceptsGzip(request.headers.get('accept-encoding')) && !request.headers.has('range')
    const headers = {
      'content-type': type,
      'cache-control': name.startsWith(HASHED) ? 'public, max-age=31536000, immutable' : 'no-cache',
      etag: shrinks ? `"${hash}-gzip"` : `"${hash}"`,
      ...(canShrink && { vary: 'Accept-Encoding' }),
    }
    if (matches(request.headers.get('if-none-match'), headers.etag))
      return new Response(null, { status: 304, headers })
    if (!shrinks) return partOf(request, bytes, headers)
    const body = this.gzipped(hash, bytes)
    return bytesResponse(request, { status: 200, body, headers: { ...headers, 'content-encoding': 'gzip' } })
  }

  private nameOf(path: string): string | null {
    if (path === '/' || isView(path)) return 'page/index.html'
    const name = `page${path}`
    return this.assets.has(name) && name !== 'page/index.html' ? name : null
  }

  private gzipped(hash: string, bytes: Buffer): Buffer {
    const known = this.compressed.get(hash)
    if (known) return known
    const made = gzipSync(bytes)
    this.compressed.set(hash, made)
    return made
  }
}

/** The page's own addresses (its router): a name or an id after each slash. */
const isView = (path: string): boolean =>
  /^\/services(\/[a-z0-9-]{1,40}){0,2}$/.test(path) ||
  /^\/(deployments|users)\/[a-z0-9]{1,40}$/.test(path) ||
  /^\/(users|roles|identity-providers|audit|drift|settings|profile|setup|invitation|password-reset)$/.test(
    path,
  )

function partOf(request: Request, bytes: Buffer, given: Record<string, string>): Response {
  const headers = { ...given, 'accept-ranges': 'bytes' }
  const range = rangeOf(request.headers.get('range'), bytes.length)
  if (range === null) return bytesResponse(request, { status: 200, body: bytes, headers })
  if (range === 'unsatisfiable')
    return new Response(null, {
      status: 416,
      headers: { ...headers, 'content-range': `bytes */${bytes.length}` },
    })
  return bytesResponse(request, {
    status: 206,
    body: bytes.subarray(range.start, range.end),
    headers: { ...headers, 'content-range': `bytes ${range.start}-${range.end - 1}/${bytes.length}` },
  })
}

function bytesResponse(
  request: Request,
  given: { status: number; body: Buffer; headers: Record<string, string> },
): Response {
  const headers = { ...given.headers, 'content-length': String(given.body.length) }
  const body = request.method === 'HEAD' ? null : new Uint8Array(given.body)
  return new Response(body, { status: given.status, headers })
}

const notBuilt = (): Response =>
  new Response(
    document({
      title: 'Fairlead',
      body: `<h1>Fairlead runs</h1>
<p>Its page was not built yet. In a source checkout: <code>npm run page</code>, then reload.</p>
<p>The command line and the API work without it: <a href="/docs">API reference</a>.</p>`,
    }),
    { status: 503, headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' } },
  )

export interface PlainDocument {
  title: string
  head?: string
  body: string
}

/** A plain page of ours without any script of its own. All parts are HTML already. */
export const document = ({ title, head = '', body }: PlainDocument): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
${head}
</head>
<body>
${body}
</body>
</html>
`
