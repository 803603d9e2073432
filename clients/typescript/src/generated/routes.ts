// Made by `npm run client` from the OpenAPI document: change the contract, not this.

export type RouteName =
  | 'services.list'
  | 'services.create'
  | 'services.show'
  | 'services.update'
  | 'services.delete'
  | 'environments.list'
  | 'environments.create'
  | 'environments.show'
  | 'environments.update'
  | 'environments.delete'
  | 'deployments.list'
  | 'deployments.create'
  | 'deployments.show'
  | 'deployments.update'
  | 'deployments.delete'
  | 'deployments.approve'
  | 'deployments.log'
  | 'urls.all'
  | 'urls.create-self'
  | 'urls.list'
  | 'urls.create'
  | 'urls.plan'
  | 'urls.plan-self'
  | 'urls.take-over'
  | 'urls.show'
  | 'urls.update'
  | 'urls.delete'
  | 'urls.renew'
  | 'urls.probe'
  | 'bundles.list'
  | 'bundles.create'
  | 'bundles.diff'
  | 'bundles.show'
  | 'bundles.delete'
  | 'bundles.archive'
  | 'bundles.files'
  | 'operations.list'
  | 'operations.show'
  | 'operations.log'
  | 'operations.cancel'
  | 'operations.retry'
  | 'events.list'
  | 'setup.show'
  | 'setup.complete'
  | 'session.show'
  | 'session.open'
  | 'session.end'
  | 'session.token'
  | 'sign-in.show'
  | 'sign-in.second-factor'
  | 'sign-in.second-factor-options'
  | 'sign-in.passkey-options'
  | 'sign-in.passkey'
  | 'sign-in.providers'
  | 'sign-in.begin'
  | 'sign-in.callback'
  | 'api-keys.list'
  | 'api-keys.create'
  | 'api-keys.show'
  | 'api-keys.update'
  | 'api-keys.delete'
  | 'api-keys.rotate'
  | 'audit.list'
  | 'audit.export'
  | 'audit.refusals'
  | 'audit.verify'
  | 'profile.show'
  | 'profile.update'
  | 'profile.password'
  | 'profile.sessions'
  | 'profile.end-sessions'
  | 'profile.end-session'
  | 'totp.propose'
  | 'totp.remove'
  | 'totp.confirm'
  | 'recovery-codes.create'
  | 'factors.reset'
  | 'passkeys.list'
  | 'passkeys.create'
  | 'passkeys.options'
  | 'passkeys.update'
  | 'passkeys.delete'
  | 'identity-providers.list'
  | 'identity-providers.create'
  | 'identity-providers.show'
  | 'identity-providers.update'
  | 'identity-providers.delete'
  | 'identities.list'
  | 'identities.link'
  | 'identities.delete'
  | 'users.list'
  | 'users.create'
  | 'users.show'
  | 'users.update'
  | 'users.delete'
  | 'users.sign-out'
  | 'grants.create'
  | 'grants.delete'
  | 'password-resets.create'
  | 'password-resets.accept'
  | 'invitations.list'
  | 'invitations.create'
  | 'invitations.delete'
  | 'invitations.accept'
  | 'roles.list'
  | 'roles.create'
  | 'roles.show'
  | 'roles.update'
  | 'roles.delete'
  | 'settings.show'
  | 'settings.update'
  | 'settings.test-gateway'
  | 'settings.test-certificates'
  | 'dns-providers.list'
  | 'dns-providers.create'
  | 'dns-providers.kinds'
  | 'dns-providers.show'
  | 'dns-providers.update'
  | 'dns-providers.delete'
  | 'dns-providers.test'
  | 'certificates.list'
  | 'certificates.create'
  | 'certificates.show'
  | 'certificates.delete'
  | 'drift.list'
  | 'drift.look'
  | 'drift.show'
  | 'drift.revert'
  | 'drift.adopt'

export interface Route {
  method: string
  path: string
  answer: 'json' | 'page' | 'log' | 'bytes' | 'none'
}

export const ROUTES: Record<RouteName, Route> = {
  'services.list': { method: 'GET', path: '/services', answer: 'page' },
  'services.create': { method: 'POST', path: '/services', answer: 'json' },
  'services.show': { method: 'GET', path: '/services/{service}', answer: 'json' },
  'services.update': { method: 'PATCH', path: '/services/{service}', answer: 'json' },
  'services.delete': { method: 'DELETE', path: '/services/{service}', answer: 'json' },
  'environments.list': { method: 'GET', path: '/services/{service}/environments', answer: 'page' },
  'environments.create': { method: 'POST', path: '/services/{service}/environments', answer: 'json' },
  'environments.show': {
    method: 'GET',
    path: '/services/{service}/environments/{environment}',
    answer: 'json',
  },
  'environments.update': {
    method: 'PATCH',
    path: '/services/{service}/environments/{environment}',
    answer: 'json',
  },
  'environments.delete': {
    method: 'DELETE',
    path: '/services/{service}/environments/{environment}',
    answer: 'json',
  },
  'deployments.list': {
    method: 'GET',
    path: '/services/{service}/environments/{environment}/deployments',
    answer: 'page',
  },
  'deployments.create': {
    method: 'POST',
    path: '/services/{service}/environments/{environment}/deployments',
    answer: 'json',
  },
  'deployments.show': { method: 'GET', path: '/deployments/{id}', answer: 'json' },
  'deployments.update': { method: 'PATCH', path: '/deployments/{id}', answer: 'json' },
  'deployments.delete': { method: 'DELETE', path: '/deployments/{id}', answer: 'json' },
  'deployments.approve': { method: 'POST', path: '/deployments/{id}/approve', answer: 'json' },
  'deployments.log': { method: 'GET', path: '/deployments/{id}/log', answer: 'log' },
  'urls.all': { method: 'GET', path: '/urls', answer: 'page' },
  'urls.create-self': { method: 'POST', path: '/urls', answer: 'json' },
  'urls.list': { method: 'GET', path: '/services/{service}/environments/{environment}/urls', answer: 'page' },
  'urls.create': {
    method: 'POST',
    path: '/services/{service}/environments/{environment}/urls',
    answer: 'json',
  },
  'urls.plan': {
    method: 'POST',
    path: '/services/{service}/environments/{environment}/urls/plan',
    answer: 'json',
  },
  'urls.plan-self': { method: 'POST', path: '/urls/plan', answer: 'json' },
  'urls.take-over': { method: 'POST', path: '/urls/take-over', answer: 'json' },
  'urls.show': { method: 'GET', path: '/urls/{id}', answer: 'json' },
  'urls.update': { method: 'PATCH', path: '/urls/{id}', answer: 'json' },
  'urls.delete': { method: 'DELETE', path: '/urls/{id}', answer: 'json' },
  'urls.renew': { method: 'POST', path: '/urls/{id}/renew', answer: 'json' },
  'urls.probe': { method: 'POST', path: '/urls/{id}/probe', answer: 'json' },
  'bundles.list': { method: 'GET', path: '/services/{service}/bundles', answer: 'page' },
  'bundles.create': { method: 'POST', path: '/services/{service}/bundles', answer: 'json' },
  'bundles.diff': { method: 'POST', path: '/services/{service}/bundles/diff', answer: 'json' },
  'bundles.show': { method: 'GET', path: '/services/{service}/bundles/{digest}', answer: 'json' },
  'bundles.delete': { method: 'DELETE', path: '/services/{service}/bundles/{digest}', answer: 'json' },
  'bundles.archive': { method: 'GET', path: '/services/{service}/bundles/{digest}/archive', answer: 'bytes' },
  'bundles.files': { method: 'POST', path: '/services/{service}/bundles/{digest}/files', answer: 'json' },
  'operations.list': { method: 'GET', path: '/operations', answer: 'page' },
  'operations.show': { method: 'GET', path: '/operations/{id}', answer: 'json' },
  'operations.log': { method: 'GET', path: '/operations/{id}/log', answer: 'log' },
  'operations.cancel': { method: 'POST', path: '/operations/{id}/cancel', answer: 'json' },
  'operations.retry': { method: 'POST', path: '/operations/{id}/retry', answer: 'json' },
  'events.list': { method: 'GET', path: '/events', answer: 'log' },
  'setup.show': { method: 'GET', path: '/setup', answer: 'json' },
  'setup.complete': { method: 'POST', path: '/setup', answer: 'json' },
  'session.show': { method: 'GET', path: '/session', answer: 'json' },
  'session.open': { method: 'POST', path: '/session', answer: 'json' },
  'session.end': { method: 'DELETE', path: '/session', answer: 'json' },
  'session.token': { method: 'POST', path: '/session/token', answer: 'json' },
  'sign-in.show': { method: 'GET', path: '/session/pending', answer: 'json' },
  'sign-in.second-factor': { method: 'POST', path: '/session/second-factor', answer: 'json' },
  'sign-in.second-factor-options': { method: 'POST', path: '/session/second-factor/options', answer: 'json' },
  'sign-in.passkey-options': { method: 'POST', path: '/session/passkey/options', answer: 'json' },
  'sign-in.passkey': { method: 'POST', path: '/session/passkey', answer: 'json' },
  'sign-in.providers': { method: 'GET', path: '/session/providers', answer: 'json' },
  'sign-in.begin': { method: 'POST', path: '/session/oidc/{id}', answer: 'json' },
  'sign-in.callback': { method: 'GET', path: '/session/oidc/{id}/callback', answer: 'json' },
  'api-keys.list': { method: 'GET', path: '/api-keys', answer: 'page' },
  'api-keys.create': { method: 'POST', path: '/api-keys', answer: 'json' },
  'api-keys.show': { method: 'GET', path: '/api-keys/{id}', answer: 'json' },
  'api-keys.update': { method: 'PATCH', path: '/api-keys/{id}', answer: 'json' },
  'api-keys.delete': { method: 'DELETE', path: '/api-keys/{id}', answer: 'json' },
  'api-keys.rotate': { method: 'POST', path: '/api-keys/{id}/rotate', answer: 'json' },
  'audit.list': { method: 'GET', path: '/audit', answer: 'page' },
  'audit.export': { method: 'GET', path: '/audit/export', answer: 'bytes' },
  'audit.refusals': { method: 'GET', path: '/audit/refusals', answer: 'json' },
  'audit.verify': { method: 'GET', path: '/audit/verify', answer: 'json' },
  'profile.show': { method: 'GET', path: '/profile', answer: 'json' },
  'profile.update': { method: 'PATCH', path: '/profile', answer: 'json' },
  'profile.password': { method: 'POST', path: '/profile/password', answer: 'json' },
  'profile.sessions': { method: 'GET', path: '/profile/sessions', answer: 'page' },
  'profile.end-sessions': { method: 'DELETE', path: '/profile/sessions', answer: 'json' },
  'profile.end-session': { method: 'DELETE', path: '/profile/sessions/{id}', answer: 'json' },
  'totp.propose': { method: 'POST', path: '/profile/totp', answer: 'json' },
  'totp.remove': { method: 'DELETE', path: '/profile/totp', answer: 'json' },
  'totp.confirm': { method: 'POST', path: '/profile/totp/confirm', answer: 'json' },
  'recovery-codes.create': { method: 'POST', path: '/profile/recovery-codes', answer: 'json' },
  'factors.reset': { method: 'DELETE', path: '/users/{id}/factors', answer: 'json' },
  'passkeys.list': { method: 'GET', path: '/profile/passkeys', answer: 'page' },
  'passkeys.create': { method: 'POST', path: '/profile/passkeys', answer: 'json' },
  'passkeys.options': { method: 'POST', path: '/profile/passkeys/options', answer: 'json' },
  'passkeys.update': { method: 'PATCH', path: '/profile/passkeys/{id}', answer: 'json' },
  'passkeys.delete': { method: 'DELETE', path: '/profile/passkeys/{id}', answer: 'json' },
  'identity-providers.list': { method: 'GET', path: '/identity-providers', answer: 'page' },
  'identity-providers.create': { method: 'POST', path: '/identity-providers', answer: 'json' },
  'identity-providers.show': { method: 'GET', path: '/identity-providers/{id}', answer: 'json' },
  'identity-providers.update': { method: 'PATCH', path: '/identity-providers/{id}', answer: 'json' },
  'identity-providers.delete': { method: 'DELETE', path: '/identity-providers/{id}', answer: 'json' },
  'identities.list': { method: 'GET', path: '/profile/identities', answer: 'page' },
  'identities.link': { method: 'POST', path: '/profile/identities', answer: 'json' },
  'identities.delete': { method: 'DELETE', path: '/profile/identities/{id}', answer: 'json' },
  'users.list': { method: 'GET', path: '/users', answer: 'page' },
  'users.create': { method: 'POST', path: '/users', answer: 'json' },
  'users.show': { method: 'GET', path: '/users/{id}', answer: 'json' },
  'users.update': { method: 'PATCH', path: '/users/{id}', answer: 'json' },
  'users.delete': { method: 'DELETE', path: '/users/{id}', answer: 'json' },
  'users.sign-out': { method: 'DELETE', path: '/users/{id}/sessions', answer: 'json' },
  'grants.create': { method: 'POST', path: '/users/{id}/grants', answer: 'json' },
  'grants.delete': { method: 'DELETE', path: '/users/{id}/grants/{grant}', answer: 'json' },
  'password-resets.create': { method: 'POST', path: '/users/{id}/password-reset', answer: 'json' },
  'password-resets.accept': { method: 'POST', path: '/password-resets/accept', answer: 'json' },
  'invitations.list': { method: 'GET', path: '/invitations', answer: 'page' },
  'invitations.create': { method: 'POST', path: '/invitations', answer: 'json' },
  'invitations.delete': { method: 'DELETE', path: '/invitations/{id}', answer: 'json' },
  'invitations.accept': { method: 'POST', path: '/invitations/accept', answer: 'json' },
  'roles.list': { method: 'GET', path: '/roles', answer: 'page' },
  'roles.create': { method: 'POST', path: '/roles', answer: 'json' },
  'roles.show': { method: 'GET', path: '/roles/{name}', answer: 'json' },
  'roles.update': { method: 'PATCH', path: '/roles/{name}', answer: 'json' },
  'roles.delete': { method: 'DELETE', path: '/roles/{name}', answer: 'json' },
  'settings.show': { method: 'GET', path: '/settings', answer: 'json' },
  'settings.update': { method: 'PATCH', path: '/settings', answer: 'json' },
  'settings.test-gateway': { method: 'POST', path: '/settings/gateway/test', answer: 'json' },
  'settings.test-certificates': { method: 'POST', path: '/settings/certificates/test', answer: 'json' },
  'dns-providers.list': { method: 'GET', path: '/dns-providers', answer: 'page' },
  'dns-providers.create': { method: 'POST', path: '/dns-providers', answer: 'json' },
  'dns-providers.kinds': { method: 'GET', path: '/dns-providers/kinds', answer: 'json' },
  'dns-providers.show': { method: 'GET', path: '/dns-providers/{id}', answer: 'json' },
  'dns-providers.update': { method: 'PATCH', path: '/dns-providers/{id}', answer: 'json' },
  'dns-providers.delete': { method: 'DELETE', path: '/dns-providers/{id}', answer: 'json' },
  'dns-providers.test': { method: 'POST', path: '/dns-providers/{id}/test', answer: 'json' },
  'certificates.list': { method: 'GET', path: '/certificates', answer: 'page' },
  'certificates.create': { method: 'POST', path: '/certificates', answer: 'json' },
  'certificates.show': { method: 'GET', path: '/certificates/{id}', answer: 'json' },
  'certificates.delete': { method: 'DELETE', path: '/certificates/{id}', answer: 'json' },
  'drift.list': { method: 'GET', path: '/drift', answer: 'page' },
  'drift.look': { method: 'POST', path: '/drift/look', answer: 'json' },
  'drift.show': { method: 'GET', path: '/drift/{id}', answer: 'json' },
  'drift.revert': { method: 'POST', path: '/drift/{id}/revert', answer: 'json' },
  'drift.adopt': { method: 'POST', path: '/drift/{id}/adopt', answer: 'json' },
}
