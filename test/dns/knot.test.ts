/** RFC 2136 against Knot DNS. */

import { rfc2136 } from '../../src/drivers/dns/rfc2136.ts'
import { freePort } from './daemon.ts'
import { Knot } from './knot.ts'
import { KEY } from './named.ts'
import { isDnsWrite, Relay } from './relay.ts'
import { driverSuite, type Stage, WRONG_SECRET } from './suite.ts'
import { toolsFor } from './tools.ts'
import { ZONE } from './zone.ts'

async function open(): Promise<Stage> {
  const knot = await Knot.start()
  const relay = await Relay.start(knot.port, isDnsWrite)
  const settings = { server: '127.0.0.1', zones: [ZONE], ...KEY, allowPrivateNetwork: true }
  const connect = (change: object) =>
    rfc2136.connect({ ...settings, port: relay.port, ...change }, toolsFor())
  return {
    provider: connect({}),
    relay,
    stranger: connect({ secret: WRONG_SECRET }),
    nobody: connect({ port: await freePort() }),
    dump: () => knot.dump(),
    byHand: {
      put: (name, type, value) => knot.byHand(`update add ${name} 300 ${type} ${value}`),
      remove: (name, type) => knot.byHand(`update delete ${name} ${type}`),
    },
    end: async () => {
      relay.close()
      await knot.end()
    },
  }
}

driverSuite({ label: 'rfc2136 with Knot', programs: ['knotd', 'nsupdate', 'dig'], open })
