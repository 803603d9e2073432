/** What a bundle is beside the one that is live: what to say of it, what to verify, what to keep for a while. */
import { randomInt } from 'node:crypto'
import { shown } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'
import { BUCKET_HASH_BYTES, BUCKETS, type BundleFile } from '../domain/bundle.ts'
import { fingerprinted } from '../domain/serving/cache.ts'
import { addressOf } from '../domain/serving/resolve.ts'
import type { ServingRules } from '../domain/serving/rules.ts'
import type { Manifest } from '../ports/bundles.ts'
import type { StepContext } from './step.ts'

/** A file and the path under which visitors get it with 200. */
export interface Sampled {
  path: string
  url: string
  sha256: string
}

export function describe({ facts }: Manifest, say: StepContext['say']): void {
  say(
    `Bundle ${facts.digest.slice(0, 12)}: ${counted(facts.files, 'file')}, ${facts.unpackedSize} bytes, from ${facts.format}.`,
  )
  if (facts.strippedFolder) say(`The single top folder "${shown(facts.strippedFolder)}" was stripped.`)
  if (facts.droppedCount > 0)
    say(`${counted(facts.droppedCount, 'litter file')} left out, such as ${shown(facts.dropped[0] ?? '')}.`)
  for (const warning of facts.warnings) say(warning, 'warn')
}

export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** The index and changed files first, the rest by chance; only files that the rules answer with 200 somewhere. */
export function sampled(manifest: Manifest, old: Manifest | null, rules: ServingRules): Sampled[] {
  const sample = new Map<string, Sampled>()
  const take = (file: BundleFile | null) => {
    if (!file || sample.has(file.path) || file.size > LIMITS.verify.fileBytes) return
    const url = addressOf(rules, file.path, (path) => manifest.file(path) !== null)
    if (url !== null) sample.set(file.path, { path: file.path, url, sha256: file.sha256 })
  }
  take(manifest.file('index.html'))
  if (old)
    for (const file of changedFiles(manifest, old)) {
      if (sample.size >= LIMITS.verify.files) break
      take(file)
    }
  for (let tries = 0; tries < 2 * LIMITS.verify.files && sample.size < LIMITS.verify.files; tries++) {
    const bucket = manifest.bucket(randomInt(BUCKETS))
    take(bucket[randomInt(Math.max(1, bucket.length))] ?? null)
  }
  if (manifest.facts.files <= LIMITS.verify.files) for (const file of manifest.files()) take(file)
  return [...sample.values()].slice(0, LIMITS.verify.files)
}

export function leavingAssets(manifest: Manifest, old: Manifest, rules: ServingRules): string[] {
  const leaving: string[] = []
  for (const file of changedFiles(old, manifest))
    if (fingerprinted(file.path, rules.settings.buildFolders) && manifest.file(file.path) === null)
      leaving.push(file.path)
  return leaving
}

export function warnOfChangedAssets(given: {
  manifest: Manifest
  old: Manifest | null
  rules: ServingRules
  say: StepContext['say']
}): void {
  const { manifest, old, rules, say } = given
  if (!old) return
  for (const file of changedFiles(manifest, old))
    if (fingerprinted(file.path, rules.settings.buildFolders) && old.file(file.path) !== null) {
      say(
        `${shown(file.path)} looks fingerprinted, but its bytes changed: browsers that have it keep the old ones for a year.`,
        'warn',
      )
      return
    }
}

/** Files that differ from the other manifest (all when there is none), bucket by bucket, as they are asked for. */
export function* changedFiles(manifest: Manifest, other: Manifest | null): Generator<BundleFile> {
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    if (other && sameBucket(manifest, other, bucket)) continue
    const before = new Map(other?.bucket(bucket).map((file) => [file.path, file.sha256]))
    for (const file of manifest.bucket(bucket)) if (before.get(file.path) !== file.sha256) yield file
  }
}

function sameBucket(a: Manifest, b: Manifest, bucket: number): boolean {
  const from = bucket * BUCKET_HASH_BYTES
  const to = from + BUCKET_HASH_BYTES
  return Buffer.from(a.bucketHashes.subarray(from, to)).equals(b.bucketHashes.subarray(from, to))
}
