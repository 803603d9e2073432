/** Settings that several drivers have. */
import { z } from 'zod'
import { labelsOf } from '../../base/dns/name.ts'
import { Fault } from '../../base/fault.ts'
import { parsedServer } from './name-servers.ts'

export const NAMES_MOST = 100
const TEXT_CHARS = 300

const isZoneName = (text: string): boolean => {
  try {
    return labelsOf(text.trim()).length > 0
  } catch (thrown) {
    if (thrown instanceof Fault) return false
    throw thrown
  }
}

/** Names of zones, each refused by its place in the list. */
export const zoneNames = z
  .array(
    z.string().max(TEXT_CHARS).refine(isZoneName, 'It has to be the name of a zone, such as example.com.'),
  )
  .max(NAMES_MOST)

export const nameservers = z
  .array(
    z
      .string()
      .max(TEXT_CHARS)
      .refine((text) => parsedServer(text) !== null, 'It has to be a host, or host:port.'),
  )
  .max(NAMES_MOST)
  .default([])
  .meta({
    label: 'Name servers to ask',
    help: 'Which have to answer a change before it counts, as host or host:port. Without any: those of the zone.',
    example: '192.0.2.53',
  })

export const allowPrivateNetwork = z.boolean().default(false).meta({
  label: 'Allow private networks',
  help: 'Whether its addresses, and those of its name servers, may be of a private network or of this machine.',
})
