/** The list that travels with missing contents. On its own, so that the page can send it without the validation library. */
import { z } from 'zod'
import { LIMITS } from '../base/limits.ts'
import { BUCKETS } from '../domain/bundle.ts'
import { BundleFile, Digest } from './shapes.ts'

export const FolderEntries = z.strictObject({
  base: Digest.nullable(),
  /** The buckets that `entries` replaces; what the base has in the others is kept. */
  buckets: z
    .array(
      z
        .number()
        .int()
        .min(0)
        .max(BUCKETS - 1),
    )
    .max(BUCKETS),
  entries: z
    .array(BundleFile.extend({ size: z.number().int().min(0).max(LIMITS.archive.fileBytes) }))
    .max(LIMITS.archive.entries),
})
export type FolderEntries = z.infer<typeof FolderEntries>
