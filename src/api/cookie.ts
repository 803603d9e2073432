/** The cookie of a session (RFC 6265bis): for this host alone, out of reach of scripts. */

export interface CookieOptions {
  /** Whether people reach the page by HTTPS: then the browser itself holds the cookie to this host (`__Host-`). */
  secure: boolean
}

export const cookieNameOf = ({ secure }: CookieOptions, purpose = ''): string =>
  `${secure ? '__Host-' : ''}fairlead${purpose}`

/** The value of a cookie; null when it is not there, or twice: one of them was planted then. */
export function cookieOf(request: Request, name: string): string | null {
  const values = (request.headers.get('cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
  return values.length === 1 ? (values[0] ?? null) : null
}

export function setCookie(
  options: CookieOptions,
  cookie: { name: string; value: string; maxAgeSeconds: number },
): string {
  const { name, value, maxAgeSeconds } = cookie
  const parts = [`${name}=${value}`, 'Path=/', `Max-Age=${maxAgeSeconds}`, 'HttpOnly', 'SameSite=Lax']
  return [...parts, ...(options.secure ? ['Secure'] : [])].join('; ')
}

export const clearCookie = (options: CookieOptions, name: string): string =>
  setCookie(options, { name, value: '', maxAgeSeconds: 0 })
