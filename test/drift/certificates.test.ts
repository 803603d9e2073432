/** Certificates of URLs: a file that was changed is found and written anew, and so is what visitors are shown otherwise. */
import { afterAll, beforeAll, expect } from 'bun:test'
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import type { Drift } from '../../src/contract/shapes/drift.ts'
import { People, type Person } from '../access/people.ts'
import { site, startTestApp, type TestApp } from '../api/app.ts'
import { needs } from '../needs.ts'
import { AUTHORITY, OpenSsl } from '../x509/openssl.ts'
import { NamesStage, signal } from './names-stage.ts'

const NAME = 'docs.example.com'
const openssl = new OpenSsl()
const authority = openssl.make({ subject: '/O=Somebody/CN=Root', names: '', extensions: AUTHORITY })
let app: TestApp
let people: People
let owner: Person
let id: string

beforeAll(async () => {
  app = await startTestApp(new Map(), { sitesTlsListen: { hostname: '127.0.0.1', port: 0 } })
  people = new People(app)
  owner = await people.person('owner', { role: 'owner' })
})
afterAll(async () => {
  people.close()
  await app.stop()
  openssl.end()
})

async function ask<T>(method: string, path: string, json?: object, body?: BodyInit): Promise<T> {
  const answer = await app.ask(method, path, {
    headers: owner.key,
    ...(json && { json }),
    ...(body !== undefined && { body }),
  })
  if (answer.status >= 300) throw new Error(answer.text)
  return answer.body
}
const look = async () => (await ask<{ items: Drift[] }>('POST', '/drift/look')).items
function made(): { certificate: string; key: string } {
  const { certificate, key } = openssl.make({ subject: `/CN=${NAME}`, names: `DNS:${NAME}`, by: authority })
  return { certificate: certificate + authority.certificate, key }
}
const place = () => `${app.data}/certificates/${id}.pem`

needs('openssl')(
  'a certificate that is not the stored one is found in its file and where it is served',
  async () => {
    const { certificate, key } = made()
    id = (await ask<{ id: string }>('POST', '/certificates', { certificate, key })).id
    await ask('POST', '/services', { name: 'web' })
    const production = '/services/web/environments/production'
    await ask('POST', `${production}/deployments?wait=true`, undefined, site('web'))
    await ask('POST', `${production}/urls?wait=true`, { hostname: NAME, dns: 'none', https: 'own' })
    expect(await look()).toEqual([])
    const right = readFileSync(place(), 'utf8')

    for (const text of ['', 'no certificate\n', right.slice(0, 200)]) {
      writeFileSync(place(), text)
      const [drift] = (await look()).filter(({ kind }) => kind === 'certificate-file')
      expect(drift).toMatchObject({
        thing: `certificates/${id}.pem`,
        url: { hostname: NAME },
        revertable: true,
      })
      await ask('POST', `/drift/${drift?.id}/revert?wait=true`, { seen: drift?.seen })
      expect(readFileSync(place(), 'utf8')).toBe(right)
      expect(await look()).toEqual([])
    }

    // Without what leads to the root, and open to everybody.
    for (const harm of [
      () => writeFileSync(place(), right.slice(0, right.lastIndexOf('-----BEGIN'))),
      () => chmodSync(place(), 0o644),
    ]) {
      harm()
      const [drift] = (await look()).filter(({ kind }) => kind === 'certificate-file')
      expect(drift).toMatchObject({ thing: `certificates/${id}.pem`, revertable: true })
      await ask('POST', `/drift/${drift?.id}/revert?wait=true`, { seen: drift?.seen })
      expect([readFileSync(place(), 'utf8'), statSync(place()).mode & 0o777]).toEqual([right, 0o600])
      expect(await look()).toEqual([])
    }

    const other = made()
    writeFileSync(place(), other.key + other.certificate)
    const found = await look()
    expect(found.map(({ kind }) => kind)).toContain('certificate-file')
    // No key is in any finding.
    const inside = other.key.split('\n').at(1) ?? ''
    expect(JSON.stringify(found)).not.toContain(inside)
    for (const drift of found.filter(({ revertable }) => revertable))
      await ask('POST', `/drift/${drift.id}/revert?wait=true`, { seen: drift.seen })
    expect(readFileSync(place(), 'utf8')).toBe(right)
    expect(await look()).toEqual([])
  },
)

needs('openssl')(
  'what is served and not what is stored is found, and is over when it is right again',
  async () => {
    const row = people.store.certificates.find(id)
    if (!row?.issued) throw new Error('there is no certificate')
    // As if it had been renewed, and the gateway had not heard of it.
    people.store.certificates.setIssued(id, { ...row.issued, fingerprint: 'f'.repeat(64) })
    const found = await look()
    expect(found.map(({ kind, thing }) => `${kind} ${thing}`)).toContain(`certificate-served ${NAME}`)
    const { adoptable, why } = found.find(({ kind }) => kind === 'certificate-served') ?? {}
    expect([adoptable, why]).toEqual([false, expect.stringContaining('port 443')])
    people.store.certificates.setIssued(id, row.issued)
    expect(await look()).toEqual([])
  },
)

needs(
  'nginx',
  'openssl',
  'named',
  'nsupdate',
  'dig',
)(
  'what NGINX has read by hand is shown no more when it is put back',
  async () => {
    const stage = await NamesStage.start()
    try {
      const json = made()
      const { id: certificate } = await stage.ok<{ id: string }>('POST', '/certificates', { json })
      await stage.attach(NAME, { dns: 'none', https: 'own' })
      const path = `${stage.nginx.data}/certificates/${certificate}.pem`
      const right = readFileSync(path, 'utf8')
      const other = made()
      writeFileSync(path, other.key + other.certificate)
      await stage.nginx.hosts().restore(null, null, signal)
      writeFileSync(path, right)
      const drift = await stage.found()
      expect([drift.kind, drift.thing, drift.revertable]).toEqual(['certificate-served', NAME, true])
      await stage.done(drift, 'revert')
      expect(await stage.look()).toEqual([])
    } finally {
      await stage.stop()
    }
  },
  60_000,
)
