/** The steps in which a name gets its certificate: the file, then the site; and what tells afterwards that it did. */
import { isDeepStrictEqual } from 'node:util'
import { Fault } from '../../../base/fault.ts'
import type { CertificatePem } from '../../../ports/certificates.ts'
import type { UrlRow } from '../../../store/urls.ts'
import type { Act, StepContext, World } from '../../step.ts'
import { rowOf } from '../row.ts'
import { hostSiteOf } from '../sites.ts'
import { certificateKeyPlace } from './at-authority.ts'
import { certificatesAtWork, type Https, type HttpsFacts, type PlannedHttps } from './facts.ts'

/** The key and chain of a certificate, for its file. Throws `broken_data` when the key can't be opened. */
export function pemOf({ store, seal }: Pick<World, 'store' | 'seal'>, id: string): CertificatePem {
  const row = store.certificates.find(id)
  if (row?.key && row.issued)
    return { key: seal.open(row.key, certificateKeyPlace(id)), chain: row.issued.chain }
  throw new Fault('broken_data', 'The key of the certificate is not there any more.', {
    hint: 'It did not come along with a backup. Let the CA give a new certificate, or bring one.',
  })
}

export const writeCertificate: Act<HttpsFacts> = {
  kind: 'act',
  name: 'write the certificate',
  async run({ world }, { https }) {
    const id = https?.after.certificateId ?? null
    if (id === null) return
    await world.certificates.put(id, pemOf(world, id))
    world.store.certificates.setStandIn(id, null)
  },
  async undo({ world, operation }, { https }) {
    const id = https?.after.certificateId ?? null
    if (id === null || id === https?.before.certificateId) return
    if (isNeeded(world, id, operation.id)) return
    await world.certificates.drop(id)
  },
}

/** Whether another URL answers with a certificate, or another operation works with it. */
function isNeeded(world: World, id: string, operationId: string): boolean {
  return world.store.urls.ofCertificate(id).length > 0 || certificatesAtWork(world, operationId).has(id)
}

export const putUpHttps: Act<HttpsFacts> = {
  kind: 'act',
  name: 'put up HTTPS',
  begin({ world, operation }, { https }) {
    if (https) world.store.urls.setHttps(rowOf(world, operation).id, https.after)
  },
  async run(context, { https }) {
    if (!https || !isOther(https.before, https.after)) return
    await putSite(context)
    context.say(httpsText(https.after))
  },
  async undo(context, { https }) {
    if (!https) return
    const { world, operation } = context
    const row = rowOf(world, operation)
    if (!isOneOf(row.https, https)) return
    world.store.urls.setHttps(row.id, https.before)
    if (!isOther(https.before, https.after)) return
    await putSite(context)
    context.say('Put up the site as it was.')
  },
}

/** What another operation has brought about since, while this one was stuck, stays. */
function isOneOf(https: UrlRow['https'], { before, after }: PlannedHttps): boolean {
  const { renewal: _, ...present } = https
  return [before, after].some((one) => isDeepStrictEqual(one, present))
}

/** As the row says now. */
async function putSite({ world, operation, signal }: StepContext): Promise<void> {
  const row = rowOf(world, operation)
  await world.hosts.put(row.hostname, await hostSiteOf(world, row, signal), signal)
}

/** A name without HTTPS before and after has the same site, whatever its other settings. */
export const isOther = (before: Https, after: Https): boolean =>
  before.certificateId !== null || after.certificateId !== null

function httpsText({ certificateId, redirect, hsts, minimumTls }: Https): string {
  if (certificateId === null) return 'It answers over plain HTTP alone.'
  const words = [
    `It answers over HTTPS (${minimumTls} and newer)`,
    redirect ? 'plain HTTP leads there' : 'and over plain HTTP',
    ...(hsts ? [`HSTS for ${hsts.maxAgeSeconds} s`] : []),
  ]
  return `${words.join(', ')}.`
}
