/**
 * An outside world in memory for the sweep of power cuts: thousands of runs, each cut at a given point. The disk
 * and gateway drivers themselves stand the kill -9 run over the real program.
 */

import { createHash } from 'node:crypto'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { Seal } from '../../src/base/seal.ts'
import { sha256Hex } from '../../src/base/secrets.ts'
import {
  BUCKET_HASH_BYTES,
  BUCKETS,
  type BundleFacts,
  type BundleFile,
  bucketOf,
  bucketText,
  digestOfTree,
} from '../../src/domain/bundle.ts'
import { rulesDigest } from '../../src/domain/serving/rules.ts'
import type { World } from '../../src/engine/step.ts'
import type { Manifest } from '../../src/ports/bundles.ts'
import type { Site } from '../../src/ports/gateway.ts'
import { Store } from '../../src/store/store.ts'
import { OutsideAuthority } from './outside-authority.ts'
import { OutsideCertificates } from './outside-certificates.ts'
import { ADDRESS, Names, PROVIDER } from './outside-names.ts'

export class PowerCut extends Error {}

const sha256 = (data: string) => createHash('sha256').update(data).digest('hex')

/** Counts the moments at which the power can go; from the chosen one on, nothing works any more. */
export class Power {
  moments = 0
  isOff = false
  private readonly cutAt: number
  private cutNow: () => void = () => {}
  readonly wentOff: Promise<void>

  get isEndless(): boolean {
    return this.cutAt === Number.POSITIVE_INFINITY
  }

  constructor(cutAt = Number.POSITIVE_INFINITY) {
    this.cutAt = cutAt
    this.wentOff = new Promise((resolve) => {
      this.cutNow = resolve
    })
  }

  moment(): void {
    if (!this.isOff && ++this.moments >= this.cutAt) {
      this.isOff = true
      this.cutNow()
    }
    if (this.isOff) throw new PowerCut('the power is off')
  }

  /** A deed with a moment before and after it. */
  async deed<T>(effect: () => T): Promise<T> {
    this.moment()
    const result = effect()
    this.moment()
    return result
  }
}

export class Outside {
  readonly files = new Map<string, Map<string, string>>()
  readonly facts = new Map<string, Partial<BundleFacts>>()
  readonly trees = new Set<string>()
  readonly links = new Map<string, string>()
  readonly sites = new Map<string, Site>()
  readonly grace = new Map<string, Set<string>>()
  names = new Names()
  /** Pauses that are longer never end. */
  longestMs = 60_000
  certificates = new OutsideCertificates()
  authority = new OutsideAuthority()
  /** Overrides what visitors of this path of this tree are answered. */
  lie: ((path: string, tree: string) => string | null) | null = null

  addBundle(files: Record<string, string>, facts: Partial<BundleFacts> = {}): string {
    const digest = sha256(JSON.stringify([files, facts]))
    this.files.set(digest, new Map(Object.entries(files)))
    this.facts.set(digest, facts)
    return digest
  }

  manifest(digest: string): Manifest | null {
    const contents = this.files.get(digest)
    if (!contents) return null
    const files: BundleFile[] = [...contents]
      .map(([path, text]) => ({ path, size: text.length, sha256: sha256(text) }))
      .sort((a, b) => (a.path < b.path ? -1 : 1))
    const bucket = (index: number) => files.filter((file) => bucketOf(sha256(file.path)) === index)
    const bucketHashes = Buffer.concat(
      Array.from({ length: BUCKETS }, (_, i) =>
        createHash('sha256')
          .update(bucketText(bucket(i)))
          .digest()
          .subarray(0, BUCKET_HASH_BYTES),
      ),
    )
    return {
      facts: {
        digest,
        format: 'zip',
        size: 1,
        files: files.length,
        unpackedSize: 1,
        strippedFolder: null,
        dropped: [],
        droppedCount: 0,
        warnings: [],
        headersText: null,
        redirectsText: null,
        ownGzip: [],
        ...this.facts.get(digest),
      },
      bucketHashes,
      bucket,
      file: (path) => files.find((file) => file.path === path) ?? null,
      files: () => files,
    }
  }

  /** What a visitor of this environment gets. */
  answer(environmentId: string, path: string): { status: number; body: string } {
    return this.answerOf(this.sites.get(environmentId) ?? null, path)
  }

  private answerOf(site: Site | null, path: string): { status: number; body: string } {
    const tree = site && this.links.get(site.link)
    if (path === '/.well-known/fairlead')
      return {
        status: 200,
        body: JSON.stringify({ tree: tree ?? null, rules: site ? rulesDigest(site.rules) : null }),
      }
    if (!tree || !this.trees.has(tree)) return { status: 404, body: '' }
    const body =
      this.lie?.(path, tree) ??
      this.files.get(digestOfTree(tree))?.get(path === '/' ? 'index.html' : path.slice(1))
    return body === undefined ? { status: 404, body: '' } : { status: 200, body }
  }

  /** The ports of one run of the program, for as long as its power lasts. */
  world(databasePath: string, power: Power): World {
    const store = new Store(databasePath, { now: 0 })
    const transact = store.db.tx.bind(store.db)
    let depth = 0
    store.db.tx = (work: () => never) => {
      if (depth > 0) return transact(work)
      power.moment()
      depth++
      try {
        return transact(work)
      } finally {
        depth--
        power.moment()
      }
    }
    addProvider(store)
    return {
      store,
      log: silentLog,
      seal: new Seal('0'.repeat(64)),
      clock: {
        now: () => systemClock.now(),
        // Short pauses are for writing less often and long ones for what never happens here; others are over at once.
        after: (ms, then) => (ms < 200 || ms > this.longestMs ? () => {} : systemClock.after(0, then)),
      },
      ...this.ports(store, power),
    }
  }

  private ports(store: Store, power: Power): Omit<World, 'store' | 'clock' | 'log' | 'seal'> {
    const outOfUse = () => Promise.reject(new Error('not a part of this scenario'))
    return {
      bundles: {
        receive: outOfUse,
        prepare: outOfUse,
        keep: outOfUse,
        keepUnread: outOfUse,
        discard: outOfUse,
        requireSpace() {},
        archive: outOfUse,
        drop: outOfUse,
        manifest: async (digest) => this.manifest(digest),
        async *list() {},
      },
      trees: {
        adopt: outOfUse,
        fileAt: () => '',
        filesOf: () => [],
        forgetOthers() {},
        compare: async () => ({ differences: [], count: 0, sha256: '', isOther: false }),
        mend: async () => 0,
        has: async (tree) => this.trees.has(tree),
        put: (tree) =>
          power.deed(() => {
            this.trees.add(tree)
            return { files: 1, linked: 0 }
          }),
        drop: (tree) => power.deed(() => void this.trees.delete(tree)),
        list: async () => [...this.trees],
      },
      links: {
        read: async (name) => this.links.get(name) ?? null,
        stands: async (name) => {
          const tree = this.links.get(name)
          return tree === undefined ? null : { leadsTo: `../trees/${tree}` }
        },
        put: (name, tree) => power.deed(() => void this.links.set(name, tree)),
        drop: (name) => power.deed(() => void this.links.delete(name)),
      },
      gateway: {
        read: async (id) => this.sites.get(id) ?? null,
        put: (id, site) => power.deed(() => void this.sites.set(id, structuredClone(site))),
        drop: (id) => power.deed(() => void this.sites.delete(id)),
      },
      grace: {
        add: (id, _tree, paths) =>
          power.deed(() => void this.grace.set(id, new Set([...(this.grace.get(id) ?? []), ...paths]))),
        remove: (id, paths) => power.deed(() => paths.forEach((path) => this.grace.get(id)?.delete(path))),
        drop: (id) => power.deed(() => void this.grace.delete(id)),
      },
      hosts: this.names.gateway(power, {
        siteAnswer: (site, path) => this.answerOf(site.kind === 'site' ? site.site : null, decodeURI(path)),
        certificates: this.certificates,
      }),
      dns: this.names.dns(power),
      certificates: this.certificates.files(power),
      challenges: this.certificates.challenges(power),
      authority: this.authority.connect(this, power),
      own: { hostnames: () => ['machine'], upstream: () => ({ hostname: '127.0.0.1', port: 4750 }) },
      probe: {
        url: (hostname) => `http://${hostname}/`,
        ask: async ({ hostname, path }) => {
          const [environment = '', service = ''] = hostname.split('.')
          const row = store.environments.find(service, environment)
          const answer = row ? this.answer(row.id, decodeURI(path)) : { status: 404, body: '' }
          const body = Buffer.from(answer.body)
          return { status: answer.status, headers: {}, body, size: body.length, sha256: sha256Hex(body) }
        },
      },
    }
  }
}

/** The row of the provider in memory, and the address that its records say. */
function addProvider(store: Store): void {
  store.db.run(
    "INSERT INTO dns_providers (id, kind, label, config, secrets, created_at) VALUES (?, 'memory', 'Memory', '{}', '{}', 0) ON CONFLICT DO NOTHING",
    PROVIDER,
  )
  if (store.settings.read().dns.addresses.length === 0)
    store.settings.put('dns', { addresses: [ADDRESS], cname: null, ttlSeconds: 300 })
}
