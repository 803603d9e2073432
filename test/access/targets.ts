/** People to whom something is done by whoever may: each asked about once, since what is granted happens. */
import { ROUTES, type Route, type RouteName } from '../../src/contract/routes.ts'
import { EVERYWHERE } from '../../src/domain/access.ts'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import type { Asked } from '../api/app.ts'
import type { People } from './people.ts'

const DAY_MS = 86_400_000

/** What such a row takes when it is granted. */
const BODIES: Partial<Record<RouteName, object>> = {
  'users.update': { name: 'Another name' },
  'grants.create': { role: 'viewer', service: 'other' },
  'api-keys.create': { name: 'another' },
  'api-keys.update': { name: 'another' },
  'api-keys.rotate': {},
}

/** Rows whose verdict the handler gives: the gate lets in everybody who is somebody. */
export const isByHandler = ({ at, path, method }: Route): boolean =>
  at === 'list' && (path.includes('{') || method !== 'get')

export class Targets {
  private readonly people: People
  private readonly now: () => number
  private count = 0

  constructor(people: People, now: () => number) {
    this.people = people
    this.now = now
  }

  /** A call that concerns somebody new with this role, who has all that such a call could be about. */
  call(name: RouteName, role: string): { method: string; path: string; given: Asked } {
    const { store } = this.people
    const now = this.now()
    const login = `target${++this.count}@example.com`
    const user = store.users.create({ kind: 'person', login, name: 'Target', passwordHash: null, now })
    const grant = store.grants.add(user.id, { role, scope: EVERYWHERE, now })
    this.people.key(user)
    const { path, method }: Route = ROUTES[name] // as any row is
    const ids: Record<string, () => string> = {
      users: () => user.id,
      'api-keys': () => store.apiKeys.list({ limit: 1, after: null }, user.id)[0]?.id ?? '',
      invitations: () => this.invitation(role),
      // What is found is nobody's in particular.
      drift: () => 'everything',
    }
    const id = ids[path.split('/')[1] ?? '']
    if (!id) throw new Error(`say above of whom ${path} is`)
    const json = BODIES[name] && {
      ...BODIES[name],
      ...(name === 'api-keys.create' && { user: login }),
    }
    return {
      method: method.toUpperCase(),
      path: path.replace('{grant}', grant.id).replace('{id}', id()),
      given: json ? { json } : {},
    }
  }

  private invitation(role: string): string {
    const now = this.now()
    const login = `invited${this.count}@example.com`
    const given = { login, role, scope: EVERYWHERE, codeHash: login, invitedBy: LOCAL_ACTOR }
    return this.people.store.invitations.put({ ...given, now, expiresAt: now + DAY_MS }).id
  }
}
