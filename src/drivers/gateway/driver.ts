import { z } from 'zod'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { driver } from '../../ports/driver.ts'
import type { Hosts } from '../../ports/hosts.ts'

/** What gateways are connected with. */
export interface GatewayTools {
  /** The data folder, absolute. */
  data: string
  /** This instance's id. */
  instance: string
  clock: Clock
  log: Log
  /** Puts back files of certificates that sites name. */
  mendCertificates?: () => Promise<void>
  /** The builtin gateway, which runs in any case. */
  builtin: Hosts
}

const Nothing = z.strictObject({})

export const builtin = driver<typeof Nothing, Hosts, GatewayTools>({
  kind: 'builtin',
  label: 'Builtin gateway',
  config: Nothing,
  connect: (_, tools) => tools.builtin,
})
