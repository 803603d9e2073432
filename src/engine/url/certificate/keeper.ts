/** Files of certificates: those that sites name are there, whatever happened, and nothing else is. */
import type { Clock } from '../../../base/clock.ts'
import { asFault } from '../../../base/fault.ts'
import { LIMITS } from '../../../base/limits.ts'
import { parseChain } from '../../../base/x509/chain.ts'
import { newKey } from '../../../base/x509/key.ts'
import { selfSigned } from '../../../base/x509/signed.ts'
import { SYSTEM_ACTOR } from '../../../domain/operation.ts'
import type { CertificatePem } from '../../../ports/certificates.ts'
import type { CertificateRow, Issued } from '../../../store/certificates.ts'
import type { World } from '../../step.ts'
import { certificatesAtWork, factsAtWork } from './facts.ts'
import { pemOf } from './put-up.ts'

type Kept = Pick<World, 'store' | 'seal' | 'certificates' | 'challenges' | 'log'> & {
  clock: Pick<Clock, 'now'>
}

const DAY_MS = 24 * 3_600_000

export class CertificateKeeper {
  private readonly world: Kept
  private turn: Promise<void> = Promise.resolve()

  constructor(world: Kept) {
    this.world = world
  }

  /**
   * Every certificate that a URL answers with, or has answered with until an operation that has not ended, has its file:
   * put back from the database, else a placeholder. `quickly`: files that are there are not read. Never throws for one
   * certificate; the others get theirs.
   */
  standUp({ quickly = false }: { quickly?: boolean } = {}): Promise<void> {
    this.turn = this.turn
      .then(() => this.standAllUp(quickly))
      .catch((cause) => this.complain('files of certificates could not be put back', cause))
    return this.turn
  }

  private async standAllUp(quickly: boolean): Promise<void> {
    const { store, certificates } = this.world
    const there = new Set(quickly ? await certificates.list() : [])
    const before = factsAtWork(store).map(({ https }) => https?.before.certificateId ?? null)
    const needed = new Set([...store.certificates.inUse().map(({ id }) => id), ...before])
    for (const id of needed) {
      const row = id === null || there.has(id) ? null : store.certificates.find(id)
      if (row?.issued)
        await this.standOneUp(row, row.issued).catch((cause) =>
          this.complain('the file of a certificate could not be put back', cause, { certificate: row.id }),
        )
    }
  }

  private async standOneUp(row: CertificateRow, { fingerprint }: Issued): Promise<void> {
    const { certificates, log } = this.world
    const stands = await certificates.read(row.id)
    const seen = stands && fingerprintOf(stands)
    if (seen === fingerprint) return this.isItself(row)
    const pem = this.openable(row)
    if (pem) {
      await certificates.put(row.id, pem)
      log.write('warn', 'the file of a certificate was gone or broken and is put back', {
        certificate: row.id,
      })
      return this.isItself(row)
    }
    if (seen === null || seen !== row.standIn?.fingerprint) await this.standIn(row)
  }

  private openable({ id, issued }: CertificateRow): CertificatePem | null {
    if (issued === null) return null
    try {
      return pemOf(this.world, id)
    } catch (thrown) {
      if (asFault(thrown).code === 'broken_data') return null
      throw thrown
    }
  }

  private isItself({ id, standIn }: CertificateRow): void {
    if (standIn !== null) this.world.store.certificates.setStandIn(id, null)
  }

  /** A certificate that nobody trusts, and that keeps the gateway running. */
  private async standIn({ id, names }: CertificateRow): Promise<void> {
    const { store, clock, certificates, log } = this.world
    const now = clock.now()
    const key = newKey()
    const [first = 'placeholder.invalid', ...others] = names
    const chain = selfSigned({
      names: [first, ...others],
      organization: 'Fairlead placeholder',
      notBefore: now - DAY_MS,
      notAfter: now + LIMITS.certificate.placeholderMs,
      key,
    })
    await certificates.put(id, { key, chain })
    log.write('error', 'a placeholder stands in for a certificate that can not be put back', {
      certificate: id,
      names,
    })
    const fingerprint = fingerprintOf({ key, chain }) ?? ''
    store.tx(() => {
      store.certificates.setStandIn(id, { fingerprint, reason: GONE, at: now })
      store.events.append({
        at: now,
        kind: 'certificate.placeholder',
        actor: SYSTEM_ACTOR,
        data: { certificate: id, names, fingerprint },
      })
    })
  }

  /**
   * What nothing needs any more: files, keys of certificates that were superseded, and what CAs were to see. `except`: an
   * operation that has come to its end but for this.
   */
  async sweep(except?: string): Promise<void> {
    const { store, clock, certificates, challenges } = this.world
    const now = clock.now()
    const unused = () => {
      const atWork = certificatesAtWork(this.world, except)
      return store.certificates.unused().filter(({ id }) => !atWork.has(id))
    }
    if (unused().length > 0)
      store.tx(() => {
        for (const { id, issued } of unused())
          if (issued === null) store.certificates.remove(id)
          else store.certificates.supersede(id, now)
      })
    store.certificates.forget(now - LIMITS.certificate.supersededMs)
    store.acmeOrders.forget(now - DAY_MS)
    for (const id of await certificates.list()) if (!this.isNeeded(id, except)) await certificates.drop(id)
    for (const key of await challenges.list()) if (!this.isAskedFor(key.token)) await challenges.drop(key)
  }

  private isNeeded(id: string, except?: string): boolean {
    const { store } = this.world
    return store.urls.ofCertificate(id).length > 0 || certificatesAtWork(this.world, except).has(id)
  }

  private isAskedFor(token: string): boolean {
    return factsAtWork(this.world.store).some(({ challenges = [] }) =>
      challenges.some((one) => one.type === 'http-01' && one.token === token),
    )
  }

  private complain(message: string, cause: unknown, about: Record<string, unknown> = {}): void {
    this.world.log.write('error', message, { ...about, cause })
  }
}

const GONE = 'Its key can not be opened: it did not come along with a backup, or the database was altered.'

function fingerprintOf({ chain }: CertificatePem): string | null {
  try {
    return parseChain(chain).leaf.fingerprint
  } catch {
    // Nothing that a browser would know either.
    return null
  }
}
