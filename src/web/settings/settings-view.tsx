import { Skeleton } from '@mantine/core'
import styles from '../account/account.module.css'
import { useSettings } from '../data/settings.ts'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { Trail } from '../parts/trail.tsx'
import { pathTo, useTitle } from '../router.tsx'
import { DnsProviders } from './dns-providers.tsx'
import { GatewaySection } from './gateway-section.tsx'
import { SelfSection } from './self-section.tsx'
import { TargetSection } from './target-section.tsx'

/** What URLs need of the instance: the gateway, what DNS records say, and who makes them. */
export default function SettingsView() {
  const heading = useTitle('Settings')
  const settings = useSettings()
  return (
    <>
      <Trail ways={[{ text: 'Services', href: pathTo.services() }]} />
      <div className={styles.head}>
        <h1 ref={heading} tabIndex={-1}>
          Settings
        </h1>
      </div>
      {!settings.data && <ThrownNotice thrown={settings.error} />}
      {settings.isPending && <Skeleton height={460} radius={12} />}
      {settings.data && (
        <div className={styles.sections}>
          <GatewaySection settings={settings.data} />
          <TargetSection settings={settings.data} />
          <DnsProviders />
          <SelfSection />
        </div>
      )}
    </>
  )
}
