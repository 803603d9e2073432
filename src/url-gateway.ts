/** The gateway that URLs use, as the setting says at each moment. */

import type { GatewaySetting } from './domain/settings.ts'
import { connectGateway } from './drivers/index.ts'
import type { Hosts } from './ports/hosts.ts'

interface Options {
  setting: () => GatewaySetting
  tools: Parameters<typeof connectGateway>[1]
}

export function urlGateway({ setting, tools }: Options): Hosts {
  let current: { text: string; hosts: Hosts } | null = null
  let underWay = 0
  /** Two at work on one NGINX would each take the other's changes for half ones, so a new one waits for its turn. */
  const hosts = (): Hosts => {
    const gateway = setting()
    const text = JSON.stringify(gateway)
    if (current === null || (current.text !== text && underWay === 0))
      current = { text, hosts: connectGateway({ ...gateway }, tools) }
    return current.hosts
  }
  const through = async <T>(work: (hosts: Hosts) => Promise<T>): Promise<T> => {
    const gateway = hosts()
    underWay++
    try {
      return await work(gateway)
    } finally {
      underWay--
    }
  }
  return {
    read: (...given) => through((gateway) => gateway.read(...given)),
    put: (...given) => through((gateway) => gateway.put(...given)),
    drop: (...given) => through((gateway) => gateway.drop(...given)),
    restore: (...given) => through((gateway) => gateway.restore(...given)),
    drift: (...given) => through((gateway) => gateway.drift(...given)),
    planTakeOver: (...given) => through((gateway) => gateway.planTakeOver(...given)),
    takeOver: (...given) => through((gateway) => gateway.takeOver(...given)),
    giveBack: (...given) => through((gateway) => gateway.giveBack(...given)),
    written: (...given) => through((gateway) => gateway.written(...given)),
    list: (...given) => through((gateway) => gateway.list(...given)),
    check: (...given) => through((gateway) => gateway.check(...given)),
    checkHttps: (...given) => through((gateway) => gateway.checkHttps(...given)),
    settled: (...given) => through((gateway) => gateway.settled(...given)),
    probe: {
      ask: (request) => through((gateway) => gateway.probe.ask(request)),
      url: (...given) => hosts().probe.url(...given),
    },
  }
}
