/** "fairlead export": a plain folder by which NGINX alone serves the sites, without Fairlead and its data folder. */
import { randomBytes } from 'node:crypto'
import { constants, existsSync } from 'node:fs'
import { chmod, cp, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { isoTime } from './base/clock.ts'
import { errnoOf, Fault, shown } from './base/fault.ts'
import { checkSpace, linkTarget, syncFilesystem } from './base/files.ts'
import { walkFolder } from './base/local-files.ts'
import { randomId } from './base/secrets.ts'
import { fileStem } from './domain/host-files.ts'
import type { Hostname, HostSite, Site } from './domain/host-site.ts'
import { type NginxPlace, OLDEST_VERSION } from './domain/nginx/place.ts'
import { refusedNames } from './domain/nginx/refused-names.ts'
import { SHARED_FILE } from './domain/nginx/site.ts'
import { redirectTarget } from './domain/redirect-target.ts'
import { SiteSpecs } from './drivers/gateway/site-specs.ts'
import { NginxSettings } from './drivers/nginx/settings.ts'
import { FirstText, siteText } from './drivers/nginx/text.ts'
import { waysOf } from './engine/url/sites.ts'
import { everythingOf } from './export-facts.ts'
import type { Store } from './store/store.ts'
import type { UrlRow } from './store/urls.ts'

export interface ExportOptions {
  store: Store
  /** Absolute. */
  data: string
  folder: string
  withKeys: boolean
  now: number
}

export interface Exported {
  sites: number
  /** What is otherwise than at Fairlead, in sentences. */
  notes: string[]
}

interface Draft {
  /** What is written, and what it is called when it is whole. */
  aside: string
  folder: string
  notes: string[]
}

/** Written aside and renamed when it is whole. Throws `conflict` for a folder that holds something, `disk_full`. */
export async function exportFolder(options: ExportOptions): Promise<Exported> {
  const folder = resolve(options.folder)
  await requireEmpty(folder)
  const aside = join(dirname(folder), `.${basename(folder)}.${randomBytes(4).toString('hex')}.tmp`)
  const draft: Draft = { aside, folder, notes: [] }
  try {
    for (const name of ['nginx', 'sites', 'trees'])
      await mkdir(join(aside, name), { recursive: true, mode: 0o755 })
    const sites = await hostSites(options, draft)
    for (const link of linksOf(sites)) await copyLive(options.data, link, draft)
    if (options.withKeys) await copyCertificates(options.data, sites, draft)
    await writeTexts(options, sites, draft)
    await writeFile(
      join(aside, 'fairlead.json'),
      `${JSON.stringify(everythingOf(options.store, isoTime(options.now)), null, 2)}\n`,
    )
    await writeFile(join(aside, 'README'), readme(draft))
    await syncFilesystem(aside)
    await rename(aside, folder)
    return { sites: sites.length, notes: draft.notes }
  } catch (error) {
    if (errnoOf(error) !== 'ENOSPC') throw error
    throw new Fault('disk_full', `The disk of ${shown(folder)} is too full for the export.`, {
      hint: 'Free some space, or name a folder on another disk. Nothing was left there.',
      cause: error,
    })
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}

async function requireEmpty(folder: string): Promise<void> {
  if (!existsSync(dirname(folder)))
    throw new Fault('not_found', `There is no folder ${shown(dirname(folder))}.`, { hint: 'Make it first.' })
  const names = await readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return []
    throw new Fault('conflict', `${shown(folder)} is no folder that can be written.`, {
      hint: 'Name a new one.',
    })
  })
  if (names.length > 0)
    throw new Fault('conflict', `${shown(folder)} is not empty, and was left as it is.`, {
      hint: 'Name a folder that there is not yet.',
    })
}

interface Named {
  hostname: Hostname
  site: HostSite
}

/** Of all URLs but those that lead to Fairlead itself. */
async function hostSites({ store, data, withKeys }: ExportOptions, { notes }: Draft): Promise<Named[]> {
  const specs = new SiteSpecs(data)
  const sites: Named[] = []
  for (const row of store.urls.list({ limit: Number.MAX_SAFE_INTEGER, after: null })) {
    if (row.kind === 'self') notes.push(`${row.hostname} led to Fairlead itself and is left out.`)
    else if (row.state === 'attached')
      sites.push({ hostname: row.hostname, site: hostSite(row, specs, withKeys) })
    else notes.push(`${row.hostname} is ${row.state} just now and is left out.`)
  }
  const plain = store.urls
    .list({ limit: Number.MAX_SAFE_INTEGER, after: null })
    .filter(({ https }) => https.mode !== 'none' && !withKeys)
  if (plain.length > 0)
    notes.push(
      `${plain.map(({ hostname }) => hostname).join(', ')} answer over plain HTTP here: their keys were not asked for (--with-keys).`,
    )
  return sites
}

function hostSite(row: UrlRow, specs: SiteSpecs, withKeys: boolean): HostSite {
  const ways = withKeys ? waysOf(row) : { ...(row.extra !== null && { extra: row.extra }) }
  if (row.kind === 'redirect')
    return {
      kind: 'redirect',
      to: redirectTarget(row.redirectTo ?? ''),
      status: row.redirectStatus ?? 308,
      ...ways,
    }
  const environmentId = row.environmentId ?? ''
  const site: Site | null = specs.get(environmentId)
  // What earlier trees still answered is left behind.
  return { kind: 'site', environmentId, site: site && { ...site, graceFolder: null }, ...ways }
}

const linksOf = (sites: readonly Named[]): Set<string> =>
  new Set(sites.flatMap(({ site }) => (site.kind === 'site' && site.site ? [site.site.link] : [])))

const TRIES = 3

/** The tree that a link leads to; another one when it is switched meanwhile. */
async function copyLive(data: string, link: string, { aside }: Draft): Promise<void> {
  for (let tries = 1; ; tries++) {
    const target = await linkTarget(join(data, 'sites', link))
    if (target === null)
      throw new Fault('broken_data', `The link sites/${link} is gone.`, { hint: 'Run "fairlead drift".' })
    const key = basename(target)
    try {
      await copyTree(join(data, 'trees', key), join(aside, 'trees', key))
      await symlink(`../trees/${key}`, join(aside, 'sites', link))
      return
    } catch (error) {
      if (tries === TRIES || errnoOf(error) !== 'ENOENT') throw error
    }
  }
}

/** With their times, which ETags are made of. Blocks are shared where the filesystem can. */
async function copyTree(from: string, to: string): Promise<void> {
  if (existsSync(to)) return
  let bytes = 0
  for (const { size } of walkFolder(from, () => false)) bytes += size
  checkSpace(dirname(to), bytes, { bytes: 0, percent: 0 })
  await cp(from, to, {
    recursive: true,
    preserveTimestamps: true,
    mode: constants.COPYFILE_FICLONE,
    errorOnExist: true,
  })
}

async function copyCertificates(data: string, sites: readonly Named[], { aside }: Draft): Promise<void> {
  const folder = join(aside, 'certificates')
  await mkdir(folder, { mode: 0o700 })
  for (const id of new Set(sites.flatMap(({ site }) => site.tls?.certificate ?? []))) {
    await cp(join(data, 'certificates', `${id}.pem`), join(folder, `${id}.pem`))
    await chmod(join(folder, `${id}.pem`), 0o600)
  }
}

async function writeTexts(
  { store }: ExportOptions,
  sites: readonly Named[],
  { aside, folder, notes }: Draft,
): Promise<void> {
  const { listen, tlsListen, certificate } = NginxSettings.parse(store.settings.read().gateway.nginx)
  if (certificate) notes.push(`The certificate for all names (${certificate}) is not part of it.`)
  const place: NginxPlace = {
    data: folder,
    listen,
    tlsListen,
    tls: null,
    logFolder: null,
    version: OLDEST_VERSION,
    instance: store.instance.id(),
  }
  const operator = {
    user: null,
    pid: null,
    errorLog: null,
    http: new Map(),
    listens: [],
    servers: [],
    include: null,
    httpBlock: null,
    unread: [],
    serverOf: new Map(),
    files: [],
  }
  const has = new Map(sites.map(({ hostname, site }) => [hostname, site.tls !== undefined]))
  const more = { operator, isSecured: [...has.values()].includes(true), refused: refusedNames(has) }
  const first = new FirstText().of(place, randomId(), more)
  await writeFile(join(aside, 'nginx', SHARED_FILE), first)
  for (const { hostname, site } of sites)
    await writeFile(join(aside, 'nginx', `${fileStem(hostname)}.conf`), siteText(hostname, site, place))
}

const readme = ({ folder, notes }: Draft): string => `Sites of Fairlead, to be served by NGINX alone.

1. The folder has to be ${folder}: the texts in nginx/ name it. To have it elsewhere,
   replace that path in them.
2. Add inside http { } of nginx.conf:

       include ${folder}/nginx/*.conf;

   and take out any other line that includes the same sites.
3. Test and reload: nginx -t && nginx -s reload

nginx/         one file a host name, and what all share
sites/ trees/  the files of the sites
certificates/  keys and certificates, if they were asked for; keep them to yourself
fairlead.json  what Fairlead knew: services, deployments, host names, records, certificates
${notes.length === 0 ? '' : `\n${notes.map((note) => `- ${note}`).join('\n')}\n`}`
