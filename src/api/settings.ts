import type { Settings } from '../contract/shapes/settings.ts'
import * as shapes from '../contract/shapes/settings.ts'
import { hasHmacKey } from '../engine/authority-setting.ts'
import { changeSettings } from '../engine/settings.ts'
import type { Api, HandlersOf } from './call.ts'
import { notYet } from './certificates.ts'
import { requireMatch } from './precondition.ts'
import type { JsonReply } from './reply.ts'

export function settingHandlers(api: Api): HandlersOf<'settings'> {
  const { world } = api.engine
  const reply = (): JsonReply<Settings> => {
    const settings = world.store.settings.read()
    const externalHmacKeySet = hasHmacKey(world.seal, settings.certificates)
    const value = shapes.Settings.parse({
      ...settings,
      certificates: { ...settings.certificates, externalHmacKeySet },
    })
    return { status: 200, value, revision: value.revision }
  }
  return {
    'settings.show': reply,
    'settings.update': async (call) => {
      const change = await call.json()
      requireMatch(call.request, reply().value)
      changeSettings(world, call, change)
      return reply()
    },
    'settings.test-certificates': async (call) => {
      await call.json()
      throw notYet()
    },
    'settings.test-gateway': async ({ request }) => {
      const signal = AbortSignal.any([request.signal, api.stopping])
      const findings = await world.hosts.check(signal)
      return { status: 200, value: shapes.GatewayTest.parse({ findings }) }
    },
  }
}
