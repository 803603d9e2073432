/** Certificates of a real CA: accounts, HTTP-01, DNS-01 with wildcards, bad nonces, and authorizations that are taken again. */
import { afterAll, beforeAll, describe, expect } from 'bun:test'
import { X509Certificate } from 'node:crypto'
import { parseChain } from '../../src/base/x509/chain.ts'
import { keyFits, newKey } from '../../src/base/x509/key.ts'
import { judgeCertificate } from '../../src/domain/certificate/judgement.ts'
import type { AuthorityAccount, CertificateAuthority } from '../../src/ports/certificate-authority.ts'
import { endAll } from '../dns/daemon.ts'
import { Named } from '../dns/named.ts'
import { has, needs } from '../needs.ts'
import { Pebble } from './pebble.ts'
import { answerAll, client, connect, issue, open, refusal, signal } from './stage.ts'

const pebbleTest = needs('pebble', 'pebble-challtestsrv', 'openssl')
const TEST_MS = 120_000
const HMAC_KEY = Buffer.from('a key that the CA has given out, long enough').toString('base64url')

let pebble: Pebble
let authority: CertificateAuthority
let account: AuthorityAccount
beforeAll(async () => {
  if (!has('pebble')) return
  pebble = await Pebble.start({ badNonces: 30, thinksSeconds: 2 })
  authority = connect(pebble)
  account = await open(authority)
})
afterAll(async () => {
  client.close()
  await endAll()
})

describe('with 30 of 100 nonces refused', () => {
  pebbleTest(
    'a certificate is made by HTTP-01',
    async () => {
      const { chain, key, order } = await issue(
        { authority, account, challenges: pebble.challenges },
        ['a.example', 'b.example'],
        'http-01',
      )
      expect(order.names.toSorted()).toEqual(['a.example', 'b.example'])
      expect(order.authorizations.map(({ isWildcard }) => isWildcard)).toEqual([false, false])
      const { leaf, certificates, links } = parseChain(chain)
      expect(leaf.names.toSorted()).toEqual(['a.example', 'b.example'])
      expect(keyFits(key, leaf)).toBe(true)
      expect(links).toEqual([true])
      expect(leaf.renewalId).toMatch(/^[\w-]{27}\.[\w-]+$/)
      const given = { now: Date.now(), hostname: 'b.example', keyFits: true }
      expect(judgeCertificate(parseChain(chain), given)).toEqual({ problems: [], warnings: [] })
      const root = new X509Certificate(await pebble.issuingRoot())
      const [, middle] = certificates.map(({ der }) => new X509Certificate(der))
      expect(middle?.checkIssued(root)).toBe(true)
      expect(middle?.verify(root.publicKey)).toBe(true)
      expect(await pebble.challenges.httpRequests('a.example')).toBeGreaterThan(0)
    },
    TEST_MS,
  )

  pebbleTest(
    'one for a wildcard by DNS-01',
    async () => {
      const { chain, order } = await issue(
        { authority, account, challenges: pebble.challenges },
        ['*.c.example'],
        'dns-01',
      )
      expect(order.authorizations).toMatchObject([{ name: 'c.example', isWildcard: true, status: 'pending' }])
      expect(order.authorizations[0]?.challenges.map(({ type }) => type)).toEqual(['dns-01'])
      expect(parseChain(chain).leaf.names).toEqual(['*.c.example'])
    },
    TEST_MS,
  )

  pebbleTest(
    'ten at the same time, and nothing is asked twice in vain',
    async () => {
      const all = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          issue({ authority, account, challenges: pebble.challenges }, [`n${index}.example`], 'http-01'),
        ),
      )
      expect(new Set(all.map(({ chain }) => parseChain(chain).leaf.serial)).size).toBe(10)
    },
    TEST_MS,
  )

  pebbleTest('the account is found again by its key, and its contacts are seen to', async () => {
    const again = await authority.openAccount(
      { key: account.key, contact: ['mailto:bob@site.example'], external: null },
      signal,
    )
    expect(again).toBe(account.url ?? '')
    expect(await authority.openAccount({ key: newKey(), contact: [], external: null }, signal)).not.toBe(
      again,
    )
  })

  pebbleTest('the directory tells what the CA has', async () => {
    expect(await authority.directory(signal)).toEqual({
      termsOfService: null,
      externalAccountRequired: false,
      hasRenewalInfo: false,
      profiles: {},
    })
  })

  pebbleTest('nothing is known of when to renew, and no profile is there to be asked for', async () => {
    expect(await authority.renewalWindow(await pebble.intermediate(), signal)).toBeNull()
    const asked = authority.order(account, { names: ['a.example'], profile: 'short', replaces: null }, signal)
    expect(await refusal(asked)).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('no profile short'),
    })
  })
})

describe('finalizing', () => {
  pebbleTest(
    'twice is once: a lost answer changes nothing',
    async () => {
      const order = await authority.order(
        account,
        { names: ['twice.example'], profile: null, replaces: null },
        signal,
      )
      const challengeUrls = await answerAll(
        { authority, account, challenges: pebble.challenges },
        order,
        'http-01',
      )
      await authority.validate(account, { order, challengeUrls }, signal)
      await authority.validate(account, { order, challengeUrls }, signal)
      const key = newKey()
      const [one, two] = await Promise.all(
        [1, 2].map(() => authority.finalize(account, { order, key }, signal)),
      )
      expect(one).toBe(two ?? '')
      expect(await authority.finalize(account, { order, key }, signal)).toBe(one ?? '')
      expect(await authority.readOrder(account, order.url, signal)).toMatchObject({
        status: 'valid',
        names: ['twice.example'],
      })
      const other = await refusal(authority.finalize(account, { order, key: newKey() }, signal))
      expect(other).toMatchObject({ code: 'unavailable', message: expect.stringContaining('another key') })
    },
    TEST_MS,
  )

  pebbleTest(
    'an order that is not ready is told after some patience, not before',
    async () => {
      const hasty = connect(pebble, { patienceMs: 1_500 })
      const order = await hasty.order(
        account,
        { names: ['slow.example'], profile: null, replaces: null },
        signal,
      )
      const thrown = await refusal(hasty.finalize(account, { order, key: newKey() }, signal))
      expect(thrown).toMatchObject({
        code: 'unavailable',
        message: expect.stringMatching(/make the certificate for slow\.example, and it is pending still/),
      })
    },
    TEST_MS,
  )
})

describe('what the CA refuses is told in its words', () => {
  pebbleTest(
    'an answer that is wrong',
    async () => {
      const order = await authority.order(
        account,
        { names: ['wrong.example'], profile: null, replaces: null },
        signal,
      )
      const challenge = order.authorizations[0]?.challenges.find(({ type }) => type === 'http-01')
      if (!challenge) throw new Error('There is no challenge.')
      await pebble.challenges.answerHttp(challenge.token, 'something else')
      const asked = authority.validate(account, { order, challengeUrls: [challenge.url] }, signal)
      expect(await refusal(asked)).toMatchObject({
        code: 'conflict',
        message: expect.stringMatching(/could not check wrong\.example by http-01, .*something else/),
        extra: { authorityProblem: { type: 'urn:ietf:params:acme:error:unauthorized' } },
        hint: expect.stringContaining('does the name lead to this server'),
      })
      expect(await authority.readOrder(account, order.url, signal)).toMatchObject({ status: 'invalid' })
      const made = authority.finalize(account, { order, key: newKey() }, signal)
      expect(await refusal(made)).toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('makes no certificate'),
      })
    },
    TEST_MS,
  )

  pebbleTest('an order, an account or a name that it does not know', async () => {
    const order = await authority.order(
      account,
      { names: ['gone.example'], profile: null, replaces: null },
      signal,
    )
    const gone = await refusal(authority.readOrder(account, `${order.url}x`, signal))
    expect(gone).toMatchObject({ code: 'not_found' })
    const stranger = { key: newKey(), url: `${account.url}x` }
    const asked = authority.order(
      stranger,
      { names: ['gone.example'], profile: null, replaces: null },
      signal,
    )
    expect(await refusal(asked)).toMatchObject({
      code: 'not_found',
      extra: { authorityProblem: { type: 'urn:ietf:params:acme:error:accountDoesNotExist' } },
    })
    const address = authority.order(account, { names: ['192.0.2.1'], profile: null, replaces: null }, signal)
    expect(await refusal(address)).toMatchObject({ code: 'conflict' })
  })

  pebbleTest('its own certificate, when nobody vouches for it', async () => {
    const stranger = connect({ directoryUrl: pebble.directoryUrl, root: null })
    expect(await refusal(stranger.directory(signal))).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('itself is not trusted here'),
      hint: expect.stringContaining('root certificate'),
    })
  })
})

describe('a CA that asks a name server of ours', () => {
  needs(
    'pebble',
    'openssl',
    'named',
    'nsupdate',
    'dig',
  )(
    'finds the record there: a wildcard by DNS-01 from BIND',
    async () => {
      const named = await Named.start()
      const asking = await Pebble.start({ dnsServer: `127.0.0.1:${named.port}` })
      const authority = connect(asking)
      const account = await open(authority)
      const names = ['*.ours.example.com']
      const order = await authority.order(account, { names, profile: null, replaces: null }, signal)
      const [challenge] = order.authorizations[0]?.challenges ?? []
      const { txt } = authority.keyAuthorization(account, challenge?.token ?? '')
      await named.byHand(`update add _acme-challenge.ours.example.com 60 TXT ${txt}`)
      await authority.validate(account, { order, challengeUrls: [challenge?.url ?? ''] }, signal)
      const chain = await authority.finalize(account, { order, key: newKey() }, signal)
      expect(parseChain(chain).leaf.names).toEqual(names)
      await asking.end()
      await named.end()
    },
    TEST_MS,
  )
})

describe('a CA that begins anew', () => {
  pebbleTest(
    'knows nobody: the account is opened anew by the same key, with nonces of its own',
    async () => {
      const anew = await Pebble.start()
      const authority = connect(anew)
      const account = await open(authority)
      const ordered = (account: AuthorityAccount) =>
        authority.order(account, { names: ['anew.example'], profile: null, replaces: null }, signal)
      await ordered(account)
      await anew.stop('SIGKILL')
      await anew.up()
      expect(await refusal(ordered(account))).toMatchObject({
        code: 'not_found',
        extra: { authorityProblem: { type: 'urn:ietf:params:acme:error:accountDoesNotExist' } },
      })
      const given = { key: account.key, contact: [], external: null }
      const url = await authority.openAccount(given, signal)
      expect(await ordered({ key: account.key, url })).toMatchObject({ status: 'pending' })
      await anew.end()
    },
    TEST_MS,
  )
})

describe('an authorization that is valid still', () => {
  pebbleTest(
    'is not asked for again',
    async () => {
      const reusing = await Pebble.start({ reused: 100, validSeconds: 6 * 86_400 })
      const authority = connect(reusing)
      const account = await open(authority)
      const at = { authority, account, challenges: reusing.challenges }
      const first = await issue(at, ['again.example'], 'http-01')
      const { leaf } = parseChain(first.chain)
      expect(Math.round((leaf.notAfter - leaf.notBefore) / 86_400_000)).toBe(6)
      const seen = await reusing.challenges.httpRequests('again.example')
      const order = await authority.order(
        account,
        { names: ['again.example'], profile: null, replaces: null },
        signal,
      )
      expect(order).toMatchObject({ status: 'ready', authorizations: [{ status: 'valid' }] })
      const challengeUrls = order.authorizations.flatMap(({ challenges }) => challenges.map(({ url }) => url))
      await authority.validate(account, { order, challengeUrls }, signal)
      const second = await authority.finalize(account, { order, key: newKey() }, signal)
      expect(parseChain(second).leaf.serial).not.toBe(leaf.serial)
      expect(await reusing.challenges.httpRequests('again.example')).toBe(seen)
      await reusing.end()
    },
    TEST_MS,
  )
})

describe('an external account', () => {
  pebbleTest(
    'is bound where the CA wants one, and asked for where it is missing',
    async () => {
      const strict = await Pebble.start({ external: { one: HMAC_KEY }, badNonces: 30 })
      const authority = connect(strict)
      expect(await authority.directory(signal)).toMatchObject({ externalAccountRequired: true })
      const key = newKey()
      const open = (external: { keyId: string; hmacKey: string } | null) =>
        authority.openAccount({ key, contact: [], external }, signal)
      expect(await refusal(open(null))).toMatchObject({
        code: 'conflict',
        extra: { authorityProblem: { type: 'urn:ietf:params:acme:error:externalAccountRequired' } },
        hint: expect.stringContaining('key ID and the HMAC key'),
      })
      const other = Buffer.from('another key, as long as the right one is').toString('base64url')
      for (const wrong of [
        { keyId: 'two', hmacKey: HMAC_KEY },
        { keyId: 'one', hmacKey: other },
      ]) {
        const thrown = await refusal(open(wrong))
        expect(JSON.stringify([String(thrown), thrown])).not.toContain(wrong.hmacKey)
        expect(thrown).toMatchObject({ code: 'conflict' })
      }
      const thrown = await refusal(open({ keyId: 'one', hmacKey: 'not one!' }))
      expect(thrown).toMatchObject({ code: 'invalid', message: expect.stringContaining('HMAC key') })
      const url = await open({ keyId: 'one', hmacKey: HMAC_KEY })
      expect(await open({ keyId: 'one', hmacKey: HMAC_KEY })).toBe(url)
      const at = { authority, account: { key, url }, challenges: strict.challenges }
      expect((await issue(at, ['bound.example'], 'http-01')).order.names).toEqual(['bound.example'])
      await strict.end()
    },
    TEST_MS,
  )
})
