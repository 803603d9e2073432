import { Skeleton } from '@mantine/core'
import styles from '../account/account.module.css'
import { useMay } from '../data/session.ts'
import { useSettings } from '../data/settings.ts'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { Trail } from '../parts/trail.tsx'
import { pathTo, useTitle } from '../router.tsx'
import { AuthoritySection } from './authority-section.tsx'
import { CertificatesSection } from './certificates-section.tsx'
import { DnsProviders } from './dns-providers.tsx'
import { DriftSection } from './drift-section.tsx'
import { GatewaySection } from './gateway-section.tsx'
import { HttpsSection } from './https-section.tsx'
import { SelfSection } from './self-section.tsx'
import { TargetSection } from './target-section.tsx'

/** What URLs need of the instance: the gateway, DNS, certificates; and what heals by itself. */
export default function SettingsView() {
  const heading = useTitle('Settings')
  const settings = useSettings()
  const may = useMay()
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
          <AuthoritySection settings={settings.data} />
          <HttpsSection settings={settings.data} />
          {may('certificates:read') && <CertificatesSection />}
          <DriftSection settings={settings.data} />
          <SelfSection />
        </div>
      )}
    </>
  )
}
