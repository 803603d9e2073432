import { Button } from '@mantine/core'
import type { Finding } from '../../contract/shapes/finding.ts'
import type { RecordConflict, UrlPlan } from '../../contract/shapes/urls.ts'
import { Icon } from '../icons.tsx'
import { Notice } from '../parts/notice.tsx'
import { FindingNotice } from './finding-notice.tsx'
import { httpsStep } from './https-words.ts'
import { ByHand, Changes } from './records.tsx'
import styles from './url-plan.module.css'
import { redirectText } from './url-words.ts'

interface PlanViewProps {
  plan: UrlPlan
  /** Whose site answers. */
  environment: string
  /** Whether a provider was asked to make the records. */
  isAuto: boolean
  isLooking: boolean
  onLookAgain: () => void
}

/** What attaching a name would do, in its order; and what stands in the way. */
export function PlanView({ plan, environment, isAuto, isLooking, onLookAgain }: PlanViewProps) {
  const { dns } = plan
  const https = httpsStep(plan.https)
  const findings = [...plan.findings, ...plan.https.findings]
  return (
    <>
      {dns.conflicts.length > 0 && <Conflicts conflicts={dns.conflicts} />}
      <Findings findings={findings.filter(({ level }) => level === 'problem')} />
      {!plan.possible && <LookAgain isLooking={isLooking} onLookAgain={onLookAgain} />}
      <ol className={styles.steps}>
        <li>
          <SiteStep plan={plan} environment={environment} />
        </li>
        <li>
          <DnsStep dns={dns} isAuto={isAuto} isFirst={plan.https.mode === 'auto'} />
        </li>
        {https !== null && (
          <li>
            {https}
            <Notes notes={plan.https.notes} />
          </li>
        )}
        <li>
          {dns.mode === 'auto' && dns.provider
            ? 'The name servers are asked until all of them answer so; then the site, through its public path.'
            : 'The site is asked through its public path.'}{' '}
          If anything fails, all of it is taken back.
        </li>
      </ol>
      <Findings findings={findings.filter(({ level }) => level === 'warning')} />
    </>
  )
}

const Findings = ({ findings }: { findings: readonly Finding[] }) =>
  findings.map((finding) => <FindingNotice key={`${finding.message} ${finding.remedy}`} finding={finding} />)

function LookAgain({ isLooking, onLookAgain }: Pick<PlanViewProps, 'isLooking' | 'onLookAgain'>) {
  return (
    <div className={styles.again}>
      <Button
        variant="default"
        size="sm"
        leftSection={<Icon name="retry" size={16} />}
        loading={isLooking}
        onClick={onLookAgain}
      >
        Look again
      </Button>
      <span>Once it is mended, this happens:</span>
    </div>
  )
}

const GATEWAYS = { nginx: 'NGINX', builtin: 'The builtin gateway' } as const

function SiteStep({
  plan: { gateway, kind, url, unicode, redirectTo, redirectStatus, wildcard },
  environment,
}: StepProps) {
  const names = wildcard ? `every name that ${unicode} stands for` : <b className={styles.name}>{url}</b>
  if (kind === 'redirect')
    return (
      <>
        {GATEWAYS[gateway]} sends visitors of {names} to{' '}
        <b className={styles.name}>{redirectText(redirectTo ?? '', redirectStatus ?? 308)}</b>.
      </>
    )
  const what = kind === 'self' ? 'this page and its API' : `what ${environment} has live`
  return (
    <>
      {GATEWAYS[gateway]} answers {names} with {what}.
    </>
  )
}

interface StepProps {
  plan: UrlPlan
  environment: string
}

interface DnsStepProps {
  dns: DnsOfPlan
  isAuto: boolean
  /** Whether the CA looks for them. */
  isFirst: boolean
}

function DnsStep({ dns, isAuto, isFirst }: DnsStepProps) {
  if (dns.mode === 'none') return 'No DNS records are made: the name leads here already.'
  if (dns.mode === 'auto') return <ProviderStep dns={dns} />
  return (
    <>
      {isAuto && !dns.provider && 'No DNS provider is set up. '}
      <HandStep dns={dns} isFirst={isFirst} />
    </>
  )
}

type DnsOfPlan = UrlPlan['dns']

function ProviderStep({ dns: { provider, zone, changes, conflicts, notes } }: { dns: DnsOfPlan }) {
  const who = <b>{provider?.label ?? 'The DNS provider'}</b>
  const where = (
    <>
      the zone <b className={styles.name}>{zone}</b>
    </>
  )
  if (conflicts.length > 0)
    return (
      <>
        {who} holds {where}, and makes the records once nothing else stands there.
      </>
    )
  if (changes.length === 0)
    return (
      <>
        {who} holds {where}, where all records stand already.
      </>
    )
  return (
    <>
      {who} changes {where}:
      <Changes changes={changes} label="Changes in DNS" />
      <Notes notes={notes} />
    </>
  )
}

/** Nothing waits for a person: the records can be made before or after, unless the CA looks for them. */
function HandStep({ dns: { provider, zone, changes, notes }, isFirst }: Omit<DnsStepProps, 'isAuto'>) {
  const where = zone ? (
    <>
      in the zone <b className={styles.name}>{zone}</b>
    </>
  ) : (
    'where the name is kept'
  )
  if (changes.length === 0) return <Notes notes={notes} />
  return (
    <>
      {provider && <>{provider.label}: </>}
      You make {changes.length === 1 ? 'this record' : `these ${changes.length} records`} {where}
      {isFirst
        ? ' before anything else: the CA looks for the name. Without it, attach with plain HTTP, and change HTTPS later:'
        : ', before or after; nothing waits for it:'}
      <ByHand sets={changes.flatMap(({ after }) => after ?? [])} label="Records to make by hand" />
    </>
  )
}

function Notes({ notes }: { notes: readonly string[] }) {
  return notes.map((note) => (
    <p key={note} className={styles.note}>
      {note}
    </p>
  ))
}

function Conflicts({ conflicts }: { conflicts: readonly RecordConflict[] }) {
  return (
    <Notice tone="bad" title="Something else stands there">
      <ul className={styles.conflicts} aria-label="Records in the way">
        {conflicts.map(({ name, type, values, message }) => (
          <li key={`${name} ${type}`}>
            <p>{message}</p>
            <p className={styles.record}>
              {values.map((value) => (
                <span key={value}>
                  {name} {type} {value}
                </span>
              ))}
            </p>
          </li>
        ))}
      </ul>
      <p>
        Fairlead never touches records that are not its own. Take them away where the zone is kept, and look
        again; or choose another name.
      </p>
    </Notice>
  )
}
