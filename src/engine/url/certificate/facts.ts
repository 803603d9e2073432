/** What operations about HTTPS know: which certificate stood there, which one is to, and what the CA asks for. */
import type { Store } from '../../../store/store.ts'
import type { UrlHttps } from '../../../store/urls.ts'
import type { World } from '../../step.ts'
import type { UrlFacts } from '../row.ts'
import type { Asked } from './choice.ts'

export type Https = Omit<UrlHttps, 'renewal'>

/** What is put up for the CA to see. The texts are no secrets: everybody is to read them. */
export type PutChallenge = { url: string } & (
  | { type: 'http-01'; token: string; text: string }
  | { type: 'dns-01'; name: string; value: string }
)

export interface PlannedHttps {
  before: Https
  after: Https
  asked: Asked | null
}

export interface HttpsFacts extends UrlFacts, Record<string, unknown> {
  /** Absent in what began before there were certificates. */
  https?: PlannedHttps
  /** Of the authorizations that the CA doesn't hold for valid already. */
  challenges?: PutChallenge[]
}

/** The certificate that a CA is asked for; null: none is. */
export function askedFor({ https }: HttpsFacts): (Asked & { certificateId: string }) | null {
  const { asked, after } = https ?? {}
  if (!asked || !after) return null
  if (after.certificateId === null) throw new Error('a CA is asked for nothing')
  return { ...asked, certificateId: after.certificateId }
}

/** Ids of certificates that operations which have not ended work with, but for one. */
export function certificatesAtWork({ store }: Pick<World, 'store'>, except?: string): Set<string> {
  const ids = new Set<string>()
  for (const { https } of factsAtWork(store, except))
    for (const one of [https?.before, https?.after])
      if (one && one.certificateId !== null) ids.add(one.certificateId)
  return ids
}

/** Facts of operations that are queued, running or stuck, but for one. */
export function factsAtWork({ operations }: Pick<Store, 'operations'>, except?: string): HttpsFacts[] {
  const rows = (['queued', 'running', 'stuck'] as const).flatMap((status) => operations.withStatus(status))
  return rows.filter(({ id }) => id !== except).map(({ facts }) => facts as HttpsFacts) // of other operations these members are absent
}
