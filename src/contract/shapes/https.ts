/** How names answer over HTTPS, and their certificates. */
import { z } from 'zod'
import { LIMITS } from '../../base/limits.ts'
import { TLS_VERSIONS } from '../../domain/host-site.ts'
import { CERTIFICATE_KINDS, CHALLENGE_WAYS, HTTPS_MODES, HTTPS_STATES } from '../../domain/https.ts'
import { Id, PageQuery, Time } from '../shapes.ts'
import { Finding } from './finding.ts'

const { chainBytes, keyBytes, hstsSecondsMost } = LIMITS.certificate

export const httpsMode = z.enum(HTTPS_MODES).meta({
  description:
    'Where its certificate comes from. `auto`: from the CA that is set up; `own`: the one among those that were brought which covers the name and is good for longest; `none`: it answers over plain HTTP alone.',
})

export const Hsts = z
  .strictObject({
    maxAgeSeconds: z.number().int().min(0).max(hstsSecondsMost).meta({
      description: 'How long a browser remembers; 0 makes it forget.',
      example: 31_536_000,
    }),
    includeSubDomains: z.boolean(),
    preload: z
      .boolean()
      .meta({ description: 'Wants `includeSubDomains` and a year, as the list of browsers does.' }),
  })
  .refine(
    ({ preload, includeSubDomains, maxAgeSeconds }) =>
      !preload || (includeSubDomains && maxAgeSeconds >= LIMITS.certificate.hstsPreloadSecondsLeast),
    { path: ['preload'], message: 'wants includeSubDomains and a maxAgeSeconds of a year or more' },
  )
  .meta({
    id: 'Hsts',
    description: '`Strict-Transport-Security`: browsers then use nothing but HTTPS, whatever happens here.',
  })

export const httpsWays = {
  redirect: z.boolean().meta({ description: 'Whether plain HTTP leads to HTTPS.' }),
  hsts: Hsts.nullable().meta({ description: 'Null: browsers are told nothing.' }),
  minimumTls: z
    .enum(TLS_VERSIONS)
    .meta({ description: "The oldest version that is spoken. TLS 1.2 is Mozilla's intermediate profile." }),
}

/** What is wished for one name. */
export const httpsWish = {
  https: httpsMode.optional(),
  redirectToHttps: httpsWays.redirect.optional(),
  hsts: httpsWays.hsts.optional(),
  minimumTls: httpsWays.minimumTls.optional(),
}

const brief = {
  id: Id,
  kind: z.enum(CERTIFICATE_KINDS).meta({
    description:
      '`acme`: of the CA; `own`: brought by somebody; `placeholder`: made here, trusted by nobody.',
  }),
  names: z.array(z.string()).meta({ example: ['docs.example.com'] }),
  issuer: z.string().meta({ description: 'Who signed it.', example: "Let's Encrypt, R11" }),
  notBefore: Time,
  notAfter: Time.meta({ description: 'When it expires.' }),
  fingerprint: z.string().meta({ description: 'SHA-256 of its DER, in lower-case hex.' }),
}
export const CertificateBrief = z
  .object(brief)
  .meta({ id: 'CertificateBrief', description: 'A certificate as other things mention it.' })

export const UrlHttps = z
  .object({
    mode: httpsMode,
    state: z.enum(HTTPS_STATES).meta({
      description:
        '`pending`: there is no certificate yet; `placeholder`: one that nobody trusts stands in; `expired`: browsers refuse it.',
    }),
    ...httpsWays,
    certificate: CertificateBrief.nullable().meta({ description: 'The one that answers.' }),
    renewAt: Time.nullable().meta({ description: 'When the next one is asked for; null: never.' }),
    problem: z
      .object({ message: z.string(), hint: z.string().nullable(), at: Time })
      .nullable()
      .meta({ description: 'Why the last try did not succeed.' }),
  })
  .meta({ id: 'UrlHttps', description: 'How a URL answers over HTTPS.' })
export type UrlHttps = z.infer<typeof UrlHttps>

export const UrlPlanHttps = z
  .object({
    mode: httpsMode,
    ...httpsWays,
    challenge: z
      .enum(CHALLENGE_WAYS)
      .exclude(['auto'])
      .nullable()
      .meta({ description: 'How the CA is shown that the name is ours; null: no CA is asked.' }),
    authority: z
      .string()
      .nullable()
      .meta({ description: 'The CA that is asked; null: none.', example: "Let's Encrypt" }),
    certificate: CertificateBrief.nullable().meta({
      description: 'The one that would answer, if it is there already.',
    }),
    notes: z.array(z.string()).meta({ description: 'What is good to know.' }),
    findings: z.array(Finding).meta({ description: 'What a certificate lacks.' }),
  })
  .meta({ id: 'UrlPlanHttps', description: 'How a URL would answer over HTTPS.' })

const certificate = {
  ...brief,
  serial: z.string().meta({ description: 'In lower-case hex.' }),
  directoryUrl: z.string().nullable().meta({ description: 'Of the CA that it was asked of; null: of none.' }),
  renewAt: Time.nullable().meta({ description: 'When the next one is asked for; null: never.' }),
  urls: z
    .array(z.object({ id: Id, hostname: z.string() }))
    .meta({ description: 'Those that answer with it, as far as you may see them.' }),
  createdAt: Time,
}

export const Certificate = z
  .object(certificate)
  .meta({ id: 'Certificate', description: 'A certificate. Its key is never told.' })
export type Certificate = z.infer<typeof Certificate>

export const CertificateDetails = z
  .object({
    ...certificate,
    chain: z.string().meta({ description: 'PEM: the certificate first, then those that lead to a root.' }),
    warnings: z
      .array(z.object({ message: z.string(), hint: z.string() }))
      .meta({ description: 'What some browsers do not take.' }),
  })
  .meta({ id: 'CertificateDetails', description: 'A certificate with its chain. Its key is never told.' })
export type CertificateDetails = z.infer<typeof CertificateDetails>

export const CertificateQuery = z.strictObject({
  ...PageQuery.shape,
  kind: z.enum(CERTIFICATE_KINDS).optional().meta({ description: 'Of this kind only.' }),
})

export const CertificateCreate = z.strictObject({
  certificate: z.string().min(1).max(chainBytes).meta({
    description: 'PEM: the certificate first, then those that lead to a root, which may be left out.',
    example: '-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----\n',
  }),
  key: z.string().min(1).max(keyBytes).meta({
    description: 'PEM: its private key, without a passphrase. It is sealed, and never told again.',
    example: '-----BEGIN PRIVATE KEY-----\nMIGH…\n-----END PRIVATE KEY-----\n',
  }),
})
export type CertificateCreate = z.infer<typeof CertificateCreate>
