/** Rules about names and words, in every file that people write. */
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { type Lockfile, missingOptionals } from './lockfile.ts'
import type { Source } from './source.ts'

const BANNED_NAMES = /(^|\/)(utils?|helpers?|common|misc|shared)(\.|\/|$)/i
/** The brackets keep this file to its own rule. */
const UNFINISHED = /\b(TOD[O]|FIXM[E]|XX[X]|HAC[K])\b/
const REGISTRY_HOST = /registry\.(npm[j]s|yarn[p]kg)|deb\.debian[.]org|npm\.pkg\.[g]ithub/
const HOME_FOLDER = /(^|[\s"'`(=:])\/(home|Users)\/[a-z][\w-]*\//

/** What names this very machine: where the checkout stands, who works on it, and where its packages come from. */
const OWN_NAMES = [
  join(import.meta.dirname, '../..'),
  homedir() === '/root' ? '' : homedir(),
  process.env.npm_config_registry ?? '',
]
  .map((text) => text.replace(/^https?:\/\/|\/+$/g, ''))
  .filter((text) => text.length > 3)

const NO_PROSE = /^(package-lock\.json|test\/sites\/package-lock\.json|LICENSE)$/

/** Two words find any file: the floor and the noun. */
export function fileNames(sources: Source[]): string[] {
  return sources
    .filter(({ path }) => BANNED_NAMES.test(path))
    .map(({ path }) => `${path} is not called by a noun of the product.`)
}

/** Nothing stays half there. */
export function unfinished(sources: Source[]): string[] {
  return linesThat(sources, (line) => UNFINISHED.test(line)).map(
    (where) => `${where} is a promise: do it now or leave it out.`,
  )
}

/** What works on one machine only does not belong into the repository. */
export function machineTraces(sources: Source[]): string[] {
  const isTrace = (line: string) =>
    REGISTRY_HOST.test(line) || HOME_FOLDER.test(line) || OWN_NAMES.some((text) => line.includes(text))
  return [
    ...linesThat(sources, isTrace).map((where) => `${where} names a path or host of one machine.`),
    ...sources
      .filter(({ path }) => basename(path) === 'package-lock.json')
      .filter(({ text }) => text.includes('"resolved"'))
      .map(
        ({ path }) => `${path} says where packages were fetched from: omit-lockfile-registry-resolved=true.`,
      ),
  ]
}

function linesThat(sources: Source[], isSo: (line: string) => boolean): string[] {
  return sources
    .filter(({ path }) => !NO_PROSE.test(path))
    .flatMap(({ path, lines }) =>
      lines.flatMap((line, index) => (isSo(line) ? [`${path}:${index + 1}`] : [])),
    )
}

/** `npm ci` of every npm takes the lock file. */
export function lockfiles(sources: Source[]): string[] {
  return sources
    .filter(({ path }) => basename(path) === 'package-lock.json')
    .flatMap(({ path, text }) => {
      const lock = JSON.parse(text) as Lockfile // the few members that are read are optional
      return missingOptionals(lock).map(
        ({ name }) => `${path} has no entry for ${name}: run "bun scripts/lockfile.ts".`,
      )
    })
}

/** Migrations are numbered without a gap and imported in that order. */
export function migrations(sources: Source[]): string[] {
  const files = sources.filter(({ path }) => path.startsWith('src/store/migrations/')).map(({ path }) => path)
  const list = sources.find(({ path }) => path === 'src/store/migrations.ts')
  const imported = (list?.imports ?? []).flatMap(({ file }) => (file?.endsWith('.sql') ? [file] : []))
  return files.toSorted().flatMap((path, index) => {
    const number = `${index + 1}`.padStart(4, '0')
    if (!basename(path).startsWith(number))
      return [`${path} should be number ${number}: migrations have no gaps.`]
    return imported[index] === path ? [] : [`${path} is not import ${index + 1} of src/store/migrations.ts.`]
  })
}
