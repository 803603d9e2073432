import { useOpenDrift } from '../data/drift.ts'
import { useMay } from '../data/session.ts'
import { Notice } from '../parts/notice.tsx'
import { Link, pathTo } from '../router.tsx'
import styles from './drift.module.css'
import { KIND_WORDS } from './drift-words.ts'

interface Place {
  service: { id: string; name: string }
  environment: { id: string; name: string }
}

/** Beside an environment: that something of it does not stand as it should. */
export function DriftNotice({ service, environment }: Place) {
  const may = useMay()('drift:read', { serviceId: service.id, environmentId: environment.id })
  const open = useOpenDrift(may).data ?? []
  const here = open.filter(
    (drift) => drift.service === service.name && drift.environment === environment.name,
  )
  if (here.length === 0) return null
  const kinds = [...new Set(here.map(({ kind }) => KIND_WORDS[kind]))]
  return (
    <div className={styles.beside}>
      <Notice tone="odd" title="Something was changed behind Fairlead’s back">
        <p>
          {kinds.join('. ')}. <Link href={pathTo.drift()}>See the difference, and the ways out</Link>
        </p>
      </Notice>
    </div>
  )
}
