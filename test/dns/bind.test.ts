/** RFC 2136 against BIND. */
import { rfc2136 } from '../../src/drivers/dns/rfc2136.ts'
import { freePort } from '../app/program.ts'
import { KEY, Named } from './named.ts'
import { isDnsWrite, Relay } from './relay.ts'
import { driverSuite, type Stage, toolsFor, WRONG_SECRET } from './suite.ts'
import { ZONE } from './zone.ts'

const settings = (port: number) => ({
  server: '127.0.0.1',
  port,
  zones: [ZONE],
  ...KEY,
  allowPrivateNetwork: true,
})

async function open(): Promise<Stage> {
  const named = await Named.start()
  const relay = await Relay.start(named.port, isDnsWrite)
  const connect = (change: object) => rfc2136.connect({ ...settings(relay.port), ...change }, toolsFor())
  return {
    provider: connect({}),
    relay,
    stranger: connect({ secret: WRONG_SECRET }),
    nobody: connect({ port: await freePort() }),
    dump: () => named.dump(),
    byHand: {
      put: (name, type, value) => named.byHand(`update add ${name} 300 ${type} ${value}`),
      remove: (name, type) => named.byHand(`update delete ${name} ${type}`),
    },
    end: async () => {
      relay.close()
      await named.end()
    },
  }
}

driverSuite({ label: 'rfc2136 with BIND', programs: ['named', 'nsupdate', 'dig'], open })
