/** The page's addresses: its views over the history of the browser. */
import { type AnchorHTMLAttributes, type MouseEvent, useEffect, useRef, useSyncExternalStore } from 'react'

export type View =
  | { name: 'services' }
  | { name: 'service'; service: string }
  | { name: 'environment'; service: string; environment: string }
  | { name: 'deployment'; id: string }
  | {
      name:
        | 'profile'
        | 'users'
        | 'roles'
        | 'identity-providers'
        | 'audit'
        | 'settings'
        | 'drift'
        | 'setup'
        | 'invitation'
        | 'password-reset'
    }
  | { name: 'user'; id: string }
  | { name: 'unknown'; path: string }

export function viewOf(path: string): View {
  const parts = path.split('/').filter(Boolean)
  const [top, first, second] = parts
  if (parts.length === 0) return { name: 'services' }
  if (top === 'services' && parts.length === 1) return { name: 'services' }
  if (top === 'services' && first && parts.length === 2) return { name: 'service', service: first }
  if (top === 'services' && first && second && parts.length === 3)
    return { name: 'environment', service: first, environment: second }
  if (top === 'deployments' && first && parts.length === 2) return { name: 'deployment', id: first }
  if (top === 'users' && first && parts.length === 2) return { name: 'user', id: first }
  const alone = ALONE.find((name) => name === top)
  if (alone && parts.length === 1) return { name: alone }
  return { name: 'unknown', path }
}

const ALONE = [
  'profile',
  'users',
  'roles',
  'identity-providers',
  'audit',
  'settings',
  'drift',
  'setup',
  'invitation',
  'password-reset',
] as const

/** The names are of `[a-z0-9-]`, so nothing has to be escaped. */
export const pathTo = {
  services: () => '/',
  service: (service: string) => `/services/${service}`,
  environment: (service: string, environment: string) => `/services/${service}/${environment}`,
  deployment: (id: string) => `/deployments/${id}`,
  profile: () => '/profile',
  users: () => '/users',
  user: (id: string) => `/users/${id}`,
  roles: () => '/roles',
  identityProviders: () => '/identity-providers',
  audit: () => '/audit',
  settings: () => '/settings',
  drift: () => '/drift',
}

const MOVED = 'fairlead:moved'

export function go(path: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') history.pushState(null, '', path)
  else history.replaceState(null, '', path)
  dispatchEvent(new Event(MOVED))
  if (how === 'push') scrollTo(0, 0)
}

function watchPath(changed: () => void): () => void {
  addEventListener('popstate', changed)
  addEventListener(MOVED, changed)
  return () => {
    removeEventListener('popstate', changed)
    removeEventListener(MOVED, changed)
  }
}

export const usePath = (): string => useSyncExternalStore(watchPath, () => location.pathname)

/** An ordinary link that stays in the page; new tabs and downloads work as everywhere. */
export function Link({ href, onClick, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event)
    if (event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    go(href)
  }
  return <a {...rest} href={href} onClick={follow} />
}

/** The title of the window; and the heading gets the focus when a view was entered by a link. */
export function useTitle(title: string) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · Fairlead`
  }, [title])
  useEffect(() => {
    const active = document.activeElement
    if (hasMoved && (active === null || active === document.body || !active.isConnected))
      heading.current?.focus({ preventScroll: true })
    hasMoved = true
  }, [])
  return heading
}
let hasMoved = false

/** Only http and https become links; anything else stays text (X03). */
export function webAddress(text: string): string | null {
  const url = URL.parse(text)
  return url && (url.protocol === 'http:' || url.protocol === 'https:') ? url.href : null
}
