/** Certificates of URLs: the files that gateways read, and what visitors are shown. */
import { isoTime } from '../../base/clock.ts'
import { LIMITS } from '../../base/limits.ts'
import { inParallel } from '../../base/parallel.ts'
import { type Chain, parseChain } from '../../base/x509/chain.ts'
import type { DriftThing, Observation } from '../../domain/drift.ts'
import type { CertificateRow } from '../../store/certificates.ts'
import type { UrlRow } from '../../store/urls.ts'
import { ask, MARKER_PATH } from '../ask.ts'
import type { StepContext, World } from '../step.ts'
import { pemOf } from '../url/certificate/put-up.ts'
import type { DriftPart, LookGiven } from './part.ts'

export function certificatesPart(world: World): DriftPart {
  let turn = 0
  return {
    name: 'certificates',
    kinds: ['certificate-file', 'certificate-served'],
    async look(given) {
      const urls = world.store.certificates
        .inUse()
        .flatMap((row) => world.store.urls.ofCertificate(row.id).map((url) => ({ row, url })))
      const files = await lookAtFiles(world, urls, given)
      const served = await lookAtServed(world, rotated(urls, given.only === null ? turn++ : 0), given)
      return {
        observations: [...files, ...served.observations],
        failures: [],
        isSkipped: (thing) => thing.kind === 'certificate-served' && !served.asked.has(thing.thing),
      }
    },
    async revert({ say, signal }, observation) {
      if (observation.kind === 'certificate-served') return readAnew(world, observation, { say, signal })
      const id = idOf(observation)
      await world.certificates.put(id, pemOf(world, id))
      say(`${observation.thing} is written anew from the database.`)
    },
    adoption: null,
  }
}

/** The file is written, and the gateway reads everything anew. When something else answers, the next look says so again. */
async function readAnew(
  world: World,
  { urlId, thing }: DriftThing,
  { say, signal }: Pick<StepContext, 'say' | 'signal'>,
): Promise<void> {
  const id = world.store.urls.find(urlId ?? '')?.https.certificateId ?? null
  if (id === null) return
  await world.certificates.put(id, pemOf(world, id))
  await world.hosts.restore(null, null, signal)
  say(`The gateway has read the certificate of ${thing} anew.`)
}

interface Used {
  row: CertificateRow
  url: UrlRow
}

const thingOf = (id: string): string => `certificates/${id}.pem`
const idOf = ({ thing }: DriftThing): string => thing.slice('certificates/'.length, -'.pem'.length)

const isWanted = (only: DriftThing | null, kind: DriftThing['kind'], thing: string): boolean =>
  only === null || (only.kind === kind && only.thing === thing)

/** One finding a file, at the first URL that answers with it. */
async function lookAtFiles(world: World, urls: Used[], { only, signal }: LookGiven): Promise<Observation[]> {
  const first = new Map(urls.toReversed().map((used) => [used.row.id, used]))
  const observations: Observation[] = []
  for (const { row, url } of first.values()) {
    if (!isWanted(only, 'certificate-file', thingOf(row.id))) continue
    signal.throwIfAborted()
    const pem = await world.certificates.read(row.id)
    const stands = pem && chainOf(pem.chain)
    const words = wordsOfFile(row, stands, pem?.isOpen ?? false)
    if (words === null) continue
    observations.push({
      ...placeOf('certificate-file', thingOf(row.id), url),
      diff: [
        { sign: '-', text: wordsOf(row) },
        { sign: '+', text: words },
      ],
      revertable: row.key !== null,
      adoptable: false,
      why:
        row.key === null
          ? 'Its key is lost: renew the certificate, or bring it again.'
          : 'A certificate of your own is brought with "fairlead certificate add".',
    })
  }
  return observations
}

/** Some of them each time, in turns; who does not answer over HTTPS shows nothing, which its probe tells. */
async function lookAtServed(
  world: World,
  urls: Used[],
  { only, signal }: LookGiven,
): Promise<{ observations: Observation[]; asked: Set<string> }> {
  const { served, servedParallel } = LIMITS.drift
  const asked = new Set<string>()
  const wanted = urls.filter(
    ({ url }) => url.state === 'attached' && isWanted(only, 'certificate-served', url.hostname),
  )
  const found = await inParallel(wanted.slice(0, served), servedParallel, async ({ row, url }) => {
    signal.throwIfAborted()
    const { certificateSha256: stands } = await ask(world, url.hostname, {
      path: MARKER_PATH,
      scheme: 'https',
      signal,
    })
    if (stands === undefined) return []
    asked.add(url.hostname)
    if (stands === shownBy(row)) return []
    return [servedOtherwise({ row, url }, stands)]
  })
  // Those that have another certificate since were asked for nothing.
  const isStill = ({ urlId }: Observation) =>
    wanted.some(
      ({ row, url }) => url.id === urlId && world.store.urls.find(url.id)?.https.certificateId === row.id,
    )
  return { observations: found.flat().filter(isStill), asked }
}

const servedOtherwise = ({ row, url }: Used, stands: string): Observation => ({
  ...placeOf('certificate-served', url.hostname, url),
  diff: [
    { sign: '-', text: wordsOf(row) },
    { sign: '+', text: `another certificate, ${stands}` },
  ],
  revertable: row.key !== null,
  adoptable: false,
  why: 'The gateway has not read the file since it was changed, which is put back by reverting; or something else answers for this name: then look at what listens on port 443.',
})

const placeOf = (kind: DriftThing['kind'], thing: string, url: UrlRow): DriftThing => ({
  kind,
  thing,
  serviceId: url.serviceId,
  environmentId: url.environmentId,
  urlId: url.id,
})

/** The placeholder's, as long as one stands in. */
const shownBy = ({ issued, standIn }: CertificateRow): string | null =>
  standIn?.fingerprint ?? issued?.fingerprint ?? null

const wordsOf = (row: CertificateRow): string =>
  `${row.names.join(' ')}, ${shownBy(row) ?? ''}${row.issued ? `, until ${isoTime(row.issued.notAfter).slice(0, 10)}` : ''}`

const rotated = <T>(items: readonly T[], turn: number): T[] => {
  const first = items.length === 0 ? 0 : (turn * LIMITS.drift.served) % items.length
  return [...items.slice(first), ...items.slice(0, first)]
}

/** Null: it is as it was written. */
function wordsOfFile(row: CertificateRow, stands: Chain | null, isOpen: boolean): string | null {
  if (stands === null) return 'no key with its certificate, or no file'
  if (stands.leaf.fingerprint !== shownBy(row)) return `another certificate, ${stands.leaf.fingerprint}`
  const wanted = row.standIn || !row.issued ? null : chainOf(row.issued.chain)
  if (wanted && wanted.pem !== stands.pem) return 'the same certificate, and others behind it'
  return isOpen ? 'the same, and others than its owner may read or write it' : null
}

function chainOf(chain: string): Chain | null {
  try {
    return parseChain(chain)
  } catch {
    return null // nothing that a browser would know either
  }
}
