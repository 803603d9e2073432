/** Certificates and HTTPS from the command line: in this process, against an app, with files of openssl and the CA pebble. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { offline } from '../../src/offline.ts'
import { People } from '../access/people.ts'
import { Pebble } from '../acme/pebble.ts'
import { site, startTestApp, type TestApp } from '../api/app.ts'
import { makeCertificate } from '../certificates.ts'
import { freePort } from '../dns/daemon.ts'
import { has, needs } from '../needs.ts'
import { badPairs } from '../x509/bad-pairs.ts'
import { AUTHORITY, type Made, OpenSsl } from '../x509/openssl.ts'
import { type Ended, fairlead } from './terminal.ts'

const PLACE = ['--service', 'web', '--environment', 'production']
const openssl = new OpenSsl()
const authority = openssl.make({ subject: '/O=Somebody/CN=Root', names: '', extensions: AUTHORITY })
let app: TestApp
let people: People
let env: Record<string, string>
let httpPort: number

beforeAll(async () => {
  httpPort = await freePort()
  app = await startTestApp(new Map(), {
    sitesListen: { hostname: '127.0.0.1', port: httpPort },
    sitesTlsListen: { hostname: '127.0.0.1', port: 0 },
  })
  await app.ask('POST', '/services', { json: { name: 'web' } })
  const path = '/services/web/environments/production/deployments?wait=true'
  await app.ask('POST', path, { body: site('web') })
  people = new People(app)
  const { key } = await people.person('owner', { role: 'owner' })
  env = { FAIRLEAD_SERVER: app.url, FAIRLEAD_KEY: (key['authorization'] ?? '').replace('Bearer ', '') }
})
afterAll(async () => {
  people.close()
  await app.stop()
  openssl.end()
})

type Given = Parameters<typeof fairlead>[1]
const run = (argv: string[], given: Given = {}): Promise<Ended> => fairlead(argv, { env, ...given })
async function done(argv: string[], given: Given = {}): Promise<Ended> {
  const ended = await run(argv, given)
  expect([argv, ended.err, ended.code]).toEqual([argv, ended.err, 0])
  return ended
}

async function* piped(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}
const signed = (name: string): Made =>
  openssl.make({ subject: `/CN=${name}`, names: `DNS:${name}`, by: authority })
const files = ({ certificate, key }: { certificate: string; key: string }): string[] => [
  '--certificate',
  openssl.file('fullchain.pem', certificate),
  '--key',
  openssl.file('privkey.pem', key),
]
const chained = ({ certificate, key }: Made) => ({ certificate: certificate + authority.certificate, key })
const inside = (key: string): string => key.split('\n').at(1) ?? ''

describe('certificates', () => {
  needs('openssl')(
    'are brought from files, or the key from standard input; listed, shown, deleted',
    async () => {
      const made = signed('docs.example.com')
      const added = await done(['certificate', 'add', ...files(chained(made))])
      expect(added.out).toMatch(/^names +docs\.example\.com$/m)
      expect(added.out).toMatch(/^until +\S+ \(29 days\)$/m)
      expect(added.err).toContain('✓ Kept, and good for 29 days')
      const [, id = ''] = /^id +(\w{20})$/m.exec(added.out) ?? []
      const [, fingerprint = ''] = /^fingerprint +(\w{64})$/m.exec(added.out) ?? []

      const { out } = await done(['certificate', 'list'])
      expect(out).toMatch(new RegExp(`^docs\\.example\\.com +own +29 days +– +Somebody, Root +${id}$`, 'm'))
      expect((await done(['certificate', 'show', id])).out).toBe(added.out)
      const withColons = (fingerprint.match(/../g) ?? []).join(':').toUpperCase()
      expect((await done(['certificate', 'show', withColons])).out).toBe(added.out)
      const chain = await done(['certificate', 'show', id, '--chain'])
      expect(chain.out).toBe(made.certificate + authority.certificate)
      const json = await done(['certificate', 'show', id, '--json'])
      expect(JSON.parse(json.out)).toMatchObject({ id, fingerprint, urls: [] })
      for (const { out: printed, err } of [added, chain, json])
        expect(printed + err).not.toContain(inside(made.key))

      expect((await run(['certificate', 'delete', id])).code).toBe(2)
      const asked = await done(['certificate', 'delete', id], { ask: async () => 'docs.example.com' })
      expect(asked.err).toContain('✓ Deleted')
      const gone = await run(['certificate', 'show', fingerprint])
      expect([gone.code, gone.err]).toEqual([1, expect.stringContaining('There is no certificate')])

      const [flag = '', file = ''] = files(chained(made))
      const typed = await done(['certificate', 'add', flag, file, '--json'], { input: () => piped(made.key) })
      const again = (JSON.parse(typed.out) as { id: string }).id
      await done(['certificate', 'delete', again, '--yes'])
      const warned = await done(['certificate', 'add', ...files(made)])
      expect(warned.err).toContain('! The chain holds the certificate of the host alone.')
      await done(['certificate', 'delete', /^fingerprint +(\w{64})$/m.exec(warned.out)?.[1] ?? '', '--yes'])
      expect((await run(['certificate', 'add', flag, file])).err).toContain('it is a terminal')
      expect((await run(['certificate', 'add', flag, '-'])).code).toBe(2)
      expect((await run(['certificate', 'add', flag, '/nowhere.pem'])).err).toContain('There is no file')
      expect((await run(['certificate', 'add', flag, openssl.folder])).err).toContain('It is a folder.')
    },
  )

  describe('that browsers would refuse are refused, each reason on a line with its field', () => {
    for (const { what, make, says } of badPairs(openssl, authority))
      needs('openssl')(what, async () => {
        const given = make()
        const { code, out, err } = await run(['certificate', 'add', ...files(given)])
        expect([what, code, out]).toEqual([what, 1, ''])
        if (what !== 'huge')
          for (const [field, message] of says)
            expect(err).toMatch(new RegExp(`^  ${field}: .*(${message.source})`, 'm'))
        if (given.key.includes('PRIVATE KEY')) expect(err).not.toContain(inside(given.key))
      })
  })
})

describe('settings of HTTPS', () => {
  test('are words, and come back as they were typed', async () => {
    for (const [key, value, shown] of [
      ['https.hsts', '300,subdomains', '300,subdomains'],
      ['https.hsts', 'none', 'none'],
      ['https.redirect', 'off', 'off'],
      ['https.redirect', 'on', 'on'],
      ['https.minimumTls', 'TLSv1.3', 'TLSv1.3'],
      ['https.minimumTls', 'TLSv1.2', 'TLSv1.2'],
      [
        'certificates.directoryUrl',
        'letsencrypt-staging',
        'https://acme-staging-v02.api.letsencrypt.org/directory',
      ],
      ['certificates.contact', 'ops@example.com', 'ops@example.com'],
      ['certificates.challenge', 'dns-01', 'dns-01'],
      ['certificates.challenge', 'auto', 'auto'],
      ['certificates.contact', 'none', 'none'],
    ] as const) {
      expect((await done(['setting', 'set', key, value])).out).toBe(`${key}  ${shown}\n`)
      expect((await done(['setting', 'show', key])).out).toBe(`${shown}\n`)
    }
    const root = openssl.file('root.pem', authority.certificate)
    expect((await done(['setting', 'set', 'certificates.root', root])).out).toContain(
      'BEGIN CERTIFICATE----- …',
    )
    expect((await done(['setting', 'show', 'certificates.root'])).out).toBe(authority.certificate)
    await done(['setting', 'set', 'certificates.root', 'none'])
    await done(['setting', 'set', 'certificates.directoryUrl', 'none'])
    expect((await done(['setting', 'list'])).out).toMatch(/^certificates\.termsAgreed +off$/m)
  })

  test('that can not be are refused', async () => {
    for (const [key, value] of [
      ['https.hsts', 'for ever'],
      ['https.redirect', 'perhaps'],
    ] as const)
      expect((await run(['setting', 'set', key, value])).code).toBe(2)
    const auto = await run(['setting', 'set', 'https.default', 'auto'])
    expect([auto.code, auto.err]).toEqual([1, expect.stringContaining('https.default: ')])
    const wish = ['url', 'update', 'a.example.com']
    expect((await run(wish)).err).toContain('Nothing to change is named.')
    expect((await run([...wish, '--redirect', '--no-redirect'])).code).toBe(2)
    expect((await run([...wish, '--min-tls', '1.1'])).code).toBe(2)
    expect((await run([...wish, '--hsts', 'for ever'])).code).toBe(2)
  })
})

const isPossible = ['pebble', 'pebble-challtestsrv', 'openssl'].every(has)
describe('a CA', () => {
  let pebble: Pebble
  let root: string
  beforeAll(async () => {
    if (!isPossible) return
    pebble = await Pebble.start({ httpPort })
    root = openssl.file('pebble.pem', pebble.root)
  })
  afterAll(async () => {
    if (isPossible) await pebble.end()
  })
  const inNeed = needs('pebble', 'pebble-challtestsrv', 'openssl')

  inNeed('shows its terms before it is kept, and is asked for nothing without consent', async () => {
    const use = ['setting', 'authority', pebble.directoryUrl, '--root', root]
    const foreign = await run(['setting', 'authority', pebble.directoryUrl, '--agree-terms'])
    expect([foreign.code, foreign.err]).toEqual([1, expect.stringContaining('Nothing was changed.')])

    const refused = await done(use)
    expect(refused.err).toContain('Nothing is asked of it before its terms are agreed to')
    expect((await run(['setting', 'set', 'https.default', 'auto'])).code).toBe(1)

    const questions: string[] = []
    const ask = async (question: string) => {
      questions.push(question)
      return 'y'
    }
    const kept = await done([...use, '--contact', 'ops@example.com'], { ask })
    expect(questions).toEqual(['It names no terms. Ask it for certificates? [y/N] '])
    expect(kept.out).toMatch(/^terms +agreed to$/m)
    expect(kept.err).toContain('✓ URLs can get certificates')
    // Of what is agreed to nobody is asked again.
    expect((await done([...use, '--profile', 'none'])).out).toMatch(/^terms +agreed to$/m)
    const asked = await done(['setting', 'authority', '--json'])
    expect(JSON.parse(asked.out)).toMatchObject({
      ok: true,
      directoryUrl: pebble.directoryUrl,
      problem: null,
    })
  })

  inNeed(
    'gives a URL its certificate while the steps are told, and another one when it is asked',
    async () => {
      const name = 'auto.example.com'
      const plan = await done(['dns', 'plan', name, ...PLACE, '--dns', 'none', '--https', 'auto'])
      expect(plan.out).toMatch(/^HTTPS +a certificate by 127\.0\.0\.1:\d+, asked for by http-01; /m)
      const made = await done(['url', 'create', name, ...PLACE, '--dns', 'none', '--https', 'auto'])
      expect(made.out).toBe(`https://${name}:${new URL(app.sitesTlsUrl ?? '').port}/\n`)
      expect(made.err).toContain('order the certificate: ')
      expect(made.err).toContain('put up HTTPS: ')
      expect((await done(['url', 'list'])).out).toMatch(/ valid, \d+ days /)
      const told = { hostname: name, https: { state: 'valid', problem: null } }
      expect(await offline.https({ data: app.data })).toMatchObject([told])
      expect(await offline.https({ data: openssl.folder })).toEqual([])
      const shown = await done(['url', 'show', name])
      expect(shown.out).toMatch(/^HTTPS +auto, valid; plain HTTP leads there, TLS 1\.2 and newer$/m)
      expect(shown.out).toMatch(/^expires +\d{4}-\d\d-\d\d \(\d+ days\)$/m)
      const [, first = ''] = /^certificate +(\w{20}), by Pebble/m.exec(shown.out) ?? []

      const changed = await done([
        'url',
        'update',
        name,
        '--min-tls',
        '1.3',
        '--hsts',
        '300',
        '--no-redirect',
      ])
      expect(changed.err).toMatch(
        /✓ auto\.example\.com answers by HTTPS: its certificate is good for \d+ days/,
      )
      expect((await done(['url', 'show', name])).out).toContain(
        'plain HTTP answers too, HSTS 300, TLS 1.3 and newer',
      )
      expect((await done(['url', 'renew', name])).err).toContain('fetch the certificate: ')
      expect((await done(['url', 'show', name])).out).not.toContain(first)
      expect((await done(['url', 'update', name, '--https', 'none'])).err).toContain('answers by HTTP')
      const late = await run(['url', 'renew', name])
      expect([late.code, late.err]).toEqual([1, expect.stringContaining('https "auto"')])
      await done(['url', 'delete', name, '--yes'])
    },
    60_000,
  )

  inNeed('that can not reach the name is told as it says, and nothing is left of the URL', async () => {
    const ended = await run([
      'url',
      'create',
      '*.auto.example.com',
      ...PLACE,
      '--dns',
      'none',
      '--https',
      'auto',
    ])
    expect([ended.code, ended.err]).toEqual([1, expect.stringContaining('_acme-challenge.auto.example.com')])
    expect((await done(['url', 'list'])).out).not.toContain('*.auto.example.com')
  })
})

describe('a CA that has terms', () => {
  const ca = makeCertificate(['localhost'])
  const termsOfService = 'https://ca.example.com/terms.pdf'
  const anywhere = 'https://ca.example.com/none'
  const directory = {
    newNonce: anywhere,
    newAccount: anywhere,
    newOrder: anywhere,
    revokeCert: anywhere,
    keyChange: anywhere,
    meta: { termsOfService, profiles: { shortlived: 'Six days' } },
  }
  let server: Bun.Server<undefined>
  beforeAll(() => {
    const tls = { key: ca.key, cert: ca.chain }
    server = Bun.serve({ port: 0, hostname: '127.0.0.1', tls, fetch: () => Response.json(directory) })
  })
  afterAll(() => server.stop(true))

  test('is kept when somebody has seen where they are to be read', async () => {
    const root = openssl.file('terms.pem', ca.chain)
    const use = ['setting', 'authority', `https://localhost:${server.port}/`, '--root', root]
    const questions: string[] = []
    const ask = async (question: string) => {
      questions.push(question)
      return 'n'
    }
    const refused = await done(use, { ask })
    expect(questions).toEqual(['Do you agree to them? [y/N] '])
    expect(refused.err).toContain(`Its terms of service: ${termsOfService}`)
    expect(refused.err).toContain('Profile shortlived: Six days')
    expect(refused.out).toMatch(/^terms +not agreed to/m)
    const agreed = await done([...use, '--agree-terms'])
    expect(agreed.err.indexOf(termsOfService)).toBeLessThan(agreed.err.indexOf('✓'))
    expect(agreed.out).toMatch(/^terms +agreed to$/m)
  })
})

describe('an account that a CA has given out', () => {
  const hmacKey = 'bm90IHRoZSBvbmUgdGhhdCB5b3UgaGF2ZSBtYWRl'
  let pebble: Pebble
  beforeAll(async () => {
    if (isPossible) pebble = await Pebble.start({ httpPort, external: { kid: hmacKey } })
  })
  afterAll(async () => {
    if (isPossible) await pebble.end()
  })

  needs('pebble', 'pebble-challtestsrv', 'openssl')(
    'is used, and its key is told to nobody',
    async () => {
      const root = openssl.file('external.pem', pebble.root)
      const use = ['setting', 'authority', pebble.directoryUrl, '--root', root, '--agree-terms']
      expect((await run([...use, '--external-key-id', 'kid'])).code).toBe(2)
      const account = ['--external-key-id', 'kid', '--external-key-stdin']
      expect((await run([...use, ...account])).err).toContain('No key of the external account came.')
      const secret = async () => ({ text: hmacKey, isTyped: false })
      const kept = await done([...use, ...account], { secret })
      expect(kept.err).toContain('It takes an account that it has given out')
      expect(kept.out).toMatch(/^external account +kid, its key is kept, sealed$/m)
      for (const argv of [['list'], ['show', 'certificates.externalHmacKeySet'], ['authority']])
        expect(Object.values(await done(['setting', ...argv])).join()).not.toContain(hmacKey)
      const name = 'external.example.com'
      await done(['url', 'create', name, ...PLACE, '--dns', 'none', '--https', 'auto'])
      expect((await done(['url', 'list'])).out).toMatch(/external\.example\.com.* valid, /)
      await done(['url', 'delete', name, '--yes'])
    },
    60_000,
  )
})
