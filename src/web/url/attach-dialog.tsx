import { NativeSelect, TextInput, VisuallyHidden } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import type { Url, UrlPlan } from '../../contract/shapes/urls.ts'
import type { RedirectStatus } from '../../domain/host-site.ts'
import { DNS_MODES } from '../../domain/url.ts'
import { problemOf } from '../data/api.ts'
import { useAttachUrl, useUrlPlan, type Where } from '../data/urls.ts'
import { announce } from '../parts/announcer.tsx'
import { FormDialog } from '../parts/form-dialog.tsx'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import styles from './attach-dialog.module.css'
import { HttpsFields } from './https-fields.tsx'
import { BLANK, hasTwoLabels, type UrlForm, wishOf } from './url-form.ts'
import { PlanView } from './url-plan.tsx'
import { DNS_WORDS, REDIRECT_WORDS } from './url-words.ts'

/** Of quiet in the fields until the plan is asked for. */
const QUIET_MS = 350

interface AttachDialogProps {
  where: Where
  mayWildcard: boolean
  /** What was filled in before. */
  start?: UrlForm
  onAttaching: (url: Url, form: UrlForm) => void
  onClose: () => void
}

/** Asks for a host name and shows what attaching it would do, while it is being typed. Mount it to open it. */
export default function AttachDialog({
  where,
  mayWildcard,
  start = BLANK,
  onAttaching,
  onClose,
}: AttachDialogProps) {
  const [form, setForm] = useState(start)
  const [hasLeft, setLeft] = useState(start !== BLANK)
  const set = (part: Partial<UrlForm>) => setForm((before) => ({ ...before, ...part }))
  const planned = usePlanned(where, form, hasLeft)
  const attach = useAttachUrl(where)
  const submit = () => {
    const wish = wishOf(form)
    if (wish === null) return
    attach.mutate(wish, {
      onSuccess(url) {
        announce(`Attaching ${url.unicode}.`)
        onAttaching(url, form)
      },
    })
  }
  const { plan, isCurrent, faults } = planned
  return (
    <FormDialog
      title={where ? `Add a URL to ${where.environment}` : 'Add a URL to this page'}
      action={actionOf(isCurrent ? plan : null)}
      size="lg"
      isReady={isCurrent && plan?.possible === true}
      isPending={attach.isPending}
      problem={attach.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label="Host name"
        description={
          mayWildcard
            ? 'Such as docs.example.com. *.example.com takes every name below that no other URL has.'
            : 'Such as docs.example.com.'
        }
        value={form.hostname}
        error={faults.hostname}
        autoComplete="off"
        autoCapitalize="off"
        autoCorrect="off"
        spellCheck={false}
        inputMode="url"
        maxLength={1_000}
        data-autofocus
        onBlur={() => setLeft(form.hostname.trim() !== '')}
        onChange={(event) => set({ hostname: event.currentTarget.value })}
      />
      <Choices
        form={form}
        fault={faults.redirectTo}
        environment={where && where.environment}
        onChange={set}
      />
      <HttpsFields form={form.https} hasUsual ways="asked" onChange={(https) => set({ https })} />
      <PlanPanel planned={planned} environment={where?.environment ?? ''} isAuto={form.dns === 'auto'} />
    </FormDialog>
  )
}

interface ChoicesProps {
  form: UrlForm
  fault: string | undefined
  /** Null: there is nothing to choose, they see this page. */
  environment: string | null
  onChange: (part: Partial<UrlForm>) => void
}

/** What visitors get, the site or the way to another host; and who makes the records. */
function Choices({ form, fault, environment, onChange }: ChoicesProps) {
  return (
    <>
      <div className={styles.pair}>
        {environment !== null && (
          <NativeSelect
            label="Visitors"
            value={form.kind}
            data={[
              { value: 'site', label: `see what ${environment} has live` },
              { value: 'redirect', label: 'are sent to another host' },
            ]}
            onChange={({ currentTarget }) =>
              onChange({ kind: currentTarget.value === 'redirect' ? 'redirect' : 'site' })
            }
          />
        )}
        <NativeSelect
          label="DNS records"
          value={form.dns}
          data={DNS_MODES.map((value) => ({ value, label: DNS_WORDS[value] }))}
          onChange={({ currentTarget }) =>
            onChange({ dns: DNS_MODES.find((each) => each === currentTarget.value) ?? 'auto' })
          }
        />
      </div>
      {form.kind === 'redirect' && <Target form={form} fault={fault} onChange={onChange} />}
    </>
  )
}

function Target({ form, fault, onChange }: Omit<ChoicesProps, 'environment'>) {
  return (
    <div className={styles.pair}>
      <TextInput
        label="Sent to"
        description="The path stays; without https:// the scheme too."
        placeholder="https://example.com"
        value={form.redirectTo}
        error={fault}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={1_100}
        onChange={(event) => onChange({ redirectTo: event.currentTarget.value })}
      />
      <NativeSelect
        label="For how long"
        description="Browsers remember what is for good."
        value={String(form.redirectStatus)}
        data={STATUS_ORDER.map((status) => ({ value: String(status), label: REDIRECT_WORDS[status] }))}
        onChange={({ currentTarget }) =>
          onChange({
            redirectStatus: STATUS_ORDER.find((each) => String(each) === currentTarget.value) ?? 308,
          })
        }
      />
    </div>
  )
}

/** Those that keep the method of a request first. */
const STATUS_ORDER: RedirectStatus[] = [308, 307, 301, 302]

interface Planned {
  plan: UrlPlan | null
  /** Whether the plan is the one of what the fields say now. */
  isCurrent: boolean
  isLooking: boolean
  /** What is wrong with a field, by its name. */
  faults: Partial<Record<string, string>>
  /** What is wrong besides. */
  error: unknown
  lookAgain: () => void
}

/** The plan of what the fields say. Answers that come late are dropped: they belong to another question. */
function usePlanned(where: Where, form: UrlForm, hasLeft: boolean): Planned {
  const [settled] = useDebouncedValue(form, QUIET_MS)
  const isWorthAsking = hasLeft || hasTwoLabels(settled.hostname)
  const wish = isWorthAsking ? wishOf(settled) : null
  const { data, error, isFetching, isPlaceholderData, refetch } = useUrlPlan(where, wish)
  const isSettled = settled === form
  const faults = isSettled && error && !isFetching ? faultsOf(error) : {}
  return {
    plan: wish === null || error ? null : (data ?? null),
    isCurrent: isSettled && wish !== null && !error && data !== undefined && !isPlaceholderData,
    isLooking:
      wishOf(form) !== null && (!isSettled || isFetching) && (isWorthAsking || hasTwoLabels(form.hostname)),
    faults,
    error: isSettled && Object.keys(faults).length === 0 ? error : null,
    lookAgain: () => void refetch(),
  }
}

/** The fields that a refusal blames; with its hint, which says what to write instead. */
function faultsOf(thrown: unknown): Partial<Record<string, string>> {
  const { code, errors, hint } = problemOf(thrown)
  if (code !== 'invalid' && code !== 'conflict') return {}
  return Object.fromEntries(
    errors
      .filter(({ field }) => field === 'hostname' || field === 'redirectTo')
      .map(({ field, message }) => [field, hint ? `${message} ${hint}` : message]),
  )
}

/** A button of fixed height: longer names are left out. */
const BUTTON_CHARS = 36

function actionOf(plan: UrlPlan | null): string {
  if (!plan) return 'Attach'
  return plan.unicode.length <= BUTTON_CHARS ? `Attach ${plan.unicode}` : 'Attach this name'
}

interface PlanPanelProps {
  planned: Planned
  environment: string
  isAuto: boolean
}

function PlanPanel({ planned, environment, isAuto }: PlanPanelProps) {
  const { plan, isLooking, error, faults, lookAgain } = planned
  const hasFaults = Object.keys(faults).length > 0
  return (
    <section className={styles.plan} aria-label="What will happen" aria-busy={isLooking}>
      <div className={styles.planHead}>
        <h3>What will happen</h3>
        {isLooking && <span className={styles.looking}>looking…</span>}
        <VisuallyHidden role="status">{verdictOf(planned)}</VisuallyHidden>
      </div>
      <ThrownNotice thrown={error} />
      {plan && (
        <div className={styles.planBody}>
          {plan.hostname !== plan.unicode && (
            <p className={styles.ascii}>
              In DNS it is written <code>{plan.hostname}</code>
            </p>
          )}
          <PlanView
            plan={plan}
            environment={environment}
            isAuto={isAuto}
            isLooking={isLooking}
            onLookAgain={lookAgain}
          />
        </div>
      )}
      {!plan && !error && !isLooking && (
        <p className={styles.ascii}>
          {hasFaults
            ? 'Nothing yet: see the field above.'
            : 'It is shown here as you type. Nothing changes before you press the button.'}
        </p>
      )}
    </section>
  )
}

/** For who does not see the plan: whether there is one now, and whether it can be. */
function verdictOf({ plan, isCurrent, faults }: Planned): string {
  const [fault] = Object.values(faults)
  if (fault) return fault
  if (!plan || !isCurrent) return ''
  return plan.possible
    ? `${plan.unicode} can be attached.`
    : `${plan.unicode} can not be attached yet: something stands in the way.`
}
