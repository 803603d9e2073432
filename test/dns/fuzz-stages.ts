/** Real servers for the fuzz, each with a zone of its own full of foreign records. */
import { powerdns } from '../../src/drivers/dns/powerdns.ts'
import { rfc2136 } from '../../src/drivers/dns/rfc2136.ts'
import { type FuzzStage, foreignRecords } from './fuzz.ts'
import { KEY, Named, namedZone } from './named.ts'
import { API_KEY, Pdns } from './pdns.ts'
import { isDnsWrite, isHttpWrite, Relay } from './relay.ts'
import { toolsFor } from './tools.ts'
import { ZONE } from './zone.ts'

export interface OpenStage {
  stage: FuzzStage
  end: () => Promise<void>
}

export async function bindStage(count: number, roll: (below: number) => number): Promise<OpenStage> {
  const named = await Named.start(namedZone(ZONE), foreignRecords(ZONE, count, roll))
  const relay = await Relay.start(named.port, isDnsWrite)
  const settings = { server: '127.0.0.1', port: relay.port, zones: [ZONE], ...KEY, allowPrivateNetwork: true }
  return {
    stage: {
      provider: rfc2136.connect(settings, toolsFor()),
      zone: { name: ZONE, id: ZONE },
      relay,
      dump: () => named.dump(),
      kill: async () => {
        await named.stop('SIGKILL')
        await named.up()
      },
    },
    end: async () => {
      relay.close()
      await named.end()
    },
  }
}

export async function pdnsStage(count: number, roll: (below: number) => number): Promise<OpenStage> {
  const pdns = await Pdns.start(foreignRecords(ZONE, count, roll))
  const relay = await Relay.start(pdns.apiPort, isHttpWrite)
  const settings = { url: `http://127.0.0.1:${relay.port}`, apiKey: API_KEY, allowPrivateNetwork: true }
  return {
    stage: {
      provider: powerdns.connect(settings, toolsFor()),
      zone: { name: ZONE, id: `${ZONE}.` },
      relay,
      dump: () => pdns.dump(),
      kill: async () => {
        await pdns.stop('SIGKILL')
        await pdns.up()
      },
    },
    end: async () => {
      relay.close()
      await pdns.end()
    },
  }
}
