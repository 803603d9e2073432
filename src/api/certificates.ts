import type { Certificate, CertificateDetails } from '../contract/shapes/https.ts'
import { addOwnCertificate, deleteCertificate } from '../engine/url/certificate/own.ts'
import type { CertificateRow } from '../store/certificates.ts'
import type { Api, Call, HandlersOf } from './call.ts'
import { pageOf } from './cursor.ts'
import { certificateDetails, certificateView } from './https-views.ts'
import { once, remembered } from './idempotency.ts'
import { API_ROOT } from './openapi.ts'
import { requireMatch } from './precondition.ts'
import type { JsonReply } from './reply.ts'

type Sees = Pick<Call<'certificates.list'>, 'may'>

export function certificateHandlers(api: Api): HandlersOf<'certificates'> {
  const { world } = api.engine
  const { certificates } = world.store
  const reply = (row: CertificateRow, to: Sees, status = 200): JsonReply<CertificateDetails> => ({
    status,
    value: certificateDetails(world, row, to),
    location: `${API_ROOT}/certificates/${row.id}`,
  })
  const view = (row: CertificateRow, to: Sees): Certificate => certificateView(world, row, to)
  return {
    'certificates.list': (call) => {
      const { kind, ...query } = call.query
      const page = pageOf({
        list: `certificates ${kind ?? ''}`,
        query,
        rows: (place) => (kind === 'placeholder' ? [] : certificates.list(place, kind)),
        numberOf: ({ number }) => number,
      })
      return { status: 200, value: { items: page.rows.map((row) => view(row, call)), next: page.next } }
    },
    'certificates.create': async (call) => {
      const id = await once(api, call, async (remember) => {
        const given = await call.json()
        return remembered(api, remember, () => addOwnCertificate(api.engine, call, given).row)
      })
      return reply(certificates.required(id), call, 201)
    },
    'certificates.show': (call) => reply(certificates.required(call.params.id), call),
    'certificates.delete': (call) => {
      const was = reply(certificates.required(call.params.id), call)
      requireMatch(call.request, was.value)
      deleteCertificate(world, call, call.params.id)
      return was
    },
  }
}
