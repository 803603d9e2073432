/** Two services with an environment each, over gateways and DNS in memory. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { Engine } from '../../src/engine/engine.ts'
import type { World } from '../../src/engine/step.ts'
import { attachUrl, detachUrl, type UrlWish } from '../../src/engine/url/claim.ts'
import type { EnvironmentRow } from '../../src/store/environments.ts'
import type { OperationRow } from '../../src/store/operations.ts'
import type { UrlRow } from '../../src/store/urls.ts'
import { Outside, Power } from './outside.ts'

export const SERVICES = ['web', 'shop'] as const
type Service = (typeof SERVICES)[number]

export class UrlStage {
  readonly folder = mkdtempSync(join(tmpdir(), 'fairlead-urls-'))
  readonly outside = new Outside()
  readonly world: World = this.outside.world(join(this.folder, 'db'), new Power())
  engine = new Engine(this.world)

  async start(): Promise<this> {
    const { services, environments } = this.world.store
    for (const name of SERVICES) environments.create(services.create(name, 0), 'production', { now: 0 })
    await this.engine.start()
    return this
  }

  /** Another life of the program on the same world. */
  async restart(): Promise<void> {
    await this.engine.stop()
    this.engine = new Engine(this.world)
    await this.engine.start()
    await this.engine.settled()
    await this.allEnded()
  }

  async stop(): Promise<void> {
    await this.engine.stop()
    this.world.store.close()
    rmSync(this.folder, { recursive: true })
  }

  environment(service: Service = 'web'): EnvironmentRow {
    const { services, environments } = this.world.store
    return environments.named(services.named(service), 'production')
  }

  attach(hostname: string, wish: Partial<UrlWish> & { service?: Service } = {}): UrlRow {
    const { service, ...given } = wish
    const environmentId = this.environment(service).id
    return attachUrl(
      this.engine,
      { hostname, kind: 'site', environmentId, dnsMode: 'auto', ...given },
      LOCAL_ACTOR,
    )
  }

  async attached(hostname: string, wish: Partial<UrlWish> & { service?: Service } = {}): Promise<UrlRow> {
    const { id, operationId } = this.attach(hostname, wish)
    const { status, problem } = await this.ended(operationId)
    if (status !== 'succeeded') throw new Error(`${hostname} is ${status}: ${JSON.stringify(problem)}`)
    return this.world.store.urls.required(id)
  }

  detach = ({ id }: UrlRow): UrlRow => detachUrl(this.engine, id, LOCAL_ACTOR)

  /** Answers the id of the deployment. */
  deploy(files: Record<string, string>, headersText: string | null = null, service: Service = 'web'): string {
    const bundle = this.outside.addBundle(files, { headersText })
    const environmentId = this.environment(service).id
    return this.engine.acceptance.deployUpload({ environmentId, actor: LOCAL_ACTOR, message: null }, bundle)
  }

  async ended(id: string | null): Promise<OperationRow> {
    return await this.engine.queue.waitFor(id ?? '', new AbortController().signal)
  }

  async allEnded(): Promise<void> {
    for (const { id } of this.world.store.operations.list({ limit: 100, after: null })) await this.ended(id)
  }

  log(id: string | null): string[] {
    return this.world.store.logs.list(id ?? '', { limit: 200, after: null }).map(({ text }) => text)
  }

  /** What a visitor of a host name gets. */
  async visit(hostname: string, path = '/'): Promise<string> {
    const signal = new AbortController().signal
    const { status, body, headers } = await this.world.hosts.probe.ask({ hostname, path, signal })
    return headers['location'] ?? `${status} ${Buffer.from(body).toString()}`.trim()
  }
}

/** Holds calls of a function from now on; `reached` resolves with the first of them. */
export function hold<K extends string, F extends (...args: never[]) => Promise<unknown>>(
  on: Record<K, F>,
  name: K,
): { reached: Promise<void>; letGo: () => void } {
  const real = on[name].bind(on)
  const first = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  on[name] = (async (...args: never[]) => {
    first.resolve()
    await gate.promise
    return await real(...args)
  }) as F // the same arguments and answer
  return { reached: first.promise, letGo: gate.resolve }
}

/** Has a function fail from now on; answers how to mend it. */
export function fail<K extends string, F extends (...args: never[]) => unknown>(
  on: Record<K, F>,
  name: K,
  error: Error,
): () => void {
  const real = on[name]
  on[name] = (() => Promise.reject(error)) as unknown as F // it never answers
  return () => {
    on[name] = real
  }
}
