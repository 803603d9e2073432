import { readdir, readFile, rmdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { errnoOf, Fault, shown } from '../../base/fault.ts'
import { ensureFolder, removeAll, syncFolder, writeReadable } from '../../base/files.ts'
import { CHALLENGE_TOKEN, challengeFolder, hostnameOfStem } from '../../domain/host-files.ts'
import type { Hostname } from '../../domain/host-site.ts'
import { CANONICAL_HOSTNAME } from '../../domain/hostname.ts'
import type { ChallengeKey, Challenges } from '../../ports/certificates.ts'
import { folders } from './folders.ts'

/** Beside the folder of a host name that is too long to be its name whole: a file with it. */
const NAME_FILE = '.host'

/** DATA/challenges. This process is the only writer; one change follows the other. */
export function diskChallenges(data: string): Challenges {
  const all = folders.challenges(data)
  const aside = folders.staging(data)
  let writing: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = writing.then(work)
    writing = done.catch(() => undefined)
    return done
  }
  return {
    async put(given, keyAuthorization) {
      const { folder, path, isCut } = placeOf(data, given)
      await inTurn(async () => {
        if (isCut) await writeReadable(folder + NAME_FILE, given.hostname, aside)
        await ensureFolder(folder, 0o755)
        await writeReadable(path, keyAuthorization, aside)
        await syncFolder(all)
      })
    },

    async drop(given) {
      const { folder, path } = placeOf(data, given)
      await inTurn(async () => {
        await removeAll(path)
        if (await isRemovedEmpty(folder)) await removeAll(folder + NAME_FILE)
        await syncFolder(all)
      })
    },

    list: () =>
      inTurn(async () => {
        const found: ChallengeKey[] = []
        for (const entry of await readdir(all, { withFileTypes: true })) {
          if (!entry.isDirectory()) continue
          const hostname = await hostnameOf(join(all, entry.name), entry.name)
          if (hostname === null) continue
          const tokens = (await readdir(join(all, entry.name))).filter((name) => CHALLENGE_TOKEN.test(name))
          found.push(...tokens.map((token) => ({ hostname, token })))
        }
        return found
      }),
  }
}

function placeOf(data: string, { hostname, token }: ChallengeKey) {
  // It comes from a CA, which anybody may be; what is no token would be a path.
  if (!CHALLENGE_TOKEN.test(token))
    throw new Fault('unavailable', `The CA's token for ${hostname} is none: "${shown(token, 80)}".`)
  const folder = challengeFolder(data, hostname)
  return { folder, path: join(folder, token), isCut: hostnameOfStem(basename(folder)) === null }
}

/** Null for what is no folder of a host name. */
async function hostnameOf(folder: string, stem: string): Promise<Hostname | null> {
  const hostname = hostnameOfStem(stem) ?? (await readFile(folder + NAME_FILE, 'utf8').catch(() => ''))
  return CANONICAL_HOSTNAME.test(hostname) ? hostname : null
}

async function isRemovedEmpty(folder: string): Promise<boolean> {
  try {
    await rmdir(folder)
    return true
  } catch (error) {
    const errno = errnoOf(error) ?? ''
    if (errno === 'ENOTEMPTY') return false
    if (errno === 'ENOENT') return true
    throw error
  }
}
