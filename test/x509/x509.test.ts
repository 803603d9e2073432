/** Certificates, keys and requests: what we write is read by openssl, what openssl writes is read by us. */
import { afterAll, describe, expect, test } from 'bun:test'
import { X509Certificate } from 'node:crypto'
import * as fc from 'fast-check'
import { readCertificate } from '../../src/base/x509/certificate.ts'
import { parseChain } from '../../src/base/x509/chain.ts'
import { DerError, der, readDer, TAG, time, timeOf } from '../../src/base/x509/der.ts'
import { keyFits, newKey, parseKey } from '../../src/base/x509/key.ts'
import { certificateRequest, selfSigned } from '../../src/base/x509/signed.ts'
import { needs } from '../needs.ts'
import { AUTHORITY, OpenSsl, P256, rsa, stamp } from './openssl.ts'

const openssl = new OpenSsl()
afterAll(() => openssl.end())

const DAY_MS = 24 * 3_600_000
const NOON = Date.UTC(2026, 10, 26, 12)
const own = (names: [string, ...string[]] = ['site.example', '*.site.example']) => {
  const key = newKey()
  const given = { names, organization: 'Somebody', notBefore: NOON, notAfter: NOON + 90 * DAY_MS, key }
  return { key, chain: parseChain(selfSigned(given)) }
}
const RFC_9773 = `-----BEGIN CERTIFICATE-----
MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt
cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS
BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu
7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf
qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B
yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb
+FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK
-----END CERTIFICATE-----
`
/** What is thrown. */
const refusal = (read: () => unknown): unknown => {
  try {
    return { read: read() }
  } catch (thrown) {
    return thrown
  }
}

describe('a certificate of our own', () => {
  const { key, chain } = own()

  test('says what it was told to', () => {
    expect(chain.leaf).toMatchObject({
      names: ['site.example', '*.site.example'],
      notBefore: NOON,
      notAfter: NOON + 90 * DAY_MS,
      issuer: 'Somebody, site.example',
      subject: 'Somebody, site.example',
      key: { type: 'EC', bits: null, curve: 'P-256' },
      signature: { algorithm: 'ECDSA', hash: 'SHA-256' },
      isAuthority: false,
      isSelfIssued: true,
      isForServers: true,
      renewalId: null,
    })
    const seen = new X509Certificate(chain.pem)
    expect(chain.leaf.fingerprint).toBe(seen.fingerprint256.replaceAll(':', '').toLowerCase())
    expect(chain.leaf.serial).toBe(seen.serialNumber.toLowerCase())
    expect(seen.verify(seen.publicKey)).toBe(true)
  })

  test('fits its key and no other', () => {
    expect(keyFits(key, chain.leaf)).toBe(true)
    expect(keyFits(newKey(), chain.leaf)).toBe(false)
  })

  test('has no common name when its name is too long for one', () => {
    const long = `${'a'.repeat(60)}.${'b'.repeat(60)}.example`
    expect(own([long]).chain.leaf).toMatchObject({ names: [long], subject: 'Somebody' })
  })

  needs('openssl')('is read by openssl', () => {
    const seen = openssl.run(['x509', '-noout', '-text'], chain.pem)
    expect(seen).toContain('DNS:site.example, DNS:*.site.example')
    expect(seen).toContain('Subject: O = Somebody, CN = site.example')
    expect(seen).toContain('TLS Web Server Authentication')
    expect(seen).toContain('Digital Signature')
    expect(seen).toContain('CA:FALSE')
    const file = openssl.file('own.pem', chain.pem)
    const verified = [
      'verify',
      '-attime',
      `${NOON / 1000 + 60}`,
      '-x509_strict',
      '-partial_chain',
      '-CAfile',
      file,
    ]
    expect(openssl.run([...verified, file])).toContain('OK')
  })
})

describe('a request', () => {
  needs('openssl')('is one that openssl verifies', () => {
    const request = certificateRequest(['a.example', '*.b.example'], newKey())
    const { out: seen, err } = openssl.both(['req', '-inform', 'DER', '-verify', '-noout', '-text'], request)
    expect(err).toContain('OK')
    expect(seen).toContain('DNS:a.example, DNS:*.b.example')
    expect(seen).toContain('prime256v1')
    expect(seen).toContain('ecdsa-with-SHA256')
  })

  needs('openssl')('is refused when a byte of it is changed', () => {
    const request = Buffer.from(certificateRequest(['a.example'], newKey()))
    request.write('b', request.indexOf('a.example'))
    const { err } = openssl.both(['req', '-inform', 'DER', '-verify', '-noout'], request)
    expect(err).not.toContain('OK')
    expect(err).toContain('failure')
  })
})

describe('what others make', () => {
  needs('openssl')('is read: keys, signatures, names, issuers', () => {
    const root = openssl.make({ subject: '/O=A Root/CN=One', names: '', extensions: AUTHORITY })
    const kinds: [key: string[], seen: object][] = [
      [P256, { type: 'EC', bits: null, curve: 'P-256' }],
      [
        ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
        { type: 'EC', bits: null, curve: 'P-384' },
      ],
      [
        ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1'],
        { type: 'EC', bits: null, curve: 'secp256k1' },
      ],
      [rsa(2048), { type: 'RSA', bits: 2048, curve: null }],
      [rsa(1024), { type: 'RSA', bits: 1024, curve: null }],
      [['-algorithm', 'ED25519'], { type: 'Ed25519', bits: null, curve: null }],
    ]
    for (const [key, seen] of kinds) {
      const made = openssl.make({ key, by: root, names: 'DNS:A.example,IP:192.0.2.1,DNS:*.b.example' })
      const { leaf } = parseChain(made.certificate)
      expect(leaf.key).toEqual(seen as typeof leaf.key) // as it is written above
      expect(leaf).toMatchObject({
        names: ['a.example', '*.b.example'],
        issuer: 'A Root, One',
        isSelfIssued: false,
      })
    }
    const old = openssl.make({ hash: 'sha1', key: rsa(2048) })
    expect(parseChain(old.certificate).leaf.signature).toEqual({ algorithm: 'RSA', hash: 'SHA-1' })
    const file = openssl.file('pss.key', openssl.key(rsa(2048)))
    for (const [digest, hash] of [
      ['-sha1', 'SHA-1'],
      ['-sha384', 'SHA-384'],
    ] as const) {
      const own = ['req', '-x509', '-key', file, '-subj', '/CN=a', digest, '-sigopt', 'rsa_padding_mode:pss']
      expect(parseChain(openssl.run(own)).leaf.signature).toEqual({ algorithm: 'RSA-PSS', hash })
    }
  })

  needs('openssl')('is known to a CA by its key identifier and serial number (RFC 9773 §4.1)', () => {
    const root = openssl.make({ names: '', extensions: AUTHORITY })
    const made = openssl.make({ by: root, extensions: ['authorityKeyIdentifier=keyid:always'] })
    const seen = openssl.run(
      ['x509', '-noout', '-serial', '-ext', 'authorityKeyIdentifier'],
      made.certificate,
    )
    const serial = /serial=([0-9A-F]+)/.exec(seen)?.[1] ?? ''
    const key = /([0-9A-F]{2}:)+[0-9A-F]{2}/.exec(seen)?.[0].replaceAll(':', '') ?? ''
    const [ours = '', number = ''] = parseChain(made.certificate).leaf.renewalId?.split('.') ?? []
    expect(Buffer.from(ours, 'base64url').toString('hex')).toBe(key.toLowerCase())
    expect(Buffer.from(number, 'base64url').toString('hex').replace(/^00/, '')).toBe(serial.toLowerCase())
    expect(key.length).toBe(40)
  })

  test('is called as the example of RFC 9773, appendix A, has it', () => {
    expect(parseChain(RFC_9773).leaf).toMatchObject({
      renewalId: 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE',
      serial: '87654321',
      issuer: 'Example CA',
      subject: 'example.com',
      names: [],
    })
  })

  needs('openssl')('is linked when the next one has signed it', () => {
    const root = openssl.make({ subject: '/O=Root', names: '', extensions: AUTHORITY })
    const middle = openssl.make({ subject: '/O=Middle', names: '', extensions: AUTHORITY, by: root })
    const leaf = openssl.make({ by: middle })
    const namesake = openssl.make({ subject: '/O=Middle', names: '', extensions: AUTHORITY, by: root })
    const linksOf = (...all: { certificate: string }[]) =>
      parseChain(all.map(({ certificate }) => certificate).join('\n')).links
    expect(linksOf(leaf)).toEqual([])
    expect(linksOf(leaf, middle, root)).toEqual([true, true])
    expect(linksOf(leaf, root, middle)).toEqual([false, false])
    expect(linksOf(leaf, namesake)).toEqual([false])
  })
})

describe('DER', () => {
  test('holds times of the years 1950 to 9999', () => {
    const seconds = fc.integer({ min: Date.UTC(1950, 0) / 1000, max: Date.UTC(9999, 11, 31) / 1000 })
    fc.assert(fc.property(seconds, (at) => timeOf(readDer(time(at * 1000))) === at * 1000))
    expect(Buffer.from(time(Date.UTC(2049, 11, 31))).toString()).toContain('491231000000Z')
    expect(Buffer.from(time(Date.UTC(2050, 0, 1))).toString()).toContain('20500101000000Z')
  })

  test('takes no other spelling of a value', () => {
    for (const bytes of [
      [],
      [0x30],
      [0x30, 0x80, 0, 0],
      [0x30, 0x81, 0x01, 0],
      [0x04, 2, 1],
      [0x04, 1, 1, 1],
      [0x1f, 1, 0],
    ])
      expect(refusal(() => readDer(Uint8Array.from(bytes)))).toBeInstanceOf(DerError)
    expect(refusal(() => timeOf(readDer(der(TAG.utcTime, Buffer.from('260230000000Z')))))).toBeInstanceOf(
      DerError,
    )
  })

  test('and a certificate of which anything was changed, cut or added is another one or none', () => {
    const { leaf } = own().chain
    const changes = fc.record({ at: fc.nat(leaf.der.length - 1), byte: fc.nat(255), cut: fc.boolean() })
    fc.assert(
      fc.property(changes, ({ at, byte, cut }) => {
        const changed = cut ? leaf.der.slice(0, at) : Uint8Array.from(leaf.der)
        if (!cut) changed[at] = byte
        const read = refusal(() => readCertificate(changed))
        if (read instanceof DerError) return
        const same = !cut && leaf.der[at] === byte
        expect(Object(read)).toHaveProperty('read')
        expect(Object(read).read.fingerprint === leaf.fingerprint).toBe(same)
      }),
      { numRuns: 2_000 },
    )
    expect(refusal(() => readCertificate(Buffer.concat([leaf.der, Uint8Array.of(0)])))).toBeInstanceOf(
      DerError,
    )
  })
})

describe('PEM', () => {
  const { key, chain } = own()
  const [PLAIN, SEC1] = ['PRIVATE KEY', 'EC PRIVATE KEY']

  test('is taken with any line ends, a byte order mark, and words around it', () => {
    for (const text of [
      chain.pem.replaceAll('\n', '\r\n'),
      `\ufeff${chain.pem}`,
      `subject=CN = site.example\n${chain.pem}\nthat was all\n`,
      chain.pem.replaceAll('\n', '   \n'),
    ])
      expect(parseChain(text).pem).toBe(chain.pem)
    expect(parseKey(`\ufeff${key.replaceAll('\n', '\r\n')}`)).toBe(key)
  })

  const bad: [what: string, text: string, message: RegExp][] = [
    ['nothing', '', /no certificate/],
    ['a binary file', Buffer.from(chain.leaf.der).toString('latin1'), /no certificate/],
    ['half of it', chain.pem.slice(0, chain.pem.length / 2), /cut off/],
    ['without its end', chain.pem.replace(/-----END.*/, ''), /cut off/],
    ['a line less', chain.pem.replace(/\n.{64}\n/, '\n'), /Certificate 1 can't be read/],
    ['a character less', chain.pem.replace(/\n(.{63}).\n/, '\n$1\n'), /no base64/],
    ['with something behind', `${chain.pem}-----END CERTIFICATE-----\n`, /where no block is open/],
    ['with its key', `${chain.pem}${key}`, /private key stands among/],
    [
      'a request',
      chain.pem.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST'),
      /A block "CERTIFICATE REQUEST"/,
    ],
    ['eleven of them', chain.pem.repeat(11), /has 11 certificates/],
    ['far too much', chain.pem.repeat(200), /more than 65536 bytes/],
  ]
  for (const [what, text, message] of bad)
    test(`refuses ${what}`, () => {
      const thrown = refusal(() => parseChain(text))
      expect(thrown).toMatchObject({
        name: 'Fault',
        message: expect.stringMatching(message),
        hint: expect.any(String),
      })
    })

  const badKeys: [what: string, text: string, message: RegExp][] = [
    ['nothing', 'hello', /no key in it/],
    ['several', key + newKey(), /more in it than one key/],
    ['a certificate', chain.pem, /A block "CERTIFICATE" stands/],
    ['half of one', key.slice(0, 90), /cut off/],
    ['rubbish', `-----BEGIN ${PLAIN}-----\nAAAA\n-----END ${PLAIN}-----`, /can't be read/],
    ['far too much', key.repeat(100), /more than 16384 bytes/],
  ]
  for (const [what, text, message] of badKeys)
    test(`refuses as a key: ${what}, without quoting it`, () => {
      const thrown = refusal(() => parseKey(text))
      for (const line of text.split('\n').filter((line) => /^[A-Za-z0-9+/=]{20,}$/.test(line)))
        expect(JSON.stringify([String(thrown), Object(thrown).hint])).not.toContain(line)
      expect(thrown).toMatchObject({
        name: 'Fault',
        message: expect.stringMatching(message),
        hint: expect.any(String),
      })
    })

  needs('openssl')('takes keys as openssl writes them, and tells what a locked one wants', () => {
    for (const kind of [P256, rsa(2048), ['-algorithm', 'ED25519']])
      expect(parseKey(openssl.key(kind))).toContain(PLAIN)
    const old = openssl.run(['ec', '-outform', 'PEM'], key)
    expect(old).toContain(SEC1)
    expect(parseKey(old)).toBe(key)
    expect(parseKey(openssl.run(['ecparam', '-name', 'prime256v1', '-genkey']))).toContain(PLAIN)
    expect(parseKey(openssl.run(['rsa', '-traditional'], openssl.key(rsa(2048))))).toContain(PLAIN)
    const locked = ['-passout', 'pass:secret', '-aes256']
    for (const text of [openssl.run(['pkey', ...locked], key), openssl.run(['ec', ...locked], key)])
      expect(refusal(() => parseKey(text))).toMatchObject({ message: 'The key is locked by a passphrase.' })
  })

  needs('openssl')('holds a time a day or a century off', () => {
    const until = Date.UTC(2093, 0, 1)
    const made = openssl.make({ from: stamp(NOON), until: stamp(until) })
    expect(parseChain(made.certificate).leaf).toMatchObject({ notBefore: NOON, notAfter: until })
  })
})
