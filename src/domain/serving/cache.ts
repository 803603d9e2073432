/** For everything whose bytes may change under its name: kept, but asked about each time. */
export const REVALIDATE = 'public, max-age=0, must-revalidate'
/** For files whose name changes with their bytes (RFC 8246). */
export const IMMUTABLE = 'public, max-age=31536000, immutable'

/**
 * Does the name of this file carry a hash of its bytes? It does when it lies in a build folder and ends, before the
 * extension, in `-`, `.` or `_` and 8 or more of [A-Za-z0-9_-] with a digit or both cases (DESIGN §6).
 * `path` has no leading slash; build folders end with one.
 */
export function fingerprinted(path: string, buildFolders: readonly string[]): boolean {
  if (!buildFolders.some((folder) => path.startsWith(folder))) return false
  const name = path.slice(path.lastIndexOf('/') + 1)
  const stem = name.slice(0, Math.max(name.lastIndexOf('.'), 0))
  // The longest run of hash characters at the end of the stem; any separator inside it may begin the hash.
  let start = stem.length
  while (start > 0 && /[A-Za-z0-9_-]/.test(stem.charAt(start - 1))) start -= 1
  const run = stem.slice(start)
  if (start > 0 && stem.charAt(start - 1) === '.' && isHash(run)) return true
  const first = run.search(/[-_]/)
  return first !== -1 && isHash(run.slice(first + 1))
}

const isHash = (text: string): boolean =>
  text.length >= 8 && (/[0-9]/.test(text) || (/[a-z]/.test(text) && /[A-Z]/.test(text)))
