import { Fault } from '../base/fault.ts'
import type { HandlersOf } from './call.ts'
import { pageOf } from './cursor.ts'

export function certificateHandlers(): HandlersOf<'certificates'> {
  return {
    'certificates.list': ({ query: { limit, cursor } }) => {
      const rows: { number: number }[] = []
      const query = { limit, cursor }
      pageOf({ list: 'certificates', query, rows: () => rows, numberOf: ({ number }) => number })
      return { status: 200, value: { items: [], next: null } }
    },
    'certificates.create': async (call) => {
      await call.json()
      throw notYet()
    },
    'certificates.show': () => {
      throw noCertificate()
    },
    'certificates.delete': () => {
      throw noCertificate()
    },
  }
}

/** Until the engine is there. */
export const notYet = (): Fault => new Fault('conflict', 'This Fairlead has no certificates yet.')

const noCertificate = (): Fault =>
  new Fault('not_found', 'There is no such certificate.', { hint: 'List the certificates to see their ids.' })
