/** What each changing row of the route table tells the audit: a row without a case does not compile. */

import { createHash } from 'node:crypto'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { archiveOf, site } from '../api/app.ts'
import { CERTIFICATES } from './certificate-changes.ts'
import { DRIFT } from './drift-changes.ts'
import { FACTORS } from './factor-changes.ts'
import { IDENTITIES } from './identity-changes.ts'
import { type Case, type Changing, OWNER, PASSWORD, type Stage, withPassword } from './stage.ts'
import { URLS } from './url-changes.ts'

const ANOTHER = 'eight boats at anchor'
const WEB = '/services/web'
const PRODUCTION = `${WEB}/environments/production`
const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const codeOf = (url: string): string => new URL(url).hash.slice(1)

const SESSIONS = {
  'setup.complete': {
    tells: ['user.created', 'session.opened'],
    data: { after: { login: OWNER.login, role: 'owner' } },
    call: ({ app }) => ({
      path: '/setup',
      given: { json: { code: codeOf(app.setUpUrl ?? ''), ...OWNER } },
      by: OWNER.login,
    }),
  },
  'session.open': {
    tells: ['session.opened'],
    data: { methods: ['password'] },
    call: () => ({ path: '/session', given: { json: OWNER }, by: OWNER.login }),
  },
  // It speaks for a session that was told, and nothing of it is kept.
  'session.token': { tells: [], call: () => ({ path: '/session/token' }) },
  'session.end': {
    tells: ['session.ended'],
    call: async (at) => ({ path: '/session', given: { headers: await at.signedIn() } }),
  },
  'profile.update': {
    tells: ['user.changed'],
    data: { before: { name: 'ann' }, after: { name: 'Ann Harbour' } },
    call: () => ({ path: '/profile', given: { json: { name: 'Ann Harbour' } } }),
  },
  'profile.password': {
    tells: ['password.changed'],
    call: async (at) => {
      const { login, headers } = await withPassword(at)
      const json = { current: PASSWORD, new: ANOTHER }
      return { path: '/profile/password', given: { json, headers }, by: login }
    },
  },
  'profile.end-session': {
    tells: ['session.ended'],
    call: async (at) => {
      const { user, cookie } = await at.people.person(at.name('ends'))
      const id = at.people.store.sessions.of(user.id)[0]?.id
      return { path: `/profile/sessions/${id}`, given: { headers: cookie }, by: user.login }
    },
  },
  'profile.end-sessions': {
    tells: ['sessions.ended'],
    data: { ended: 1 },
    call: async (at) => {
      const { user } = await at.people.person(at.name('ends'))
      return { path: '/profile/sessions', given: { headers: at.people.session(user) }, by: user.login }
    },
  },
} satisfies Partial<Record<Changing, Case>>

const PLACES = {
  'services.create': {
    tells: ['service.created', 'environment.created'],
    data: { after: { name: 'shop' } },
    call: () => ({ path: '/services', given: { json: { name: 'shop' } } }),
  },
  'services.update': {
    tells: ['service.renamed'],
    call: async (at) => ({ path: `/services/${await at.service()}`, given: { json: { name: 'renamed' } } }),
    data: { after: { name: 'renamed' } },
  },
  'services.delete': {
    tells: ['service-deletion.queued'],
    call: async (at) => ({ path: `/services/${await at.service()}` }),
  },
  'environments.create': {
    tells: ['environment.created'],
    data: { after: { name: 'staging', retain: 2, notFoundHandling: '404-page' } },
    call: () => ({ path: `${WEB}/environments`, given: { json: { name: 'staging', retain: 2 } } }),
  },
  'environments.update': {
    tells: ['environment.changed'],
    data: { before: { retain: 0 }, after: { retain: 5 } },
    call: async (at) => ({
      path: `/services/${await at.service()}/environments/production`,
      given: { json: { retain: 5 } },
    }),
  },
  'environments.delete': {
    tells: ['environment-deletion.queued'],
    call: async (at) => ({ path: `/services/${await at.service()}/environments/production` }),
  },
  'deployments.create': {
    tells: ['deployment.queued'],
    data: { cause: 'upload', bundle: sha256(site('told')) },
    call: () => ({ path: `${PRODUCTION}/deployments?wait=true`, given: { body: site('told') } }),
  },
  'deployments.update': {
    tells: ['deployment.changed'],
    data: { before: { message: null }, after: { message: 'the first' } },
    call: async (at) => {
      const id = await at.made('id', `${PRODUCTION}/deployments?wait=true`, { body: site('first') })
      return { path: `/deployments/${id}`, given: { json: { message: 'the first' } } }
    },
  },
  'deployments.delete': {
    tells: ['deployment.deleted'],
    data: { message: null, reason: 'too early' },
    call: async (at) => {
      const deploy = `/services/${await at.service()}/environments/production/deployments?wait=true`
      const id = await at.made('id', deploy, { body: site('hidden') })
      await at.made('id', deploy, { body: site('shown') })
      return { path: `/deployments/${id}?reason=too%20early` }
    },
  },
  'bundles.delete': {
    tells: ['bundle.deleted'],
    data: { bundle: sha256(site('leaked')), reason: 'a token' },
    call: async (at) => {
      const service = await at.service()
      const digest = await at.made('digest', `/services/${service}/bundles`, { body: site('leaked') })
      return { path: `/services/${service}/bundles/${digest}?reason=a%20token` }
    },
  },
  'deployments.approve': {
    tells: ['deployment.approved'],
    call: async (at) => {
      const production = `/services/${await at.service()}/environments/production`
      await at.asked('PATCH', production, { json: { approval: true } })
      const { key } = await at.people.person(at.name('starter'), { role: 'deployer' })
      const id = await at.made('id', `${production}/deployments`, { body: site('approved'), headers: key })
      return { path: `/deployments/${id}/approve` }
    },
  },
  'bundles.create': {
    tells: ['bundle.created'],
    data: { bundle: sha256(site('stored')) },
    call: () => ({ path: `${WEB}/bundles`, given: { body: site('stored') } }),
  },
  // A question.
  'bundles.diff': {
    tells: [],
    call: () => ({
      path: `${WEB}/bundles/diff`,
      given: { json: { digest: sha256('none'), base: null, entries: [] } },
    }),
  },
  'bundles.files': {
    tells: ['bundle.created'],
    call: () => {
      const path = 'index.html'
      const content = '<h1>of a folder</h1>'
      const bucket = Number.parseInt(sha256(path).slice(0, 3), 16) >> 2
      const entry = { path, size: content.length, sha256: sha256(content) }
      const entries = JSON.stringify({ base: null, buckets: [bucket], entries: [entry] })
      return {
        path: `${WEB}/bundles/${sha256(archiveOf({ [path]: content }))}/files`,
        given: { body: archiveOf({ 'entries.json': entries, [entry.sha256]: content }) },
      }
    },
  },
  'operations.cancel': {
    tells: ['deployment.cancel-requested', 'deployment.cancelled'],
    call: async (at) => ({ path: `/operations/${await waiting(at)}/cancel` }),
  },
  'operations.retry': {
    tells: ['deployment.queued'],
    call: async (at) => {
      const id = await waiting(at)
      await at.made('id', `/operations/${id}/cancel`)
      return { path: `/operations/${id}/retry` }
    },
  },
} satisfies Partial<Record<Changing, Case>>

/** A deployment that waits for one of the same environment, which never ends. */
async function waiting(at: Stage): Promise<string> {
  const service = await at.service()
  const { serviceId, environmentId } = at.people.environment(service, 'production')
  const { operations } = at.people.store
  const first = operations.create({
    kind: 'site-repair',
    serviceId: serviceId ?? '',
    environmentId,
    actor: LOCAL_ACTOR,
    now: 0,
  })
  operations.start(first.id, 0)
  return await at.made('id', `/services/${service}/environments/production/deployments`, {
    body: site('waits'),
  })
}

const ACCOUNTS = {
  'users.create': {
    tells: ['user.created'],
    data: { after: { login: 'bob@example.com', grant: { role: 'viewer', service: null } } },
    call: () => ({
      path: '/users',
      given: { json: { login: 'bob@example.com', role: 'viewer', password: PASSWORD } },
    }),
  },
  'users.update': {
    tells: ['user.changed'],
    data: { before: { disabled: false }, after: { disabled: true } },
    call: async (at) => ({ path: `/users/${await at.user()}`, given: { json: { disabled: true } } }),
  },
  'users.delete': {
    tells: ['user.deleted'],
    data: { before: { kind: 'machine', login: 'robot' } },
    call: async (at) => ({ path: `/users/${await at.user({ login: 'robot', kind: 'machine' })}` }),
  },
  'users.sign-out': {
    tells: ['sessions.ended'],
    data: { ended: 1 },
    call: async (at) => ({ path: `/users/${(await at.people.person(at.name('out'))).user.id}/sessions` }),
  },
  'grants.create': {
    tells: ['grant.created'],
    data: { after: { role: 'deployer', service: 'web', environment: null } },
    call: async (at) => ({
      path: `/users/${await at.user()}/grants`,
      given: { json: { role: 'deployer', service: 'web' } },
    }),
  },
  'grants.delete': {
    tells: ['grant.deleted'],
    data: { before: { role: 'viewer' } },
    call: async (at) => {
      const id = await at.user({ role: 'viewer' })
      return { path: `/users/${id}/grants/${at.people.store.grants.of(id)[0]?.id}` }
    },
  },
  'password-resets.create': {
    tells: ['password-reset.created'],
    call: async (at) => ({ path: `/users/${await at.user()}/password-reset` }),
  },
  'password-resets.accept': {
    tells: ['password.reset'],
    call: async (at) => {
      const login = `${at.name('forgot')}@example.com`
      const url = await at.made('url', `/users/${await at.user({ login })}/password-reset`)
      return {
        path: '/password-resets/accept',
        given: { json: { code: codeOf(url), password: ANOTHER } },
        by: login,
      }
    },
  },
  'invitations.create': {
    tells: ['invitation.created'],
    data: { after: { login: 'carol@example.com', role: 'viewer' } },
    call: () => ({ path: '/invitations', given: { json: { login: 'carol@example.com', role: 'viewer' } } }),
  },
  'invitations.delete': {
    tells: ['invitation.deleted'],
    data: { before: { login: 'dave@example.com' } },
    call: async (at) => {
      const json = { login: 'dave@example.com', role: 'viewer' }
      return { path: `/invitations/${await at.made('id', '/invitations', { json })}` }
    },
  },
  'invitations.accept': {
    tells: ['user.created', 'session.opened'],
    data: { after: { login: 'erin@example.com' }, invitedBy: { name: OWNER.login } },
    call: async (at) => {
      const login = 'erin@example.com'
      const url = await at.made('url', '/invitations', { json: { login, role: 'viewer' } })
      return {
        path: '/invitations/accept',
        given: { json: { code: codeOf(url), password: ANOTHER } },
        by: login,
      }
    },
  },
  'roles.create': {
    tells: ['role.created'],
    data: { role: 'auditor', after: { permissions: ['audit:read'] } },
    call: () => ({ path: '/roles', given: { json: { name: 'auditor', permissions: ['audit:read'] } } }),
  },
  'roles.update': {
    tells: ['role.changed'],
    data: { before: { permissions: ['audit:read'] }, after: { permissions: ['users:read'] } },
    call: async (at) => ({
      path: `/roles/${await role(at)}`,
      given: { json: { permissions: ['users:read'] } },
    }),
  },
  'roles.delete': {
    tells: ['role.deleted'],
    data: { before: { permissions: ['audit:read'] } },
    call: async (at) => ({ path: `/roles/${await role(at)}` }),
  },
  'api-keys.create': {
    tells: ['api-key.created'],
    data: { after: { name: 'CI' } },
    call: () => ({ path: '/api-keys', given: { json: { name: 'CI' } } }),
  },
  'api-keys.update': {
    tells: ['api-key.changed'],
    data: { before: { name: 'CI' }, after: { name: 'CD' } },
    call: async (at) => ({ path: `/api-keys/${await key(at)}`, given: { json: { name: 'CD' } } }),
  },
  'api-keys.rotate': {
    tells: ['api-key.rotated'],
    call: async (at) => ({
      path: `/api-keys/${await key(at)}/rotate`,
      given: { json: { overlapSeconds: 60 } },
    }),
  },
  'api-keys.delete': {
    tells: ['api-key.revoked'],
    data: { before: { name: 'CI' } },
    call: async (at) => ({ path: `/api-keys/${await key(at)}` }),
  },
} satisfies Partial<Record<Changing, Case>>

const role = (at: Stage) =>
  at.made('name', '/roles', { json: { name: at.name('role'), permissions: ['audit:read'] } })
const key = (at: Stage) => at.made('id', '/api-keys', { json: { name: 'CI' } })

/** The first account comes first. */
export const CHANGES: Record<Changing, Case> = {
  ...SESSIONS,
  ...FACTORS,
  ...IDENTITIES,
  ...PLACES,
  ...ACCOUNTS,
  ...URLS,
  ...DRIFT,
  ...CERTIFICATES,
}
