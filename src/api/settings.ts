import { asFault, Fault } from '../base/fault.ts'
import { problemOf } from '../contract/problem.ts'
import type { Settings } from '../contract/shapes/settings.ts'
import * as shapes from '../contract/shapes/settings.ts'
import { canonicalRoot, hasHmacKey } from '../engine/authority-setting.ts'
import { changeSettings } from '../engine/settings.ts'
import type { Api, Call, HandlersOf } from './call.ts'
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
    'settings.test-certificates': async (call) => ({ status: 200, value: await askedAuthority(api, call) }),
    'settings.test-gateway': async ({ request }) => {
      const signal = AbortSignal.any([request.signal, api.stopping])
      const findings = await world.hosts.check(signal)
      return { status: 200, value: shapes.GatewayTest.parse({ findings }) }
    },
  }
}

/** What a CA says of itself, or why it can't be asked. Throws `conflict` when none is named, `invalid`. */
async function askedAuthority(
  api: Api,
  call: Call<'settings.test-certificates'>,
): Promise<shapes.AuthorityTest> {
  const { world } = api.engine
  const { certificates } = world.store.settings.read()
  const given = await call.json()
  const directoryUrl = given.directoryUrl ?? certificates.directoryUrl
  if (directoryUrl === null)
    throw new Fault('conflict', 'No CA is set up that could be asked.', {
      hint: 'Name the directoryUrl of one.',
    })
  const root = given.root ? canonicalRoot(given.root) : given.root === null ? null : certificates.root
  const signal = AbortSignal.any([call.request.signal, api.stopping])
  try {
    const said = await world.authority({ directoryUrl, root }).directory(signal)
    const { hasRenewalInfo, ...directory } = said
    return shapes.AuthorityTest.parse({
      ...directory,
      ok: true,
      directoryUrl,
      renewalInfo: hasRenewalInfo,
      problem: null,
    })
  } catch (thrown) {
    const fault = asFault(thrown)
    if (fault.code === 'internal') throw thrown
    return shapes.AuthorityTest.parse({ ...UNASKED, directoryUrl, problem: problemOf(fault) })
  }
}

const UNASKED = {
  ok: false,
  termsOfService: null,
  externalAccountRequired: false,
  renewalInfo: false,
  profiles: {},
}
