import { Button } from '@mantine/core'
import { useState } from 'react'
import type { Drift } from '../../contract/shapes/drift.ts'
import { adoptPermission } from '../../domain/drift.ts'
import { isEnded } from '../../domain/operation.ts'
import type { WayOut } from '../data/drift.ts'
import { Notice } from '../parts/notice.tsx'
import { ProblemNotice } from '../parts/problem-notice.tsx'
import { Pill } from '../parts/status-pill.tsx'
import { TimeAgo } from '../parts/time.tsx'
import { Link, pathTo } from '../router.tsx'
import { Running } from '../url/url-operation.tsx'
import { Diff } from './diff.tsx'
import styles from './drift.module.css'
import { END_WORDS, KIND_WORDS } from './drift-words.ts'
import { EndDialog } from './end-dialog.tsx'
import type { MayAbout } from './may-about.ts'

/** One finding: what it is about, since when, the difference, and the ways out. */
export function DriftRow({ drift, may }: { drift: Drift; may: MayAbout }) {
  const { kind, thing, diff, why, endedAt, operation } = drift
  const isBusy = operation !== null && !isEnded(operation.status)
  return (
    <li className={styles.row}>
      <div className={styles.head}>
        <h2>{KIND_WORDS[kind]}</h2>
        <Since drift={drift} />
      </div>
      <p className={styles.thing}>{thing}</p>
      <Where drift={drift} />
      <Diff lines={diff} label={`${KIND_WORDS[kind]}: ${thing}`} />
      {why !== null && endedAt === null && <p className={styles.why}>{why}</p>}
      {endedAt === null && !isBusy && <Healing drift={drift} />}
      {isBusy && operation && (
        <Running
          id={operation.id}
          mayCancel={may('operations:cancel', drift)}
          mayRead={may('operations:read', drift)}
        />
      )}
      {endedAt === null && !isBusy && operation?.problem && <ProblemNotice problem={operation.problem} />}
      {endedAt === null && !isBusy && <WaysOut drift={drift} may={may} />}
    </li>
  )
}

function Since({ drift: { foundAt, endedAt, end } }: { drift: Drift }) {
  if (endedAt !== null && end !== null)
    return (
      <span className={styles.since}>
        <Pill tone="calm">{END_WORDS[end]}</Pill> <TimeAgo at={endedAt} />
      </span>
    )
  return (
    <span className={styles.since}>
      found <TimeAgo at={foundAt} />
    </span>
  )
}

function Where({ drift: { service, environment, url } }: { drift: Drift }) {
  if (service === null) return null
  const path = environment === null ? pathTo.service(service) : pathTo.environment(service, environment)
  return (
    <p className={styles.where}>
      <Link href={path}>{environment === null ? service : `${service} / ${environment}`}</Link>
      {url && <> · {url.hostname}</>}
    </p>
  )
}

/** Of kinds that heal by themselves. */
function Healing({ drift: { healing } }: { drift: Drift }) {
  if (healing === null) return null
  if (healing.nextAt === null)
    return (
      <Notice tone="odd" title="It comes back again and again">
        <p>
          It was put back {healing.count} times lately, so it is left alone now. Find out what changes it,
          then put it back here.
        </p>
      </Notice>
    )
  return (
    <p className={styles.why}>
      It is put back by itself <TimeAgo at={healing.nextAt} />.
    </p>
  )
}

function WaysOut({ drift, may }: { drift: Drift; may: MayAbout }) {
  const [way, setWay] = useState<WayOut | null>(null)
  const mayRevert = drift.revertable && may('drift:update', drift)
  const permission = adoptPermission(drift.kind)
  const place = permission === 'settings:update' ? { service: null, environment: null } : drift
  const mayAdopt = drift.adoptable && may('drift:update', drift) && may(permission, place)
  if (!mayRevert && !mayAdopt) return null
  return (
    <div className={styles.ways}>
      {mayRevert && (
        <Button size="sm" aria-label={`Revert ${drift.thing}`} onClick={() => setWay('revert')}>
          Revert…
        </Button>
      )}
      {mayAdopt && (
        <Button
          size="sm"
          variant="default"
          aria-label={`Adopt ${drift.thing}`}
          onClick={() => setWay('adopt')}
        >
          Adopt…
        </Button>
      )}
      {way && <EndDialog drift={drift} way={way} onClose={() => setWay(null)} />}
    </div>
  )
}
