import { afterAll, describe, expect } from 'bun:test'
import { treeKey } from '../../src/domain/bundle.ts'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { attachUrl, detachUrl, type UrlWish } from '../../src/engine/url/claim.ts'
import { takeOverUrls } from '../../src/engine/url/take-over-wish.ts'
import {
  a,
  b,
  cutEverywhere,
  deploy,
  ended,
  environment,
  headed,
  live,
  removeFolder,
  type Scenario,
} from './power-cuts.ts'

afterAll(removeFolder)

const DOCS = 'docs.example.com'
const WWW = 'www.example.com'
const STARS = '*.example.com'

const attach = (engine: Engine, hostname: string, wish: Partial<UrlWish> = {}): string => {
  const given = { hostname, kind: 'site', environmentId: environment(engine).id, dnsMode: 'auto' } as const
  return attachUrl(engine, { ...given, ...wish }, LOCAL_ACTOR).operationId ?? ''
}
const redirect = { kind: 'redirect', redirectTo: 'https://example.com' } as const
const detach = (engine: Engine, hostname: string): string =>
  detachUrl(engine, engine.world.store.urls.named(hostname)?.id ?? '', LOCAL_ACTOR).operationId ?? ''

/** What is live, and URLs of that. */
const standing =
  (bundle: string | null, ...hostnames: string[]) =>
  async (engine: Engine) => {
    if (bundle !== null) await live(bundle)(engine)
    for (const hostname of hostnames) expect(await ended(engine, attach(engine, hostname))).toBe('succeeded')
  }
const kept = (...hostnames: string[]) => ({ old: hostnames, fresh: hostnames })

const SCENARIOS: Scenario[] = [
  {
    name: 'attaching a URL',
    before: live(a),
    wish: (e) => attach(e, DOCS),
    old: a,
    fresh: a,
    urls: { old: [], fresh: [DOCS] },
  },
  {
    name: 'attaching a redirect',
    before: standing(a, DOCS),
    wish: (e) => attach(e, WWW, redirect),
    old: a,
    fresh: a,
    urls: { old: [DOCS], fresh: [DOCS, WWW] },
  },
  {
    name: 'attaching a URL that a name server does not take',
    before: live(a),
    wish: (e, { names }) => {
      names.stale = (server) => (server.startsWith('ns2') ? [] : [...names.records.values()])
      return attach(e, DOCS)
    },
    old: a,
    fresh: a,
  },
  {
    name: 'taking names over',
    before: live(a),
    wish(e, { names }) {
      const [file, own] = ['/enabled/docs', { environmentId: environment(e).id, dnsMode: 'none' } as const]
      names.foreign.set(file, [DOCS, WWW])
      const urls = [{ ...own, hostname: DOCS, kind: 'site' } as const, { ...own, hostname: WWW, ...redirect }]
      return takeOverUrls(e, { files: [file], withCatchAll: false, urls }, LOCAL_ACTOR).id
    },
    old: a,
    fresh: a,
    urls: { old: [], fresh: [DOCS, WWW] },
  },
  {
    name: 'detaching a URL',
    before: standing(a, DOCS, STARS),
    wish: (e) => detach(e, DOCS),
    old: a,
    fresh: a,
    urls: { old: [DOCS, STARS], fresh: [STARS] },
  },
  {
    name: 'the first deployment under a URL',
    before: standing(null, DOCS),
    wish: (e) => deploy(e, a),
    old: null,
    fresh: a,
    urls: kept(DOCS),
  },
  {
    name: 'a deployment with URLs and new rules',
    before: async (e) => {
      await standing(a, DOCS, STARS)(e)
      await ended(e, attach(e, WWW, redirect))
    },
    wish: (e) => deploy(e, headed),
    old: a,
    fresh: headed,
    urls: kept(DOCS, STARS, WWW),
  },
  {
    name: 'a deployment that visitors of a URL see wrong',
    before: standing(a, DOCS),
    wish: (e, outside) => {
      outside.lie = (path, tree) => (path === '/x.txt' && tree === treeKey(headed) ? 'a stale answer' : null)
      return deploy(e, headed)
    },
    old: a,
    fresh: a,
    urls: kept(DOCS),
  },
  {
    name: 'a deployment with a URL and equal rules',
    before: standing(a, DOCS),
    wish: (e) => deploy(e, b),
    old: a,
    fresh: b,
    urls: kept(DOCS),
  },
  {
    name: 'the deletion of an environment with URLs',
    before: async (e) => {
      await standing(a, DOCS)(e)
      await ended(e, attach(e, WWW, redirect))
    },
    wish: (e) => e.acceptance.deleteEnvironment(environment(e).id, LOCAL_ACTOR),
    old: a,
    fresh: null,
    urls: { old: [DOCS, WWW], fresh: [] },
  },
]

describe('R02 D13 power cuts around URLs end in the old state or the new one', () => {
  for (const scenario of SCENARIOS) cutEverywhere(scenario)
})
