import type { Bundle } from '../contract/shapes.ts'
import type { BundleFormat, Digest } from '../domain/bundle.ts'
import { diffFolder, receiveFolder, type ServiceBundles } from '../engine/folder.ts'
import type { Manifest } from '../ports/bundles.ts'
import type { ServiceRow } from '../store/services.ts'
import type { Api, Call, HandlersOf } from './call.ts'
import { pageOf } from './cursor.ts'
import { fileResponse } from './file.ts'
import { noBundle } from './gate.ts'
import { once } from './idempotency.ts'
import { API_ROOT } from './openapi.ts'
import type { JsonReply } from './reply.ts'
import { type BundleSeen, bundleView, manifestView } from './views.ts'

const MEDIA_TYPES: Record<BundleFormat, string> = {
  zip: 'application/zip',
  tar: 'application/x-tar',
  'tar.gz': 'application/gzip',
  'tar.zst': 'application/zstd',
}

export function bundleHandlers(api: Api): HandlersOf<'bundles'> {
  const { engine } = api
  const { world } = engine
  const { store } = world
  const folders = { bundles: world.bundles, trees: world.trees, staging: api.staging }
  return {
    'bundles.list': async ({ params, query }) => {
      const service = store.services.named(params.service)
      const page = pageOf({
        list: `bundles ${service.id}`,
        query,
        rows: (place) => store.bundles.list(service.id, place),
        numberOf: (row) => row.number,
      })
      const items: Bundle[] = []
      for (const { digest } of page.rows) {
        const found = await find(api, service, digest)
        // Null when it is erased while the page is put together.
        if (found) items.push(bundleView(found.seen))
      }
      return { status: 200, value: { items, next: page.next } }
    },
    'bundles.create': async (call) => {
      const service = store.services.named(call.params.service)
      const digest = await once(api, call, () => {
        const { body, ...options } = call.upload(call.query.sha256)
        return engine.uploads.store({ service, actor: call.actor }, body, options)
      })
      return await bundleReply(api, service, digest)
    },
    'bundles.show': async ({ params }) => {
      const { seen, manifest } = await held(api, store.services.named(params.service), params.digest)
      return { status: 200, value: manifestView(seen, manifest.files()) }
    },
    'bundles.delete': async ({ params, query, actor }) => {
      const service = store.services.named(params.service)
      const { seen } = await held(api, service, params.digest)
      await engine.eraser.eraseBundle(service, params.digest, { actor, reason: query.reason ?? null })
      return { status: 200, value: bundleView(seen) }
    },
    'bundles.archive': (call) => archiveResponse(api, call),
    'bundles.diff': async (call) => {
      const service = store.services.named(call.params.service)
      const request = await call.json()
      return { status: 200, value: await diffFolder(folders, bundlesOf(api, service), request) }
    },
    'bundles.files': async (call) => {
      const service = store.services.named(call.params.service)
      const { body, signal } = call.upload()
      const digest = await engine.uploads.storeFolder(
        { service, actor: call.actor },
        () => receiveFolder(folders, bundlesOf(api, service), { digest: call.params.digest, body, signal }),
        signal,
      )
      return await bundleReply(api, service, digest)
    },
  }
}

async function archiveResponse(api: Api, call: Call<'bundles.archive'>): Promise<Response> {
  const { store, bundles } = api.engine.world
  const { service, digest } = call.params
  const { seen } = await held(api, store.services.named(service), digest)
  const archive = await bundles.archive(digest)
  if (!archive) throw noBundle(service, digest)
  call.connection.keepOpen()
  return fileResponse(call.request, {
    ...archive,
    etag: `"${digest}"`,
    headers: {
      'content-type': MEDIA_TYPES[archive.format],
      'content-disposition': `attachment; filename="${service}-${digest.slice(0, 12)}.${seen.facts.format}"`,
      'content-security-policy': "default-src 'none'; sandbox",
    },
  })
}

async function bundleReply(api: Api, service: ServiceRow, digest: Digest): Promise<JsonReply<Bundle>> {
  const { seen } = await held(api, service, digest)
  const location = `${API_ROOT}/services/${service.name}/bundles/${digest}`
  return { status: 201, value: bundleView(seen), location }
}

interface Held {
  seen: BundleSeen
  manifest: Manifest
}

/** A bundle that this service holds; what only another one holds is not there. */
async function find(api: Api, service: ServiceRow, digest: Digest): Promise<Held | null> {
  const { store, bundles } = api.engine.world
  const row = store.bundles.find(service.id, digest)
  const manifest = row && (await bundles.manifest(digest))
  return (
    manifest && { seen: { facts: manifest.facts, service: service.name, createdAt: row.createdAt }, manifest }
  )
}

/** Throws `not_found`. */
async function held(api: Api, service: ServiceRow, digest: Digest): Promise<Held> {
  const found = await find(api, service, digest)
  if (!found) throw noBundle(service.name, digest)
  return found
}

/** What is live anywhere in the service is what a folder most likely resembles. */
function bundlesOf(api: Api, service: ServiceRow): ServiceBundles {
  const { store } = api.engine.world
  return {
    holds: (digest) => store.bundles.find(service.id, digest) !== null,
    candidates: () =>
      store.environments
        .of(service.id)
        .map((row) => row.liveDeploymentId && store.deployments.find(row.liveDeploymentId)?.bundle)
        .filter((digest): digest is Digest => typeof digest === 'string'),
  }
}
