import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { refusePair } from '../../../base/archive/refusal.ts'
import type { BundleFacts } from '../../../domain/bundle.ts'
import { comparePaths } from '../../../domain/canonical-tar.ts'
import { encodeManifest, type ManifestEntry } from '../../../domain/manifest.ts'
import { parseHeaders } from '../../../domain/serving/headers.ts'
import { parseRedirects } from '../../../domain/serving/redirects.ts'
import { siteWarnings } from '../../../domain/site-path.ts'
import {
  type Extracted,
  type Finished,
  type Plan,
  planOf,
  type SharedPlan,
  type UnpackJob,
} from './messages.ts'

/** What all workers found, put together: checks between files, the facts, and the manifest in the scratch folder. */
export function finish(job: UnpackJob, shared: SharedPlan, extracted: Extracted): Finished {
  const plan = planOf(job, shared)
  const hashes = Buffer.from(shared.hashes)
  const hashAt = (slot: number) => hashes.toString('hex', slot * 32, slot * 32 + 32)
  const entries = manifestEntries(plan, hashAt, new Float64Array(shared.dataStarts))
  if (extracted.headersText !== null) parseHeaders(extracted.headersText)
  if (extracted.redirectsText !== null) parseRedirects(extracted.redirectsText)
  const facts: BundleFacts = {
    digest: job.digest,
    format: plan.format,
    size: job.size,
    files: entries.length,
    unpackedSize: entries.reduce((total, { file }) => total + file.size, 0),
    strippedFolder: plan.placement.strippedFolder,
    dropped: plan.placement.dropped,
    droppedCount: plan.placement.droppedCount,
    warnings: siteWarnings(entries.map(({ file }) => file.path)),
    headersText: extracted.headersText,
    redirectsText: extracted.redirectsText,
    ownGzip: ownGzip(plan, hashAt),
  }
  writeFileSync(join(job.scratch, 'manifest'), encodeManifest(facts, entries, comparePaths), { mode: 0o600 })
  return { facts }
}

function manifestEntries(
  plan: Plan,
  hashAt: (slot: number) => string,
  dataStarts: Float64Array,
): ManifestEntry[] {
  return plan.entries.flatMap((entry, index) => {
    const path = plan.placement.paths[index] ?? null
    if (path === null) return []
    const origin = entry.zip && {
      dataStart: dataStarts[index] ?? 0,
      packedSize: entry.packedSize,
      crc: entry.zip.crc,
      deflated: entry.method === 'deflated',
    }
    return [{ file: { path, size: entry.size, sha256: hashAt(index) }, origin }]
  })
}

/** An `X.gz` beside `X` would answer for `X`, so it must be `X` (DESIGN §4). */
function ownGzip(plan: Plan, hashAt: (slot: number) => string): string[] {
  return plan.gzipPairs.map(({ packed, plain }, index) => {
    const name = plan.placement.paths[packed] ?? ''
    if (hashAt(plan.entries.length + index) !== hashAt(plain))
      throw refusePair(
        plan.placement.paths[plain] ?? '',
        name,
        'stand side by side, but the second is not the first compressed by gzip',
      )
    return name
  })
}
