import { Button, Group, Skeleton, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import type { AuditEntry, AuditFilter } from '../../contract/shapes/audit.ts'
import { useAudit, useRefusals } from '../data/account.ts'
import { api } from '../data/api.ts'
import { Icon } from '../icons.tsx'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { FullTime } from '../parts/time.tsx'
import { Trail } from '../parts/trail.tsx'
import { pathTo, useTitle } from '../router.tsx'
import styles from './account.module.css'

/** Who changed what, from where, and who was refused. */
export function AuditView() {
  const heading = useTitle('Audit')
  const [fields, setFields] = useState<Fields>(BLANK)
  const filter = filterOf(useDeferredValue(fields))
  const audit = useAudit(filter)
  const entries = audit.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <>
      <Trail ways={[{ text: 'Services', href: pathTo.services() }]} />
      <div className={styles.head}>
        <h1 ref={heading} tabIndex={-1}>
          Audit
        </h1>
        <div className={styles.buttons}>
          {(['csv', 'jsonl'] as const).map((format) => (
            <Button
              key={format}
              component="a"
              variant="default"
              href={api.path('audit.export', { query: { ...filter, format } })}
              download
              leftSection={<Icon name="download" />}
            >
              {format === 'csv' ? 'CSV' : 'JSON Lines'}
            </Button>
          ))}
        </div>
      </div>
      <Filters fields={fields} onChange={setFields} />
      <ThrownNotice thrown={audit.error} />
      {audit.isPending && <Skeleton height={320} radius={12} />}
      {audit.data && entries.length === 0 && (
        <p className={styles.nothing}>Nothing in the audit is like that.</p>
      )}
      {entries.length > 0 && (
        <ol className={styles.list} aria-label="Audit">
          {entries.map((entry) => (
            <Entry key={entry.number} entry={entry} />
          ))}
        </ol>
      )}
      {audit.hasNextPage && (
        <Group justify="center" mt={16}>
          <Button
            variant="default"
            loading={audit.isFetchingNextPage}
            onClick={() => void audit.fetchNextPage()}
          >
            Show more
          </Button>
        </Group>
      )}
      {audit.data && <Strangers />}
      {audit.data && <Chain />}
    </>
  )
}

const BLANK = { actor: '', kind: '', service: '', q: '' }
type Fields = typeof BLANK
const LABELS: Record<keyof Fields, string> = { q: 'Text', actor: 'Who', kind: 'Kind', service: 'Service' }
const PLACEHOLDERS: Record<keyof Fields, string> = {
  q: 'anywhere in it',
  actor: 'ann@…, local',
  kind: 'user., refused',
  service: 'docs',
}

const filterOf = (fields: Fields): AuditFilter =>
  Object.fromEntries(
    Object.entries(fields)
      .map(([field, text]) => [field, text.trim()])
      .filter(([, text]) => text !== ''),
  )

function Filters({ fields, onChange }: { fields: Fields; onChange: (fields: Fields) => void }) {
  return (
    <search className={styles.filters}>
      {(['q', 'actor', 'kind', 'service'] as const).map((field) => (
        <TextInput
          key={field}
          label={LABELS[field]}
          placeholder={PLACEHOLDERS[field]}
          autoCapitalize="off"
          spellCheck={false}
          value={fields[field]}
          onChange={(event) => onChange({ ...fields, [field]: event.currentTarget.value })}
        />
      ))}
    </search>
  )
}

function Entry({ entry }: { entry: AuditEntry }) {
  const { number, kind, at, actor, service, environment, operation, data, hash } = entry
  const place = [service, environment].filter((name) => name !== null).join(' ')
  const rest = { number, ...(operation && { operation }), data, hash }
  return (
    <li className={styles.row}>
      <details className={styles.entry}>
        <summary>
          <span className={styles.name}>{kind}</span>
          {place && <span>{place}</span>}
          <span>
            by {actor.name}
            {actor.address && <span className={styles.more}> from {actor.address}</span>}
          </span>
          <FullTime at={at} />
        </summary>
        <pre className={styles.data}>{JSON.stringify(rest, null, 2)}</pre>
      </details>
    </li>
  )
}

/** Of those who were nobody, only how often they came is kept. */
function Strangers() {
  const refusals = useRefusals()
  const counts = refusals.data ?? []
  const total = counts.reduce((sum, { count }) => sum + count, 0)
  if (total === 0) return null
  return (
    <details className={styles.strangers}>
      <summary>
        Strangers were refused {total} {total === 1 ? 'time' : 'times'}
      </summary>
      <ul className={styles.rows}>
        {counts.map(({ minute, source, count }) => (
          <li key={`${minute} ${source}`} className={styles.row}>
            <span className={styles.main}>
              {source}: {count}
            </span>
            <FullTime at={minute} />
          </li>
        ))}
      </ul>
    </details>
  )
}

/** Each row carries a hash of itself and of all before it. */
function Chain() {
  const chain = useQuery({
    queryKey: ['audit-chain'],
    queryFn: async ({ signal }) => (await api.call('audit.verify', { query: {}, signal })).value,
    enabled: false,
  })
  return (
    <section className={styles.chain} aria-label="Whether the audit is whole">
      <Button variant="default" loading={chain.isFetching} onClick={() => void chain.refetch()}>
        Check that nobody has altered it
      </Button>
      <ThrownNotice thrown={chain.error} />
      {chain.data && (
        <div role="status">
          {chain.data.whole ? (
            <p>All {chain.data.checked} rows are as they were written.</p>
          ) : (
            <ul>
              {chain.data.findings.map(({ number, problem, kind }) => (
                <li key={`${number} ${problem}`}>
                  Row {number} {kind && <code>{kind}</code>}: {problem}
                </li>
              ))}
            </ul>
          )}
          {chain.data.head && (
            <p className={styles.more}>
              The head is{' '}
              <code>
                {chain.data.head.number}:{chain.data.head.hash}
              </code>
              . Note it elsewhere: <code>fairlead audit verify --head</code> compares.
            </p>
          )}
        </div>
      )}
    </section>
  )
}
