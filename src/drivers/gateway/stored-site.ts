/** Sites as they are kept on disk, so that visitors are answered whatever the database does. */
import { z } from 'zod'
import { HTML_HANDLING, NOT_FOUND_HANDLING } from '../../domain/environment.ts'
import { type HostSite, REDIRECT_STATUSES, type Site, TLS_VERSIONS } from '../../domain/host-site.ts'
import { CANONICAL_HOSTNAME } from '../../domain/hostname.ts'

const id = z.string().regex(/^[a-z0-9-]+$/)

export const StoredSite: z.ZodType<Site> = z.strictObject({
  link: id,
  rules: z.strictObject({
    settings: z.strictObject({
      htmlHandling: z.enum(HTML_HANDLING),
      notFoundHandling: z.enum(NOT_FOUND_HANDLING),
      buildFolders: z.array(z.string()),
      assetGraceSeconds: z.number(),
    }),
    headers: z.array(
      z.strictObject({
        pattern: z.string(),
        set: z.array(z.tuple([z.string(), z.string()])),
        unset: z.array(z.string()),
      }),
    ),
    redirects: z.array(
      z.strictObject({ from: z.string(), to: z.string(), status: z.number(), force: z.boolean() }),
    ),
    ownGzip: z.array(z.string()),
  }),
  graceFolder: id.nullable(),
})

const hostname = z.string().regex(CANONICAL_HOSTNAME)
const port = z.number().int().min(1).max(65_535)

const ways = {
  tls: z
    .strictObject({
      certificate: id,
      redirect: z.boolean(),
      hsts: z
        .strictObject({
          maxAgeSeconds: z.number().int().min(0),
          includeSubDomains: z.boolean(),
          preload: z.boolean(),
        })
        .nullable(),
      minimum: z.enum(TLS_VERSIONS),
    })
    .exactOptional(),
  extra: z.string().exactOptional(),
}

export const StoredHostSite: z.ZodType<HostSite> = z.discriminatedUnion('kind', [
  z.strictObject({ ...ways, kind: z.literal('site'), environmentId: id, site: StoredSite.nullable() }),
  z.strictObject({
    ...ways,
    kind: z.literal('redirect'),
    to: z.strictObject({
      scheme: z.enum(['http', 'https']).nullable(),
      hostname,
      port: port.nullable(),
    }),
    status: z.union(REDIRECT_STATUSES.map((status) => z.literal(status))),
  }),
  z.strictObject({
    ...ways,
    kind: z.literal('self'),
    upstream: z.strictObject({ hostname: z.union([z.ipv4(), z.ipv6()]), port }),
  }),
])
