/** Certificates that somebody brings with their keys. */
import { Fault } from '../../../base/fault.ts'
import { LIMITS } from '../../../base/limits.ts'
import { randomId } from '../../../base/secrets.ts'
import { parseChain } from '../../../base/x509/chain.ts'
import { keyFits, parseKey } from '../../../base/x509/key.ts'
import { type CertificateFinding, judgeCertificate } from '../../../domain/certificate/judgement.ts'
import { covers } from '../../../domain/certificate/names.ts'
import type { CertificateRow } from '../../../store/certificates.ts'
import type { UrlRow } from '../../../store/urls.ts'
import type { Authority } from '../../account/authority.ts'
import type { World } from '../../step.ts'
import type { Accepting } from '../claim.ts'
import { certificateKeyPlace } from './at-authority.ts'
import { changeUrl } from './change.ts'
import { certificatesAtWork } from './facts.ts'
import { issuedOf } from './issue.ts'

export interface OwnPem {
  /** The host's own certificate first. */
  certificate: string
  key: string
}

export interface Added {
  row: CertificateRow
  /** What some browsers will not like. */
  warnings: string[]
  /** Those that answer with it from now on; the operations are under way. */
  urls: UrlRow[]
}

/**
 * Keeps a certificate with its key, and moves URLs that answer with one of their own to it when it is good for longer.
 * Throws `invalid` with every reason for which browsers would refuse it, `conflict` when it is here already, and what
 * `requireStill` throws.
 */
export function addOwnCertificate(engine: Accepting, by: Authority, given: OwnPem): Added {
  const { store, clock, seal } = engine.world
  const { key, warnings, issued } = requireFit(given, clock.now())
  const row = store.tx(() => {
    by.requireStill()
    requireNew(engine.world, issued.fingerprint)
    const id = randomId()
    const sealed = seal.seal(key, certificateKeyPlace(id))
    const { names } = issued
    store.certificates.create({ id, kind: 'own', names, directoryUrl: null, key: sealed, now: clock.now() })
    store.certificates.setIssued(id, issued)
    const made = store.certificates.required(id)
    store.events.append({
      at: clock.now(),
      kind: 'certificate.created',
      actor: by.actor,
      data: { certificate: id, after: shownOf(made) },
    })
    return made
  })
  return { row, warnings, urls: moved(engine, by, row) }
}

/** Both texts are read before anything is said of one of them. */
function requireFit({ certificate, key: text }: OwnPem, now: number) {
  const refused: Refused[] = []
  const chain = readPart('certificate', () => parseChain(certificate), refused)
  const key = readPart('key', () => parseKey(text), refused)
  const fits = chain === null || key === null || keyFits(key, chain.leaf)
  const { problems = [], warnings = [] } = chain ? judgeCertificate(chain, { now, keyFits: fits }) : {}
  refused.push(...problems.map(({ code, ...why }) => ({ field: fieldOf(code), ...why })))
  if (chain && key !== null && refused.length === 0)
    return { key, issued: issuedOf(chain.pem), warnings: warnings.map(({ message }) => message) }
  throw new Fault('invalid', refused.map(({ message }) => message).join(' '), {
    ...(refused[0]?.hint !== undefined && { hint: refused[0].hint }),
    errors: refused.map(({ field, message, hint }) => ({
      field,
      message: `${message} ${hint ?? ''}`.trim(),
    })),
  })
}

interface Refused {
  field: 'certificate' | 'key'
  message: string
  hint: string | undefined
}

const fieldOf = (code: CertificateFinding['code']): Refused['field'] =>
  code === 'other-key' ? 'key' : 'certificate'

/** Null when it can't be read, which is noted. */
function readPart<T>(field: Refused['field'], read: () => T, refused: Refused[]): T | null {
  try {
    return read()
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    refused.push({ field, message: thrown.message, hint: thrown.hint })
    return null
  }
}

function requireNew({ store }: Pick<World, 'store'>, fingerprint: string): void {
  const known = store.certificates.withFingerprint(fingerprint)
  if (known && known.kind === 'own' && known.key !== null)
    throw new Fault('conflict', `This certificate is here already: ${known.id}.`, {
      hint: 'Nothing has to be done.',
    })
  if (store.certificates.own().length >= LIMITS.certificate.own)
    throw new Fault('conflict', `There are ${LIMITS.certificate.own} certificates already.`, {
      hint: 'Delete those that have ended.',
    })
}

/** For the audit. */
const shownOf = ({ kind, issued }: CertificateRow): object => {
  const { chain: _, ...facts } = issued ?? { chain: '' }
  return { kind, ...facts }
}

/** URLs that are busy just now are moved by the sweep. */
function moved(engine: Accepting, { actor }: Authority, { id, issued }: CertificateRow): UrlRow[] {
  const { store, instance } = { store: engine.world.store, instance: engine.world.store.instance }
  if (instance.isStandingBy()) return []
  return store.urls.withHttps({ limit: Number.MAX_SAFE_INTEGER, after: null }).flatMap((row) => {
    const standing = store.certificates.find(row.https.certificateId ?? '')
    const isLonger =
      standing === null ||
      standing.standIn !== null ||
      (issued?.notAfter ?? 0) > (standing.issued?.notAfter ?? 0)
    const isCovered = issued?.names.some((name) => covers(name, row.hostname)) ?? false
    if (row.https.mode !== 'own' || row.https.certificateId === id || !isLonger || !isCovered) return []
    try {
      return [changeUrl(engine, row.id, { wish: {}, actor })]
    } catch (error) {
      if (error instanceof Fault && error.code === 'conflict') return []
      throw error
    }
  })
}

/** Takes a certificate away that nothing answers with. Throws `not_found`, `conflict`, and what `requireStill` throws. */
export function deleteCertificate(world: World, by: Authority, id: string): CertificateRow {
  const { store, clock } = world
  return store.tx(() => {
    by.requireStill()
    const row = store.certificates.required(id)
    const urls = store.urls.ofCertificate(id)
    const [first] = urls
    if (first)
      throw new Fault(
        'conflict',
        `${first.hostname}${urls.length > 1 ? ` and ${urls.length - 1} more` : ''} answer with this certificate.`,
        { hint: 'Give them another one first (fairlead url update), or detach them.' },
      )
    if (certificatesAtWork(world).has(id))
      throw new Fault('conflict', 'An operation works with this certificate just now.', {
        hint: 'Wait for its end.',
      })
    store.certificates.remove(id)
    const data = { certificate: id, before: shownOf(row) }
    store.events.append({ at: clock.now(), kind: 'certificate.deleted', actor: by.actor, data })
    return row
  })
}
