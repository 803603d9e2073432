/** Settings of the instance: changed by people, told to the audit. */
import { Fault } from '../base/fault.ts'
import { canonicalTarget } from '../domain/dns/records.ts'
import { movesSites, type NginxSetting, type Settings } from '../domain/settings.ts'
import type { GatewayKind } from '../domain/url.ts'
import type { Authority } from './account/authority.ts'
import type { World } from './step.ts'

type Partly<T> = { [Key in keyof T]?: T[Key] | undefined }

export interface SettingsChange {
  gateway?: { kind?: GatewayKind | undefined; nginx?: Partly<NginxSetting> | undefined } | undefined
  dns?: Partly<Settings['dns']> | undefined
}

/**
 * What is not named stays. Throws `invalid` for what no record can say, `conflict` for what attached URLs stand on, and
 * what `requireStill` throws.
 */
export function changeSettings(
  { store, clock }: Pick<World, 'store' | 'clock'>,
  by: Authority,
  change: SettingsChange,
): Settings & { revision: number } {
  return store.tx(() => {
    by.requireStill()
    const { gateway, dns } = store.settings.read()
    const before: Settings = { gateway, dns }
    const after: Settings = {
      gateway: {
        ...gateway,
        ...given(change.gateway),
        nginx: { ...gateway.nginx, ...given(change.gateway?.nginx) },
      },
      dns: canonicalTarget({ ...dns, ...given(change.dns) }),
    }
    if (movesSites(gateway, after.gateway)) requireNoUrls(store.urls.count())
    for (const name of ['gateway', 'dns'] as const) {
      if (JSON.stringify(before[name]) === JSON.stringify(after[name])) continue
      store.settings.put(name, after[name])
      store.events.append({
        at: clock.now(),
        kind: 'settings.changed',
        actor: by.actor,
        data: { setting: name, before: before[name], after: after[name] },
      })
    }
    return store.settings.read()
  })
}

/** Only the members that are named. */
const given = <T extends object>(wish: T | undefined): { [Key in keyof T]: Exclude<T[Key], undefined> } =>
  Object.fromEntries(Object.entries(wish ?? {}).filter(([, value]) => value !== undefined)) as never // the same members

function requireNoUrls(count: number): void {
  if (count === 0) return
  const many = count === 1 ? '1 URL is attached' : `${count} URLs are attached`
  throw new Fault('conflict', `${many}: their sites lie where this setting says.`, {
    hint: 'Detach them first, change the setting, and attach them again.',
  })
}
