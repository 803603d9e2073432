/** URLs: host names that lead to an environment, to another host, or to Fairlead's own page. */
import { z } from 'zod'
import { LIMITS } from '../../base/limits.ts'
import { REDIRECT_STATUSES } from '../../domain/host-site.ts'
import { OPERATION_KINDS, STATUSES } from '../../domain/operation.ts'
import { DNS_MODES, DNS_STATES, SITE_STATES, URL_KINDS, URL_STATES } from '../../domain/url.ts'
import { Id, Name, PageQuery, Problem, Time } from '../shapes.ts'
import { Finding } from './finding.ts'
import { httpsWish, UrlHttps, UrlPlanHttps } from './https.ts'

export const Hostname = z.string().min(1).max(LIMITS.hostname.typedChars).meta({
  id: 'Hostname',
  description:
    'A host name as people write it: in any case, in any script, with or without the dot at its end. `*.` in front makes it a wildcard.',
  example: 'docs.example.com',
})

export const RecordSet = z
  .object({
    name: z.string().meta({ description: 'Where it stands.', example: 'docs.example.com' }),
    type: z.string().meta({ example: 'A' }),
    ttlSeconds: z.number().int(),
    values: z.array(z.string()).meta({ description: 'Sorted.', example: ['203.0.113.5'] }),
    proxied: z
      .boolean()
      .optional()
      .meta({ description: "Whether the provider's own addresses answer instead." }),
  })
  .meta({ id: 'RecordSet', description: 'All DNS records of one name and type.' })

export const RecordChange = z
  .object({
    name: z.string(),
    type: z.string(),
    before: RecordSet.nullable().meta({ description: 'What stands there; null: nothing.' }),
    after: RecordSet.nullable().meta({ description: 'What is to stand there; null: nothing.' }),
  })
  .meta({ id: 'RecordChange', description: 'One record set, from what stands to what is wanted.' })

export const RecordConflict = z
  .object({
    name: z.string(),
    type: z.string(),
    values: z.array(z.string()).meta({ description: 'What stands there.' }),
    message: z.string().meta({ description: 'Why it is in the way.' }),
  })
  .meta({
    id: 'RecordConflict',
    description: 'Records that are not ours and in the way. They are never touched.',
  })

const ProviderBrief = z
  .object({ id: Id, kind: z.string(), label: z.string() })
  .nullable()
  .meta({ description: 'Who holds the zone; null: none of those that are set up.' })

const dnsMode = z.enum(DNS_MODES).meta({
  description:
    'Who makes the records. `auto`: the provider that holds the zone, or a person when no provider is set up; `manual`: a person; `none`: nobody, the name leads here already.',
})

const Probed = z
  .object({
    at: Time,
    ok: z.boolean(),
    detail: z.string().meta({ description: 'What was answered.' }),
  })
  .meta({ id: 'Probed', description: 'What the public path answered to a question under this name.' })

/** The newest operation about a URL. */
const UrlOperation = z
  .object({
    id: Id,
    kind: z.enum(OPERATION_KINDS),
    status: z.enum(STATUSES),
    problem: Problem.nullable(),
  })
  .meta({ id: 'UrlOperation', description: 'The newest operation about the URL.' })

export const Url = z
  .object({
    id: Id,
    hostname: z.string().meta({
      description: 'Its canonical form: lower case, A-labels, no dot at its end.',
      example: 'xn--grn-ioa.example.com',
    }),
    unicode: z.string().meta({ description: 'As people read it.', example: 'grün.example.com' }),
    url: z.string().meta({
      description: 'The address to open; of a wildcard the address of its star.',
      example: 'http://docs.example.com/',
    }),
    kind: z.enum(URL_KINDS).meta({
      description:
        '`site`: answers with what is live in its environment; `redirect`: sends visitors to another host; `self`: this page and API.',
    }),
    service: Name.nullable().meta({ description: 'Null: it belongs to the instance.' }),
    environment: Name.nullable(),
    state: z.enum(URL_STATES).meta({ description: 'Only `attached` is whole: site, records and answers.' }),
    redirectTo: z.string().nullable().meta({ example: 'https://example.com' }),
    redirectStatus: z.union(REDIRECT_STATUSES.map((status) => z.literal(status))).nullable(),
    site: z
      .object({ state: z.enum(SITE_STATES) })
      .meta({ description: '`empty`: it answers, and nothing is deployed there.' }),
    dns: z.object({
      mode: dnsMode,
      provider: ProviderBrief,
      zone: z.string().nullable().meta({ description: 'The zone that holds its records.' }),
      records: z
        .array(RecordSet)
        .meta({ description: 'Those that Fairlead has made, or that a person has to make.' }),
      state: z.enum(DNS_STATES).meta({
        description:
          '`none`: nothing is to be made; `by-hand`: a person makes the records; `pending`: not all name servers answer them yet; `answered`: they do.',
      }),
    }),
    https: UrlHttps,
    lastProbe: Probed.nullable(),
    operation: UrlOperation.nullable(),
    createdAt: Time,
  })
  .meta({
    id: 'Url',
    description: 'A host name with its site in the gateway, its DNS records and its certificate.',
  })
export type Url = z.infer<typeof Url>

export const UrlQuery = z.strictObject({
  ...PageQuery.shape,
  hostname: Hostname.optional().meta({ description: 'The one URL of this name, if there is one.' }),
  kind: z
    .enum(['self'])
    .optional()
    .meta({ description: "`self`: only those that lead to Fairlead's own page and API." }),
})

const dns = dnsMode.default('auto')

export const UrlCreate = z.strictObject({
  hostname: Hostname,
  kind: z
    .enum(['site', 'redirect'])
    .default('site')
    .meta({ description: '`redirect` needs `redirectTo` too.' }),
  redirectTo: z.string().min(1).max(LIMITS.url.redirectChars).optional().meta({
    description:
      'Another host; visitors keep their path and query. With `http://` or `https://` in front it is that scheme, else the one they came by.',
    example: 'https://example.com',
  }),
  redirectStatus: z
    .union(REDIRECT_STATUSES.map((status) => z.literal(status)))
    .optional()
    .meta({ description: '308 unless it is said.' }),
  dns,
  ...httpsWish,
})
export type UrlCreate = z.infer<typeof UrlCreate>

const { dns: _, ...takenUrl } = UrlCreate.shape

/** An absolute path of NGINX's configuration. */
const configPath = z
  .string()
  .regex(/^\/[^\0]*$/)
  .max(LIMITS.url.pathChars)

export const UrlTakeOver = z.strictObject({
  files: z
    .array(configPath)
    .min(1)
    .max(LIMITS.url.takenFiles)
    .meta({
      description:
        'Files of NGINX as its configuration includes them. Each goes as a whole, so all of its host names have to be in `urls`; all files that share a name go together.',
      example: ['/etc/nginx/sites-enabled/docs'],
    }),
  withCatchAll: z.boolean().default(false).meta({
    description: 'Whether servers of these files for names that nobody has may go with them.',
  }),
  urls: z
    .array(z.strictObject({ ...takenUrl, service: Name, environment: Name }))
    .min(1)
    .max(LIMITS.url.takenNames),
})

export const SelfUrlCreate = z.strictObject({
  kind: z.literal('self'),
  hostname: Hostname,
  dns,
  ...httpsWish,
})

export const UrlPatch = z.strictObject(httpsWish)
export type UrlPatch = z.infer<typeof UrlPatch>

export const UrlPlan = z
  .object({
    hostname: z.string().meta({ description: 'Its canonical form.' }),
    unicode: z.string().meta({ description: 'As people read it.' }),
    wildcard: z.boolean(),
    kind: z.enum(URL_KINDS),
    url: z.string(),
    redirectTo: z.string().nullable(),
    redirectStatus: z.union(REDIRECT_STATUSES.map((status) => z.literal(status))).nullable(),
    gateway: z.enum(['builtin', 'nginx']),
    dns: z.object({
      mode: dnsMode,
      provider: ProviderBrief,
      zone: z.string().nullable(),
      changes: z.array(RecordChange).meta({ description: 'What would be made, or has to be made by hand.' }),
      conflicts: z.array(RecordConflict),
      notes: z.array(z.string()).meta({ description: 'What is good to know about them.' }),
    }),
    https: UrlPlanHttps,
    findings: z.array(Finding).meta({ description: 'What the gateway lacks.' }),
    possible: z.boolean().meta({ description: 'Whether nothing known stands in the way.' }),
  })
  .meta({ id: 'UrlPlan', description: 'What attaching a URL would change. Nothing is changed yet.' })
export type UrlPlan = z.infer<typeof UrlPlan>
export type RecordSet = z.infer<typeof RecordSet>
export type RecordConflict = z.infer<typeof RecordConflict>
