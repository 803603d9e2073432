import { Fault } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'
import type { ListenAddress, Machine } from './context.ts'

export interface Finding {
  name: string
  status: 'ok' | 'warn' | 'fail'
  detail: string
  remedy: string | null
}

export interface Setting {
  data: string
  listen: ListenAddress
  sitesListen: ListenAddress
  sitesTlsListen?: ListenAddress
  /** Whether NGINX is looked at before URLs use it. */
  asNginx: boolean
}

type Judged = Omit<Finding, 'name'>
/** Null: it was not asked for. */
type Check = (machine: Machine, setting: Setting) => Promise<Judged | null>

const ok = (detail: string) => ({ status: 'ok', detail, remedy: null }) as const
const warn = (detail: string, remedy: string) => ({ status: 'warn', detail, remedy }) as const
const fail = (detail: string, remedy: string) => ({ status: 'fail', detail, remedy }) as const

/** What this machine must have, in the order in which it is needed. */
export const CHECKS: [name: string, check: Check][] = [
  ['clock', checkClock],
  ['data folder', checkDataFolder],
  ['rights', checkRights],
  ['free space', checkSpace],
  ['program sync', checkSync],
  [
    'port of page and API',
    (machine, setting) => checkPort(machine, setting, { address: setting.listen, flag: '--listen' }),
  ],
  [
    'port of sites',
    (machine, setting) =>
      checkPort(machine, setting, { address: setting.sitesListen, flag: '--sites-listen' }),
  ],
  ['port of sites over HTTPS', checkTlsPort],
  ['names below localhost', checkLocalhostNames],
]

export async function examine(machine: Machine, setting: Setting): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const [name, check] of CHECKS) {
    const judged = await check(machine, setting)
    if (judged !== null) findings.push({ name, ...judged })
  }
  for (const finding of await gatewayFindings(machine, setting))
    findings.push({ name: 'gateway of URLs', ...finding })
  for (const finding of await httpsFindings(machine, setting))
    findings.push({ name: 'HTTPS of URLs', ...finding })
  return findings
}

async function gatewayFindings(machine: Machine, { data, asNginx }: Setting): Promise<Judged[]> {
  try {
    const { kind, findings } = await machine.gateway(data, asNginx)
    if (findings.length > 0)
      return findings.map(({ level, message, remedy }) =>
        (level === 'problem' ? fail : warn)(message, remedy),
      )
    return [ok(kind === 'nginx' ? 'NGINX lacks nothing.' : 'URLs use the builtin gateway.')]
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    return [warn(thrown.message, thrown.hint ?? 'Mend what is named above first.')]
  }
}

const DAY_MS = 86_400_000

/** Nothing of a folder in which no URL has HTTPS, or that can't be read: that was said above. */
async function httpsFindings(machine: Machine, { data }: Setting): Promise<Omit<Finding, 'name'>[]> {
  const urls = await machine.https(data).catch((thrown: unknown) => {
    if (thrown instanceof Fault) return []
    throw thrown
  })
  const wrong = urls.flatMap(({ hostname, https: { state, problem } }) => {
    const isRefused = state === 'expired' || state === 'placeholder'
    if (!isRefused && problem === null) return []
    const told = isRefused ? fail : warn
    const detail = `${hostname}: ${problem?.message ?? 'browsers refuse its certificate, which has expired.'}`
    return [told(detail, problem?.hint ?? `fairlead url renew ${hostname}, or bring another one.`)]
  })
  if (wrong.length > 0 || urls.length === 0) return wrong
  const ends = urls.flatMap(({ https: { certificate } }) => certificate?.notAfter ?? [])
  const days = Math.floor((Math.min(...ends) - machine.now()) / DAY_MS)
  const first = ends.length === 0 ? '' : `; ${days} days are left to the first certificate that ends`
  return [ok(`${urls.length} ${urls.length === 1 ? 'name has' : 'names have'} it${first}.`)]
}

const BUILT_AFTER = Date.UTC(2025, 0, 1)

async function checkClock(machine: Machine): Promise<Judged> {
  const now = machine.now()
  if (now > BUILT_AFTER) return ok(new Date(now).toISOString())
  return fail(
    `The clock shows ${new Date(now).toISOString()}, which is in the past.`,
    'Set the clock, for example by switching on NTP (timedatectl set-ntp true).',
  )
}

async function checkDataFolder(machine: Machine, { data }: Setting): Promise<Judged> {
  const found = await machine.look(data)
  if (found && found.kind !== 'folder')
    return fail(`${data} is not a folder.`, 'Name another one with --data or FAIRLEAD_DATA.')
  const folder = await machine.nearestFolder(data)
  if (!(await machine.mayWrite(folder)))
    return fail(
      found ? `You may not write in ${data}.` : `${data} does not exist, and you may not write in ${folder}.`,
      `Give the folder to the user that runs Fairlead: chown -R <user> ${folder}`,
    )
  return ok(found ? `${data} is there and can be written.` : `${data} will be made by the first serve.`)
}

async function checkRights(machine: Machine, { data }: Setting): Promise<Judged> {
  const folder = await machine.look(data)
  if (!folder) return ok('Nothing is there yet.')
  if (folder.ownerId !== machine.userId && machine.userId !== 0)
    return fail(
      `${data} belongs to user ${folder.ownerId}, you are user ${machine.userId}.`,
      `Run Fairlead as that user, or: chown -R ${machine.userId} ${data}`,
    )
  if ((folder.mode & 0o022) !== 0)
    return fail(`Others may write in ${data} (mode ${octal(folder.mode)}).`, `chmod 0711 ${data}`)
  for (const secret of ['fairlead.db', 'key']) {
    const file = await machine.look(`${data}/${secret}`)
    if (file && (file.mode & 0o077) !== 0)
      return fail(`Others may read ${secret} (mode ${octal(file.mode)}).`, `chmod 0600 ${data}/${secret}`)
  }
  if ((folder.mode & 0o011) !== 0o011)
    return warn(
      `NGINX's worker could not reach the sites in ${data} (mode ${octal(folder.mode)}).`,
      `chmod 0711 ${data}`,
    )
  return ok(`Mode ${octal(folder.mode)}; the database and the key are private.`)
}

const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0')

async function checkSpace(machine: Machine, { data }: Setting): Promise<Judged> {
  const { freeBytes, totalBytes } = await machine.space(await machine.nearestFolder(data))
  const reserve = Math.max(LIMITS.disk.reserveBytes, (totalBytes * LIMITS.disk.reservePercent) / 100)
  const detail = `${gibibytes(freeBytes)} GiB are free of ${gibibytes(totalBytes)}.`
  if (freeBytes > reserve) return ok(detail)
  return fail(
    `${detail} Uploads are refused until more than ${gibibytes(reserve)} are.`,
    'Free some space or put the data folder on a larger disk.',
  )
}

const gibibytes = (bytes: number): string => (bytes / 1024 ** 3).toFixed(1)

async function checkSync(machine: Machine): Promise<Judged> {
  if (await machine.hasProgram('sync')) return ok('It is there.')
  return fail(
    'The program sync is missing; nothing can be deployed durably without it.',
    'apt-get install coreutils',
  )
}

interface Port {
  address: ListenAddress
  flag: string
}

async function checkPort(machine: Machine, { listen }: Setting, { address, flag }: Port): Promise<Judged> {
  const name = `${address.hostname}:${address.port}`
  const error = await machine.bindError(address)
  if (error === null) return ok(`${name} is free.`)
  if (error === 'EADDRINUSE') {
    // The port of the sites never says whose it is: visitors are told nothing of the product.
    if (await machine.answersAsFairlead(listen))
      return ok(`${name} is in use, and a Fairlead answers at ${listen.hostname}:${listen.port}.`)
    return fail(
      `${name} is used by another program.`,
      `End it (ss -ltnp shows which it is) or choose another address with ${flag}.`,
    )
  }
  if (error === 'EACCES')
    return fail(
      `You may not listen on ${name}.`,
      `Ports below 1024 are for root: choose another one with ${flag}, or grant the right (setcap cap_net_bind_service=+ep).`,
    )
  return fail(
    `${name} can't be used (${error}).`,
    `Choose an address of this machine with ${flag} (ip address shows them).`,
  )
}

async function checkTlsPort(machine: Machine, setting: Setting): Promise<Judged | null> {
  if (setting.sitesTlsListen === undefined) return null
  return await checkPort(machine, setting, { address: setting.sitesTlsListen, flag: '--sites-tls-listen' })
}

async function checkLocalhostNames(machine: Machine): Promise<Judged> {
  const addresses = await machine.addresses('production.example.localhost')
  if (addresses.some((address) => address === '::1' || address.startsWith('127.')))
    return ok('*.localhost leads to this machine.')
  return warn(
    'This machine does not resolve *.localhost. Browsers, curl and Bun do so by themselves; some programs do not.',
    'Install libnss-myhostname, or let such programs ask 127.0.0.1 with the Host header of the site.',
  )
}
