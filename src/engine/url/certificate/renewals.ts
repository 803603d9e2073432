/** Certificates are renewed in time, a few at once, and people hear of those that are about to end all the same. */
import { nextTurn } from '../../../base/clock.ts'
import { asFault } from '../../../base/fault.ts'
import { LIMITS } from '../../../base/limits.ts'
import { radar, warningLevel } from '../../../domain/certificate/renewal.ts'
import { type OperationKind, SYSTEM_ACTOR } from '../../../domain/operation.ts'
import type { CertificateRow, Issued } from '../../../store/certificates.ts'
import type { UrlRow } from '../../../store/urls.ts'
import type { Acceptance } from '../../accept.ts'
import { isSetUp } from '../../authority-setting.ts'
import type { World } from '../../step.ts'
import { queueUrl } from '../claim.ts'
import { atAuthority, blockedUntil } from './at-authority.ts'
import { nextTurnAt } from './budget.ts'
import { openRenewal, placeOf } from './change.ts'
import { ownFor } from './choice.ts'
import { plannedAt, standingOf } from './ending.ts'

/** A URL whose turn has come. */
interface Due {
  row: UrlRow
  /** The end of its certificate: the first ones first. */
  notAfter: number
}

interface Standing {
  row: UrlRow
  certificate: CertificateRow
  issued: Issued
}

export class Renewals {
  private readonly world: World
  private readonly acceptance: Acceptance

  constructor(world: World, acceptance: Acceptance) {
    this.world = world
    this.acceptance = acceptance
  }

  /** Each minute. */
  async look(signal: AbortSignal): Promise<void> {
    if (this.world.store.instance.isStandingBy()) return
    await this.askForWindows(signal)
    const due: Due[] = []
    await this.each(signal, ({ row, certificate, issued }) => {
      if (this.isDue(row, certificate)) due.push({ row, notAfter: issued.notAfter })
    })
    this.start(due.toSorted((a, b) => a.notAfter - b.notAfter))
    await this.each(signal, (standing) => this.warn(standing))
  }

  /** URLs that answer with a certificate, each as it stands when its turn comes; others have theirs in between. */
  private async each(signal: AbortSignal, work: (standing: Standing) => void): Promise<void> {
    for (const { id } of this.rows()) {
      await nextTurn()
      if (signal.aborted) return
      const row = this.world.store.urls.find(id)
      const certificate = row && standingOf(this.world, row)
      if (row?.state === 'attached' && certificate?.issued)
        work({ row, certificate, issued: certificate.issued })
    }
  }

  private *rows(): Generator<UrlRow> {
    let after: number | null = null
    for (;;) {
      const rows: UrlRow[] = this.world.store.urls.withHttps({ limit: 500, after })
      yield* rows
      const last = rows.at(-1)
      if (!last) return
      after = last.number
    }
  }

  private isDue(row: UrlRow, certificate: CertificateRow): boolean {
    const now = this.world.clock.now()
    const at = row.https.mode === 'own' ? this.betterOwnAt(row, certificate) : this.nextAt(row, certificate)
    if (at !== row.https.renewal.at) this.world.store.urls.setRenewal(row.id, { ...row.https.renewal, at })
    return at !== null && at <= now
  }

  /** Of what has failed the next try, else as it was planned. */
  private nextAt({ https }: UrlRow, certificate: CertificateRow): number | null {
    const planned = plannedAt({ https }, certificate)
    if (planned === null) return null
    return Math.max(planned, this.soonestAt(certificate), this.triedAgainAt(https) ?? 0)
  }

  /** One that is due as soon as it is there (by a clock that is ahead, or a CA that says so) begins no race. */
  private soonestAt({ issued, standIn, createdAt }: CertificateRow): number {
    if (issued === null || standIn !== null || createdAt > this.world.clock.now()) return 0
    const { renewedAgainMs, renewedAgainShare } = LIMITS.certificate
    return createdAt + Math.min(renewedAgainMs, (issued.notAfter - issued.notBefore) * renewedAgainShare)
  }

  /** Null: nothing has failed. A clock that was ahead when it did keeps nobody waiting. */
  private triedAgainAt({ renewal: { attempts, at } }: UrlRow['https']): number | null {
    if (attempts === 0 || at === null) return null
    return Math.min(at, this.world.clock.now() + LIMITS.certificate.blockedMsMost)
  }

  /** Somebody has brought one that is good for longer, while the URL was busy say. */
  private betterOwnAt({ hostname, https }: UrlRow, { id, issued, standIn }: CertificateRow): number | null {
    const [best] = ownFor(this.world, hostname)
    if (!best || best.id === id) return null
    const isBetter = standIn !== null || (best.issued?.notAfter ?? 0) > (issued?.notAfter ?? 0)
    return isBetter ? (this.triedAgainAt(https) ?? best.createdAt) : null
  }

  /** As many as the budget allows; the others have their turn at a later look. */
  private start(due: Due[]): void {
    const { store, clock } = this.world
    const own = due.filter(({ row }) => row.https.mode === 'own')
    for (const { row } of own) this.queue(row, 'url-change')
    const { certificates } = store.settings.read()
    const { directoryUrl } = certificates
    const isAsked = directoryUrl !== null && isSetUp(certificates)
    const { ordersAtOnce, renewalsPerHour } = LIMITS.certificate
    // Without a CA there is nothing to spare: the operation says what is missing.
    if (isAsked && nextTurnAt(this.world, directoryUrl, renewalsPerHour) > clock.now()) return
    const open = (['queued', 'running'] as const).flatMap((status) => store.operations.withStatus(status))
    let room = ordersAtOnce - open.filter(({ kind }) => kind === 'certificate-renewal').length
    for (const { row } of due) {
      if (room <= 0) return
      if (row.https.mode !== 'auto' || openRenewal({ world: this.world }, row)) continue
      this.queue(row, 'certificate-renewal')
      room--
    }
  }

  private queue(row: UrlRow, kind: Extract<OperationKind, 'url-change' | 'certificate-renewal'>): void {
    try {
      const stuck = this.stuckOf(row)
      if (stuck !== null) return void this.acceptance.retry(stuck, SYSTEM_ACTOR)
      this.acceptance.accepted(() => {
        if (this.isBusy(row)) return
        const { mode, redirect, hsts, minimumTls } = row.https
        const wish = kind === 'url-change' ? { wish: { mode, redirect, hsts, minimumTls } } : {}
        queueUrl(
          { world: this.world },
          { url: row.id, ...wish },
          { kind, actor: SYSTEM_ACTOR, ...placeOf(row) },
        )
      })
    } catch (cause) {
      this.world.log.write('error', 'a certificate could not be renewed yet', { url: row.hostname, cause })
    }
  }

  /** One that could not put everything back goes on with that before anything new is begun. */
  private stuckOf({ id }: UrlRow): string | null {
    const stuck = this.world.store.operations.withStatus('stuck')
    return stuck.find(({ kind, facts }) => kind === 'certificate-renewal' && facts['url'] === id)?.id ?? null
  }

  /** Whatever is done with it just now decides first. */
  private isBusy({ id, serviceId, environmentId }: UrlRow): boolean {
    const { store } = this.world
    const row = store.urls.find(id)
    const environment = environmentId === null ? null : store.environments.byId(environmentId)
    const isClosed = environment !== null && (environment.deleting || environment.deletedAt !== null)
    return (
      row?.state !== 'attached' ||
      isClosed ||
      store.operations.openOf(serviceId).some(({ facts }) => facts['url'] === id)
    )
  }

  /** Once at each of the days before the end, of certificates that somebody has brought as well. */
  private warn({ row, certificate, issued }: Standing): void {
    const { store, clock, log } = this.world
    // After this program was off for long, say, the renewal is late and under way.
    if (openRenewal({ world: this.world }, row)) return
    const now = clock.now()
    const { notBefore, notAfter, names, issuer, fingerprint } = issued
    const life = { notBefore, notAfter, renewAt: plannedAt(row, certificate) }
    const renewal = this.warnedOf(row, warningLevel(life, now))
    const warning = radar(life, now, renewal.warnedDays)
    if (warning === null) return
    const message = `The certificate of ${row.hostname} ${warning.message}.`
    log.write('warn', message, { url: row.hostname, certificate: certificate.id })
    store.tx(() => {
      const problem = row.https.mode === 'own' ? null : renewal.problem
      store.urls.setRenewal(row.id, {
        ...renewal,
        warnedDays: warning.level,
        problem: problem ?? { message, hint: hintFor(row), at: now },
      })
      store.events.append({
        at: now,
        kind: 'certificate.expiring',
        actor: SYSTEM_ACTOR,
        ...(row.serviceId !== null &&
          row.serviceName !== null && { service: { id: row.serviceId, name: row.serviceName } }),
        ...(row.environmentId !== null &&
          row.environmentName !== null && {
            environment: { id: row.environmentId, name: row.environmentName },
          }),
        data: {
          hostname: row.hostname,
          certificate: certificate.id,
          days: warning.level,
          names,
          issuer,
          fingerprint,
          notAfter,
        },
      })
    })
  }

  /** What was said by a clock that was ahead is taken back. */
  private warnedOf({ id, https: { renewal } }: UrlRow, level: number | null): UrlRow['https']['renewal'] {
    const { warnedDays, attempts, problem } = renewal
    if (warnedDays === null || (level !== null && level <= warnedDays)) return renewal
    const without = { ...renewal, warnedDays: null, problem: attempts === 0 ? null : problem }
    this.world.store.urls.setRenewal(id, without)
    return without
  }

  /** Asks the CA when it wants which certificate to be renewed (RFC 9773), no oftener than it says. */
  private async askForWindows(signal: AbortSignal): Promise<void> {
    const { store, clock } = this.world
    const { certificates } = store.settings.read()
    const { directoryUrl } = certificates
    if (directoryUrl === null || !isSetUp(certificates) || blockedUntil(this.world, directoryUrl) !== null)
      return
    const now = clock.now()
    const isOpen = ({ kind, issued, window, ...row }: CertificateRow) =>
      kind === 'acme' &&
      row.directoryUrl === directoryUrl &&
      issued !== null &&
      (window === null ||
        window.lookAgainAt <= now ||
        window.lookAgainAt > now + LIMITS.certificate.blockedMsMost)
    for (const row of store.certificates.inUse().filter(isOpen).slice(0, LIMITS.certificate.windowsPerLook)) {
      const isAnswered = await this.askForWindow(row, { directoryUrl, signal })
      if (!isAnswered || signal.aborted) return
    }
  }

  private async askForWindow(
    { id, issued, window }: CertificateRow,
    { directoryUrl, signal }: { directoryUrl: string; signal: AbortSignal },
  ): Promise<boolean> {
    const { store, clock, log } = this.world
    const { windowMs, windowMsMost, blockedMsMost } = LIMITS.certificate
    try {
      const told = await atAuthority(this.world, directoryUrl, (authority) =>
        authority.renewalWindow(issued?.chain ?? '', signal),
      )
      const now = clock.now()
      const lookAgainAt = told?.lookAgainAt ?? now + windowMsMost
      store.certificates.setWindow(id, {
        from: told?.from ?? null,
        until: told?.until ?? null,
        lookAgainAt: Math.min(Math.max(lookAgainAt, now + windowMs), now + blockedMsMost),
      })
      return true
    } catch (thrown) {
      const { message } = asFault(thrown)
      log.write('info', 'the CA was asked in vain when it wants a renewal', { certificate: id, message })
      const { from = null, until = null } = window ?? {}
      store.certificates.setWindow(id, { from, until, lookAgainAt: clock.now() + windowMs })
      return false
    }
  }
}

const hintFor = ({ https }: UrlRow): string =>
  https.mode === 'own'
    ? 'Bring a newer one with its key: fairlead certificate add.'
    : 'See why its renewals fail (fairlead url show), and mend that.'
