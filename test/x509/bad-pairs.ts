/** Certificates and keys that no browser would take, as people have them, and what is to be said of each. */
import { AUTHORITY, type Made, type OpenSsl, rsa, stamp } from './openssl.ts'

export interface BadPair {
  what: string
  make: () => { certificate: string; key: string }
  /** Of each field something. */
  says: [field: 'certificate' | 'key', message: RegExp][]
}

const DAY_MS = 86_400_000

export function badPairs(openssl: OpenSsl, authority: Made): BadPair[] {
  const named = { subject: '/CN=bad.example.com', names: 'DNS:bad.example.com', by: authority }
  const whole = ({ certificate, key }: Made) => ({ certificate: certificate + authority.certificate, key })
  const made = (more = {}) => whole(openssl.make({ ...named, ...more }))
  const at = (days: number) => stamp(Date.now() + days * DAY_MS)
  const half = (text: string) => text.slice(0, text.length / 2)
  return [
    {
      what: 'expired',
      make: () => made({ from: at(-90), until: at(-1) }),
      says: [['certificate', /has ended on /]],
    },
    {
      what: 'not yet valid',
      make: () => made({ from: at(1), until: at(90) }),
      says: [['certificate', /begins on /]],
    },
    {
      what: 'of another key',
      make: () => ({ ...made(), key: openssl.key() }),
      says: [['key', /not the one of the certificate/]],
    },
    {
      what: 'expired, weak and of another key',
      make: () => ({
        ...made({ from: at(-90), until: at(-1), key: rsa(1_024), hash: 'sha1' }),
        key: openssl.key(),
      }),
      says: [
        ['certificate', /has ended on /],
        ['certificate', /RSA with 1024 bits/],
        ['certificate', /SHA-1/],
        ['key', /not the one of the certificate/],
      ],
    },
    {
      what: 'signed by itself',
      make: () => openssl.make({ ...named, by: undefined } as object),
      says: [['certificate', /signed by itself/]],
    },
    {
      what: 'RSA with 1024 bits',
      make: () => made({ key: rsa(1_024) }),
      says: [['certificate', /RSA with 1024 bits/]],
    },
    { what: 'SHA-1', make: () => made({ hash: 'sha1' }), says: [['certificate', /SHA-1/]] },
    { what: 'no host', make: () => made({ names: '' }), says: [['certificate', /names no host/]] },
    {
      what: 'a CA',
      make: () => made({ extensions: AUTHORITY }),
      says: [['certificate', /that of a CA/]],
    },
    {
      what: 'in the wrong order',
      make: () => {
        const { certificate, key } = openssl.make(named)
        return { certificate: authority.certificate + certificate, key }
      },
      says: [['certificate', /./]],
    },
    {
      what: 'cut off',
      make: () => {
        const { certificate, key } = openssl.make(named)
        return { certificate: half(certificate), key: half(key) }
      },
      says: [
        ['certificate', /is cut off/],
        ['key', /is cut off/],
      ],
    },
    {
      what: 'cut off inside, and whole outside',
      make: () => {
        const { certificate, key } = openssl.make(named)
        const lines = certificate.trim().split('\n')
        return { certificate: [...lines.slice(0, 4), lines.at(-1), ''].join('\n'), key }
      },
      says: [['certificate', /can't be read|no base64/]],
    },
    {
      what: 'binary',
      make: () => {
        const { certificate, key } = openssl.make(named)
        const der = Buffer.from(certificate.replace(/-----.*?-----|\s/g, ''), 'base64')
        return { certificate: der.toString('latin1'), key }
      },
      says: [['certificate', /no certificate in it/]],
    },
    {
      what: 'huge',
      make: () => ({ ...made(), certificate: 'A'.repeat(64 * 1024 + 1) }),
      says: [['certificate', /./]],
    },
    { what: 'empty', make: () => ({ certificate: '', key: '' }), says: [['certificate', /./]] },
    {
      what: 'the key among the certificates',
      make: () => {
        const { certificate, key } = openssl.make(named)
        return { certificate: certificate + key, key }
      },
      says: [['certificate', /private key stands among/]],
    },
    {
      what: 'a key with a passphrase',
      make: () => {
        const { certificate, key } = made()
        return { certificate, key: openssl.run(['pkcs8', '-topk8', '-passout', 'pass:secret'], key) }
      },
      says: [['key', /passphrase/]],
    },
  ]
}
