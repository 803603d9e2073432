/** Settings of the instance: changed by people, told to the audit. */
import { Fault } from '../base/fault.ts'
import { canonicalTarget } from '../domain/dns/records.ts'
import type { HttpsSetting } from '../domain/https.ts'
import { movesSites, type NginxSetting, type Settings } from '../domain/settings.ts'
import type { GatewayKind } from '../domain/url.ts'
import type { Authority } from './account/authority.ts'
import { type AuthorityChange, changedAuthority, requireUsable, shownAuthority } from './authority-setting.ts'
import type { World } from './step.ts'

type Partly<T> = { [Key in keyof T]?: T[Key] | undefined }

export interface SettingsChange {
  gateway?: { kind?: GatewayKind | undefined; nginx?: Partly<NginxSetting> | undefined } | undefined
  dns?: Partly<Settings['dns']> | undefined
  https?: Partly<HttpsSetting> | undefined
  certificates?: AuthorityChange | undefined
  drift?: Partly<Settings['drift']> | undefined
}

/**
 * What is not named stays. Throws `invalid` for what no record can say and no CA can be asked by, `conflict` for what
 * attached URLs stand on, and what `requireStill` throws.
 */
export function changeSettings(
  { store, clock, seal }: Pick<World, 'store' | 'clock' | 'seal'>,
  by: Authority,
  change: SettingsChange,
): Settings & { revision: number } {
  return store.tx(() => {
    by.requireStill()
    const { revision: _, ...before } = store.settings.read()
    const { gateway, dns, https, certificates, drift } = before
    const after: Settings = {
      gateway: {
        ...gateway,
        ...given(change.gateway),
        nginx: { ...gateway.nginx, ...given(change.gateway?.nginx) },
      },
      dns: canonicalTarget({ ...dns, ...given(change.dns) }),
      https: { ...https, ...given(change.https) },
      certificates: changedAuthority(seal, certificates, given(change.certificates)),
      drift: { heal: [...new Set(given(change.drift).heal ?? drift.heal)].toSorted() },
    }
    if (movesSites(gateway, after.gateway)) requireNoUrls(store.urls.count())
    requireUsable(after)
    for (const name of ['gateway', 'dns', 'https', 'certificates', 'drift'] as const) {
      if (JSON.stringify(before[name]) === JSON.stringify(after[name])) continue
      store.settings.put(name, after[name])
      store.events.append({
        at: clock.now(),
        kind: 'settings.changed',
        actor: by.actor,
        data: { setting: name, before: shown(before)[name], after: shown(after)[name] },
      })
    }
    return store.settings.read()
  })
}

/** For the audit: without what is sealed. */
const shown = (settings: Settings) => ({ ...settings, certificates: shownAuthority(settings.certificates) })

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
