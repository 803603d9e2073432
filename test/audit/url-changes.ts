/** What changes of URLs, and of the settings that they need, tell the audit. */
import type { Case, Changing, Stage } from './stage.ts'

const PRODUCTION = '/services/web/environments/production'
const siteOf = (at: Stage) => ({ hostname: `${at.name('site')}.example.com`, dns: 'none' })

const POWERDNS = {
  kind: 'powerdns',
  label: 'PowerDNS',
  config: { url: 'http://127.0.0.1:1', apiKey: 'told once, by pdns.conf', allowPrivateNetwork: true },
}
const provider = (at: Stage) => at.made('id', '/dns-providers', { json: POWERDNS })

export const URLS = {
  'urls.create': {
    tells: ['url-attach.queued'],
    data: { hostname: 'docs.example.com', urlKind: 'site', dns: 'none' },
    call: () => ({
      path: `${PRODUCTION}/urls?wait=true`,
      given: { json: { hostname: 'Docs.Example.com', dns: 'none' } },
    }),
  },
  // Nothing is changed.
  'urls.plan': {
    tells: [],
    call: (at) => ({ path: `${PRODUCTION}/urls/plan`, given: { json: siteOf(at) } }),
  },
  'urls.create-self': {
    tells: ['url-attach.queued'],
    data: { hostname: 'deploy.example.com', urlKind: 'self' },
    call: () => ({
      path: '/urls',
      given: { json: { kind: 'self', hostname: 'deploy.example.com', dns: 'none' } },
    }),
  },
  'urls.plan-self': {
    tells: [],
    call: (at) => ({ path: '/urls/plan', given: { json: { kind: 'self', ...siteOf(at) } } }),
  },
  // What was answered is noted beside the URL, as the operation itself does.
  'urls.probe': {
    tells: [],
    call: async (at) => ({ path: `/urls/${await url(at)}/probe` }),
  },
  'urls.delete': {
    tells: ['url-detach.queued'],
    call: async (at) => ({ path: `/urls/${await url(at)}?wait=true` }),
  },
  'settings.update': {
    tells: ['settings.changed'],
    data: { setting: 'dns', before: { addresses: [] }, after: { addresses: ['203.0.113.5'] } },
    call: () => ({ path: '/settings', given: { json: { dns: { addresses: ['203.0.113.5'] } } } }),
  },
  'settings.test-gateway': { tells: [], call: () => ({ path: '/settings/gateway/test' }) },
  'dns-providers.create': {
    tells: ['dns-provider.created'],
    data: { after: { kind: 'powerdns', label: 'PowerDNS', secrets: { apiKey: '•••' } } },
    call: () => ({ path: '/dns-providers', given: { json: POWERDNS } }),
  },
  'dns-providers.update': {
    tells: ['dns-provider.changed'],
    data: { before: { label: 'PowerDNS' }, after: { label: 'Cellar' }, secretsChanged: ['apiKey'] },
    call: async (at) => ({
      path: `/dns-providers/${await provider(at)}`,
      given: { json: { label: 'Cellar', config: { apiKey: 'another one' } } },
    }),
  },
  'dns-providers.test': {
    tells: [],
    call: async (at) => ({ path: `/dns-providers/${await provider(at)}/test` }),
  },
  'dns-providers.delete': {
    tells: ['dns-provider.deleted'],
    data: { before: { label: 'PowerDNS' } },
    call: async (at) => ({ path: `/dns-providers/${await provider(at)}` }),
  },
} satisfies Partial<Record<Changing, Case>>

const url = (at: Stage) => at.made('id', `${PRODUCTION}/urls?wait=true`, { json: siteOf(at) })
