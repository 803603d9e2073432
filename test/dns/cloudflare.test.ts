/** Cloudflare, as its published description has it. */
import { cloudflare } from '../../src/drivers/dns/cloudflare.ts'
import { freePort } from '../app/program.ts'
import { CloudflareApi, TOKEN } from './cloudflare-api.ts'
import { isHttpWrite, Relay } from './relay.ts'
import { driverSuite, type Stage, toolsFor, WRONG_SECRET } from './suite.ts'

let api: CloudflareApi

async function open(): Promise<Stage> {
  api = await CloudflareApi.start()
  const relay = await Relay.start(api.port, isHttpWrite)
  const connect = ({ port = relay.port, apiToken = TOKEN, proxied = false }) =>
    cloudflare.connect(
      { apiToken, proxied },
      toolsFor({ cloudflareApi: `http://127.0.0.1:${port}/client/v4` }),
    )
  return {
    provider: connect({}),
    relay,
    stranger: connect({ apiToken: WRONG_SECRET }),
    nobody: connect({ port: await freePort() }),
    dump: async () => api.dump(),
    byHand: {
      put: async (name, type, value) =>
        api.put({ name, type, content: type === 'TXT' ? `"${value}"` : value, ttl: 300, proxied: false }),
      remove: async (name, type) => api.remove(name, type),
    },
    end: async () => {
      relay.close()
      api.end()
    },
  }
}

driverSuite({ label: 'cloudflare', programs: [], open })
