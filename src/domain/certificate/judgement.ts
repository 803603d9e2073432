/** Whether a certificate is one that browsers take. */
import { shown } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Hostname } from '../host-site.ts'
import { covers } from './names.ts'

/** What is judged of a certificate: a part of what base/x509 reads. */
export interface CertificateFacts {
  /** Its DNS names, in lower case. */
  names: readonly string[]
  notBefore: number
  notAfter: number
  issuer: string
  subject: string
  key: { type: string; bits: number | null; curve: string | null }
  signature: { algorithm: string; hash: string }
  isAuthority: boolean
  isSelfIssued: boolean
  isForServers: boolean
}

export interface ChainFacts {
  /** The host's own first. */
  certificates: readonly CertificateFacts[]
  /** Of each but the last: whether the next one has signed it. */
  links: readonly boolean[]
}

export const FINDINGS = [
  'expired',
  'not-yet-valid',
  'other-key',
  'other-names',
  'self-signed',
  'authority',
  'not-for-servers',
  'weak-key',
  'weak-signature',
  'order',
  'broken-chain',
  'missing-intermediates',
  'expired-intermediate',
  'unusual-key',
] as const

export interface CertificateFinding {
  code: (typeof FINDINGS)[number]
  message: string
  /** What to do. */
  hint: string
}

export interface Judgement {
  /** With any of these browsers refuse it. */
  problems: CertificateFinding[]
  /** With these, some do. */
  warnings: CertificateFinding[]
}

export interface JudgedFor {
  now: number
  /** Whether the private key is the one of the certificate. */
  keyFits: boolean
  /** Without it, names are not looked at, but that there are some. */
  hostname?: Hostname
}

const CURVES = ['P-256', 'P-384', 'P-521']
const STRONG_HASHES = ['SHA-256', 'SHA-384', 'SHA-512']

export function judgeCertificate(chain: ChainFacts, given: JudgedFor): Judgement {
  const [leaf, ...above] = chain.certificates
  if (!leaf) throw new Error('A chain has a certificate.')
  return {
    problems: [
      ...lifeProblems(leaf, given.now),
      ...ownProblems(leaf, given),
      ...weaknesses(chain.certificates),
      ...linkProblems(chain),
    ],
    warnings: [...chainWarnings(leaf, above, given.now), ...keyWarnings(leaf)],
  }
}

function* lifeProblems(
  { notBefore, notAfter }: CertificateFacts,
  now: number,
): Generator<CertificateFinding> {
  if (now > notAfter)
    yield {
      code: 'expired',
      message: `The certificate has ended on ${moment(notAfter)}; here it is ${moment(now)}.`,
      hint: 'Get a new one. If the time here is wrong, set the clock of this machine.',
    }
  if (now < notBefore)
    yield {
      code: 'not-yet-valid',
      message: `The certificate begins on ${moment(notBefore)}; here it is ${moment(now)}.`,
      hint: 'Wait until then. If the time here is wrong, set the clock of this machine.',
    }
}

function* ownProblems(
  leaf: CertificateFacts,
  { keyFits, hostname }: JudgedFor,
): Generator<CertificateFinding> {
  if (!keyFits)
    yield {
      code: 'other-key',
      message: 'The key is not the one of the certificate.',
      hint: 'Give the key with which the certificate was requested, or request one for this key.',
    }
  if (leaf.names.length === 0)
    yield {
      code: 'other-names',
      message: 'The certificate names no host: it has no DNS name (subjectAltName).',
      hint: 'Request one with the host name as a DNS name. A common name alone counts for nothing in browsers.',
    }
  else if (hostname !== undefined && !leaf.names.some((name) => covers(name, hostname)))
    yield {
      code: 'other-names',
      message: `The certificate is for ${listed(leaf.names)}, not for ${hostname}.`,
      hint: 'Request one that names it. A wildcard stands for one label: *.example.com is for a.example.com, but neither for example.com nor for a.b.example.com.',
    }
  if (leaf.isSelfIssued)
    yield {
      code: 'self-signed',
      message: 'The certificate is signed by itself, so that no browser trusts it.',
      hint: 'Get one from a CA; a CA of your own will do, when your devices know its root.',
    }
  if (leaf.isAuthority)
    yield {
      code: 'authority',
      message: `The first certificate is that of a CA, ${shown(leaf.subject, 80)}.`,
      hint: 'Put the certificate of the host first, and those of CAs after it.',
    }
  if (!leaf.isForServers)
    yield {
      code: 'not-for-servers',
      message: 'The certificate is not for servers: its extended key usage leaves them out.',
      hint: 'Request one for "TLS web server authentication".',
    }
}

/** Of a root nobody checks the signature, but its key. */
function* weaknesses(certificates: readonly CertificateFacts[]): Generator<CertificateFinding> {
  for (const [index, { key, signature, isSelfIssued }] of certificates.entries()) {
    const which = index === 0 ? 'The certificate' : `Certificate ${index + 1} of the chain`
    const weak = keyWeakness(key)
    if (weak !== null)
      yield {
        code: 'weak-key',
        message: `${which} has ${weak}.`,
        hint: `Get one with a key that is P-256, or RSA with ${LIMITS.certificate.rsaBitsLeast} bits or more.`,
      }
    if (!STRONG_HASHES.includes(signature.hash) && !(isSelfIssued && index > 0))
      yield {
        code: 'weak-signature',
        message: `${which} is signed by ${shown(signature.algorithm, 40)} with ${shown(signature.hash, 40)}, which browsers refuse.`,
        hint: 'Get one that is signed with SHA-256.',
      }
  }
}

function keyWeakness({ type, bits, curve }: CertificateFacts['key']): string | null {
  if (type === 'Ed25519') return null
  if (type === 'RSA')
    return (bits ?? 0) < LIMITS.certificate.rsaBitsLeast ? `a weak key, RSA with ${bits} bits` : null
  if (type === 'EC')
    return CURVES.includes(curve ?? '') ? null : `a key of a curve that browsers do not know, ${curve}`
  return `a key of a kind that browsers do not know, ${type}`
}

function* linkProblems({ certificates, links }: ChainFacts): Generator<CertificateFinding> {
  const at = links.indexOf(false)
  const [below, next] = [certificates[at], certificates[at + 1]]
  if (!below || !next) return
  const isElsewhere = certificates.some(
    ({ subject }, index) => index !== at + 1 && index !== at && subject === below.issuer,
  )
  if (isElsewhere && next.subject !== below.issuer)
    yield {
      code: 'order',
      message: `The certificates are in the wrong order: number ${at + 2} is not the one that has signed number ${at + 1}.`,
      hint: 'Put the certificate of the host first, then the one that has signed it, and so on.',
    }
  else
    yield {
      code: 'broken-chain',
      message: `Certificate ${at + 2} of the chain, ${shown(next.subject, 80)}, has not signed certificate ${at + 1}.`,
      hint: `Put the certificate of ${shown(below.issuer, 80)} there, as its CA gives it out.`,
    }
}

function* chainWarnings(
  leaf: CertificateFacts,
  above: readonly CertificateFacts[],
  now: number,
): Generator<CertificateFinding> {
  if (above.length === 0 && !leaf.isSelfIssued)
    yield {
      code: 'missing-intermediates',
      message: `The chain holds the certificate of the host alone. Browsers that do not know ${shown(leaf.issuer, 80)} refuse it.`,
      hint: 'Add the intermediate certificates of the CA after it, unless a root has signed it.',
    }
  const ended = above.findIndex(({ notAfter }) => now > notAfter)
  const one = above[ended]
  if (one)
    yield {
      code: 'expired-intermediate',
      message: `Certificate ${ended + 2} of the chain, ${shown(one.subject, 80)}, has ended on ${moment(one.notAfter)}.`,
      hint: 'Get the chain anew from the CA.',
    }
}

function* keyWarnings({ key }: CertificateFacts): Generator<CertificateFinding> {
  if (key.type === 'Ed25519' || key.curve === 'P-521')
    yield {
      code: 'unusual-key',
      message: `The certificate has a key that few browsers take, ${key.curve ?? key.type}.`,
      hint: 'Request one with a P-256 key, which all take.',
    }
}

const SHOWN_NAMES = 5

function listed(names: readonly string[]): string {
  const texts = names.slice(0, SHOWN_NAMES).map((name) => shown(name, 100))
  const more = names.length - texts.length
  return more > 0 ? `${texts.join(', ')} and ${more} more` : texts.join(', ')
}

/** `2026-11-26 12:00 UTC`. */
const moment = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
