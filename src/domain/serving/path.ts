import { isHidden as isDotfile, isReserved } from '../site-path.ts'

/**
 * A request's path as the rules see it: percent-decoded once, `//` merged, `.` and `..` resolved, beginning with
 * `/`, with a trailing `/` where the request had one. NGINX normalises in the same way before it looks for a file.
 */
export type SitePath = string

export type ReadPath = { path: SitePath } | { status: 400 | 404 }

/**
 * Reads the path of a request line. 400: broken percent-encoding, a NUL, or `..` beyond the root; 404: bytes that
 * are no UTF-8 and so can't name a file of a bundle.
 */
export function readPath(encoded: string): ReadPath {
  if (!encoded.startsWith('/') || /%(?![0-9a-f]{2})/i.test(encoded)) return { status: 400 }
  if (/%00|\0/.test(encoded)) return { status: 400 }
  let decoded: string
  try {
    decoded = decodeURIComponent(encoded)
  } catch {
    return { status: 404 }
  }
  const kept: string[] = []
  let folder = false
  for (const segment of decoded.split('/').slice(1)) {
    folder = segment === '' || segment === '.' || segment === '..'
    if (segment === '..' && kept.pop() === undefined) return { status: 400 }
    if (!folder) kept.push(segment)
  }
  return { path: `/${kept.join('/')}${folder && kept.length > 0 ? '/' : ''}` }
}

/**
 * Percent-encodes what RFC 3986 §3.3 does not allow in a path, and `&`, `+` and `;`, which mean something in a query; `/`
 * stays, and so do the brackets that frameworks have in the names of their files. So does NGINX (ngx_escape_uri).
 */
export function encodePath(path: string): string {
  return encodeURIComponent(path.toWellFormed()).replace(/%(2F|24|2C|3D|3A|40|5B|5D)/g, (escape) =>
    decodeURIComponent(escape),
  )
}

/**
 * Never served, whatever a tree holds: dotfiles other than `.well-known`, editors' copies (`x~`), the rules themselves,
 * and what the platform answers.
 */
export function isHidden(path: SitePath): boolean {
  const name = path.slice(1)
  return (
    name === '_headers' ||
    name === '_redirects' ||
    isDotfile(name) ||
    isReserved(name) ||
    /~(\/|$)/.test(name)
  )
}

/** The last segment's extension in lower case, without the dot; '' when it has none. */
export function extension(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot < 1 ? '' : name.slice(dot + 1).toLowerCase()
}
