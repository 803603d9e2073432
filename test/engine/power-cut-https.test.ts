/** Operations about certificates, cut off twice: what stands in the end is old or new, and nothing is left over. */
import { afterAll, describe, expect } from 'bun:test'
import { Fault } from '../../src/base/fault.ts'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { changeUrl, renewUrl } from '../../src/engine/url/certificate/change.ts'
import { attachUrl, detachUrl, type HttpsWish, type UrlWish } from '../../src/engine/url/claim.ts'
import type { Outside } from './outside.ts'
import { DIRECTORY } from './outside-authority.ts'
import { a, cutEverywhere, ended, environment, live, removeFolder, type Scenario } from './power-cuts.ts'

afterAll(removeFolder)

const DOCS = 'docs.example.com'
const STARS = '*.example.com'

function withAuthority({ world: { store } }: Engine): void {
  const { certificates } = store.settings.read()
  store.settings.put('certificates', { ...certificates, directoryUrl: DIRECTORY, termsAgreed: true })
}

const urlOf = ({ world: { store } }: Engine): string => store.urls.named(DOCS)?.id ?? ''
const attach = (engine: Engine, hostname: string, wish: Partial<UrlWish> = {}): string => {
  const given = { hostname, kind: 'site', environmentId: environment(engine).id, dnsMode: 'auto' } as const
  return attachUrl(engine, { ...given, ...wish }, LOCAL_ACTOR).operationId ?? ''
}
const change = (engine: Engine, wish: HttpsWish): string =>
  changeUrl(engine, urlOf(engine), { wish, actor: LOCAL_ACTOR }).operationId ?? ''
const renew = (engine: Engine): string => renewUrl(engine, urlOf(engine), LOCAL_ACTOR).operationId ?? ''

const standing = (wish?: HttpsWish) => async (engine: Engine) => {
  withAuthority(engine)
  await live(a)(engine)
  if (wish) expect(await ended(engine, attach(engine, DOCS, wish))).toBe('succeeded')
}
const refuse = ({ authority }: Outside, call: string) => {
  authority.refuses = (asked) => (asked === call ? new Fault('conflict', 'no') : null)
}
const kept = { old: [DOCS], fresh: [DOCS] }
const STRIDE = 12

const SCENARIOS: (Omit<Scenario, 'old' | 'fresh' | 'stride'> & { stride?: number })[] = [
  {
    name: 'attaching a URL with a certificate by HTTP',
    before: standing(),
    wish: (e) => attach(e, DOCS, { https: 'auto' }),
    urls: { old: [], fresh: [DOCS] },
  },
  {
    name: 'attaching a wildcard with a certificate by DNS',
    before: standing(),
    wish: (e) => attach(e, STARS, { https: 'auto' }),
    urls: { old: [], fresh: [STARS] },
  },
  {
    name: 'attaching a URL that the CA gives no certificate for',
    before: standing(),
    wish: (e, outside) => {
      refuse(outside, 'finalize')
      return attach(e, DOCS, { https: 'auto' })
    },
    urls: { old: [], fresh: [] },
  },
  { name: 'renewing a certificate', before: standing({ https: 'auto' }), wish: renew, urls: kept },
  {
    name: 'renewing a certificate that the CA does not give',
    before: standing({ https: 'auto' }),
    wish: (e, outside) => {
      refuse(outside, 'validate')
      return renew(e)
    },
    urls: kept,
  },
  {
    name: 'turning HTTPS on',
    before: standing({}),
    wish: (e) => change(e, { https: 'auto' }),
    urls: kept,
  },
  {
    name: 'turning HTTPS off',
    before: standing({ https: 'auto' }),
    wish: (e) => change(e, { https: 'none' }),
    stride: 3,
    urls: kept,
  },
  {
    name: 'detaching a URL with a certificate',
    before: standing({ https: 'auto' }),
    wish: (e) => detachUrl(e, urlOf(e), LOCAL_ACTOR).operationId ?? '',
    stride: 3,
    urls: { old: [DOCS], fresh: [] },
  },
]

describe('power cuts while certificates come and go', () => {
  for (const scenario of SCENARIOS) cutEverywhere({ stride: STRIDE, ...scenario, old: a, fresh: a })
})
