/** PowerDNS by its HTTP API. */
import { powerdns } from '../../src/drivers/dns/powerdns.ts'
import { freePort } from '../app/program.ts'
import { API_KEY, Pdns, SCHEMA } from './pdns.ts'
import { isHttpWrite, Relay } from './relay.ts'
import { driverSuite, type Stage, toolsFor, WRONG_SECRET } from './suite.ts'

let pdns: Pdns

async function open(): Promise<Stage> {
  pdns = await Pdns.start()
  const relay = await Relay.start(pdns.apiPort, isHttpWrite)
  const connect = ({ port = relay.port, apiKey = API_KEY }) =>
    powerdns.connect({ url: `http://127.0.0.1:${port}`, apiKey, allowPrivateNetwork: true }, toolsFor())
  return {
    provider: connect({}),
    relay,
    stranger: connect({ apiKey: WRONG_SECRET }),
    nobody: connect({ port: await freePort() }),
    dump: () => pdns.dump(),
    byHand: {
      put: async (name, type, value) =>
        pdns.insert({ name, type, content: type === 'TXT' ? `"${value}"` : value, ttl: 300, disabled: 0 }),
      remove: async (name, type) => pdns.remove(name, type),
    },
    end: async () => {
      relay.close()
      await pdns.end()
    },
  }
}

driverSuite({ label: 'powerdns', programs: ['pdns_server', SCHEMA], open })
