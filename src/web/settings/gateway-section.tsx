import { Button } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { Settings } from '../../contract/shapes/settings.ts'
import { Section } from '../account/parts.tsx'
import { useMay } from '../data/session.ts'
import { useTestGateway } from '../data/settings.ts'
import { Icon } from '../icons.tsx'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { FindingNotice } from '../url/finding-notice.tsx'
import { Facts } from './facts.tsx'
import { GATEWAY_WORDS, GatewayDialog } from './gateway-dialog.tsx'
import { lineOf, NGINX_FIELDS } from './nginx-fields.ts'
import styles from './settings.module.css'

/** Who answers under URLs. */
export function GatewaySection({ settings }: { settings: Settings }) {
  const mayChange = useMay()('settings:update')
  const [isChanging, setChanging] = useState(false)
  const test = useTestGateway()
  return (
    <Section
      title="Gateway"
      text="Who answers under the URLs of environments. The builtin gateway always answers below .localhost."
      action={
        mayChange && (
          <div className={styles.buttons}>
            <Button
              variant="default"
              loading={test.isPending}
              aria-label="Test the gateway"
              onClick={() => test.mutate(undefined)}
            >
              Test
            </Button>
            <Button variant="default" aria-label="Change the gateway" onClick={() => setChanging(true)}>
              Change
            </Button>
          </div>
        )
      }
    >
      <Facts facts={factsOf(settings.gateway)} />
      <div className={styles.answer} role="status" hidden={!test.data && !test.error}>
        <ThrownNotice thrown={test.error} />
        {test.data?.length === 0 && (
          <p className={styles.good}>
            <Icon name="check" /> Nothing is missing: URLs can be attached.
          </p>
        )}
        {test.data?.map((finding) => (
          <FindingNotice key={`${finding.message} ${finding.remedy}`} finding={finding} />
        ))}
      </div>
      {isChanging && <GatewayDialog settings={settings} onClose={() => setChanging(false)} />}
    </Section>
  )
}

function factsOf({ kind, nginx }: Settings['gateway']): [string, ReactNode][] {
  const used: [string, ReactNode] = ['Used for URLs', GATEWAY_WORDS[kind]]
  if (kind === 'builtin') return [used]
  return [
    used,
    ...NGINX_FIELDS.map((field): [string, ReactNode] => {
      const line = lineOf(nginx, field)
      return [field.label, line === '' ? field.usual : <code key={field.name}>{line}</code>]
    }),
  ]
}
