/** What changes of certificates, and of how URLs answer over HTTPS, tell the audit. */
import { makeCertificate } from '../certificates.ts'
import type { Case, Changing, Stage } from './stage.ts'

const PRODUCTION = '/services/web/environments/production'
const root = { ...makeCertificate(['Root'], { isAuthority: true }), name: 'Root' }

function pairFor(name: string): { certificate: string; key: string } {
  const { chain, key } = makeCertificate([name], { issuer: root })
  return { certificate: chain + root.chain, key }
}

const certificate = (at: Stage) =>
  at.made('id', '/certificates', { json: pairFor(`${at.name('own')}.example.com`) })
const url = (at: Stage) =>
  at.made('id', `${PRODUCTION}/urls?wait=true`, {
    json: { hostname: `${at.name('https')}.example.com`, dns: 'none' },
  })

/** With a certificate of a CA that nobody asks here. */
async function renewable(at: Stage): Promise<string> {
  const id = await url(at)
  const { store } = at.people
  const row = store.urls.required(id)
  const https = { mode: 'auto', redirect: true, hsts: null, minimumTls: 'TLSv1.2' } as const
  store.urls.setHttps(row.id, { ...https, certificateId: await certificate(at) })
  return id
}

export const CERTIFICATES = {
  'certificates.create': {
    tells: ['certificate.created'],
    data: { after: { kind: 'own', names: ['told.example.com'], issuer: 'Root' } },
    call: () => ({ path: '/certificates', given: { json: pairFor('told.example.com') } }),
  },
  'certificates.delete': {
    tells: ['certificate.deleted'],
    data: { before: { kind: 'own', issuer: 'Root' } },
    call: async (at) => ({ path: `/certificates/${await certificate(at)}` }),
  },
  // Somebody is asked, and nothing is kept.
  'settings.test-certificates': {
    tells: [],
    call: () => ({
      path: '/settings/certificates/test',
      given: { json: { directoryUrl: 'https://127.0.0.1:1/directory' } },
    }),
  },
  'urls.update': {
    tells: ['url-change.queued'],
    data: { before: { minimumTls: 'TLSv1.2' }, after: { minimumTls: 'TLSv1.3' } },
    call: async (at) => ({
      path: `/urls/${await url(at)}?wait=true`,
      given: { json: { minimumTls: 'TLSv1.3' } },
    }),
  },
  'urls.renew': {
    tells: ['certificate-renewal.queued'],
    call: async (at) => ({ path: `/urls/${await renewable(at)}/renew` }),
  },
  'urls.take-over': {
    tells: ['url-take-over.queued'],
    data: { hostnames: ['taken.example.com'], files: ['/etc/nginx/sites-enabled/taken'] },
    call: () => ({
      path: '/urls/take-over',
      given: {
        json: {
          files: ['/etc/nginx/sites-enabled/taken'],
          urls: [{ hostname: 'taken.example.com', service: 'web', environment: 'production' }],
        },
      },
    }),
  },
} satisfies Partial<Record<Changing, Case>>
