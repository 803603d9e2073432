/** URLs, and the settings of the instance that they need. */
import { type ExamplesOf, from } from './example.ts'

const toProduction = { service: 'web', environment: 'production' }
const docs = { id: from('urls.create/docs', 'id') }
const powerdns = { id: from('dns-providers.create/powerdns', 'id') }

export const URL_EXAMPLES: ExamplesOf<'urls'> = {
  'urls.all': {
    all: { summary: 'Of all services', query: { limit: '20' }, status: 200 },
    named: { summary: 'The one of this name', query: { hostname: 'Docs.Example.com.' }, status: 200 },
  },
  'urls.list': {
    all: { summary: 'Of one environment', params: toProduction, status: 200 },
  },
  'urls.plan': {
    docs: {
      summary: 'What would be made',
      params: toProduction,
      json: { hostname: 'docs.example.com', dns: 'manual' },
      status: 200,
    },
  },
  'urls.create': {
    docs: {
      summary: 'A host name, whose records somebody makes by hand; wait until it answers',
      params: toProduction,
      query: { wait: 'true' },
      headers: { 'Idempotency-Key': 'docs-1' },
      json: { hostname: 'docs.example.com', dns: 'manual' },
      status: 201,
    },
    redirect: {
      summary: 'A name that sends visitors to another one',
      params: toProduction,
      query: { wait: 'true' },
      json: { hostname: 'www.example.com', kind: 'redirect', redirectTo: 'docs.example.com', dns: 'none' },
      status: 201,
    },
    taken: {
      summary: 'The name is taken',
      params: toProduction,
      json: { hostname: 'DOCS.example.com.', dns: 'manual' },
      status: 409,
    },
    unknown: {
      summary: 'A name that is none',
      params: toProduction,
      json: { hostname: 'docs_1.example.com' },
      status: 422,
    },
  },
  'urls.plan-self': {
    deploy: {
      summary: 'What would be made',
      json: { kind: 'self', hostname: 'deploy.example.com', dns: 'none' },
      status: 200,
    },
  },
  'urls.take-over': {
    taken: {
      summary: 'Of the names of the file one is a URL already',
      query: { wait: 'true' },
      json: {
        files: ['/etc/nginx/sites-enabled/docs'],
        urls: [{ hostname: 'docs.example.com', service: 'web', environment: 'production' }],
      },
      status: 409,
    },
  },
  'urls.create-self': {
    deploy: {
      summary: 'The builtin gateway serves files only',
      query: { wait: 'true' },
      json: { kind: 'self', hostname: 'deploy.example.com', dns: 'none' },
      status: 409,
    },
  },
  'urls.show': {
    docs: { summary: 'A URL by its id', params: docs, status: 200 },
  },
  'urls.update': {
    own: {
      summary: 'Over HTTPS, with the certificate that was brought; wait until it answers so',
      params: docs,
      query: { wait: 'true' },
      json: { https: 'own', minimumTls: 'TLSv1.3' },
      status: 200,
    },
    authority: {
      summary: 'There is no CA to get a certificate from',
      params: docs,
      query: { wait: 'true' },
      json: { https: 'auto' },
      status: 409,
    },
  },
  'urls.renew': {
    own: { summary: 'Its certificate is none of a CA', params: docs, status: 409 },
  },
  'urls.probe': {
    docs: { summary: 'What visitors are answered now', params: docs, status: 200 },
  },
  'urls.delete': {
    waited: {
      summary: 'Detach it and wait until it is gone',
      params: docs,
      query: { wait: 'true' },
      status: 200,
    },
  },
}

export const SETTING_EXAMPLES: ExamplesOf<'settings' | 'dns-providers'> = {
  'settings.show': {
    all: { summary: 'As they are', status: 200 },
  },
  'settings.update': {
    addresses: {
      summary: 'What DNS records say, unless somebody changed the settings meanwhile',
      headers: { 'If-Match': '"1"' },
      json: { dns: { addresses: ['203.0.113.5', '2001:db8::5'] } },
      status: 200,
    },
    attached: {
      summary: 'URLs are attached',
      json: { gateway: { kind: 'nginx' } },
      status: 409,
    },
  },
  'settings.test-gateway': {
    builtin: { summary: 'The builtin gateway lacks nothing', status: 200 },
  },
  'settings.test-certificates': {
    unreachable: {
      summary: 'Nobody answers there',
      json: { directoryUrl: 'https://127.0.0.1:1/directory' },
      status: 200,
    },
    none: { summary: 'No CA is set up', json: {}, status: 409 },
  },
  'dns-providers.list': {
    all: { summary: 'All of them', status: 200 },
  },
  'dns-providers.kinds': {
    all: { summary: 'What there is', status: 200 },
  },
  'dns-providers.create': {
    powerdns: {
      summary: 'A PowerDNS on this machine',
      json: {
        kind: 'powerdns',
        label: 'PowerDNS',
        config: { url: 'http://127.0.0.1:1', apiKey: 'as pdns.conf has it', allowPrivateNetwork: true },
      },
      status: 201,
    },
    incomplete: {
      summary: 'Without what its kind needs',
      json: { kind: 'powerdns', label: 'PowerDNS', config: {} },
      status: 422,
    },
  },
  'dns-providers.show': {
    one: { summary: 'Without its secrets', params: powerdns, status: 200 },
  },
  'dns-providers.update': {
    label: {
      summary: 'Another label',
      params: powerdns,
      json: { label: 'PowerDNS in the cellar' },
      status: 200,
    },
  },
  'dns-providers.test': {
    unreachable: { summary: 'Nobody answers there', params: powerdns, status: 200 },
  },
  'dns-providers.delete': {
    one: { summary: 'No URL uses it', params: powerdns, status: 200 },
  },
}
