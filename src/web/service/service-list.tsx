import { Button, Skeleton } from '@mantine/core'
import { useState } from 'react'
import type { Service } from '../../contract/shapes.ts'
import { useServices } from '../data/queries.ts'
import { useMay } from '../data/session.ts'
import { Icon } from '../icons.tsx'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { go, pathTo, useTitle } from '../router.tsx'
import { NewService, NewServiceDialog } from './new-service.tsx'
import styles from './service.module.css'
import { ServiceCard } from './service-card.tsx'

/** The main page. */
export function ServiceList() {
  const heading = useTitle('Services')
  const services = useServices()
  const mayCreate = useMay()('services:create')
  const [isAdding, setAdding] = useState(false)
  const all = services.data?.pages.flatMap((page) => page.items)
  const isEmpty = all?.length === 0
  const created = (service: string, isDeploying: boolean) => {
    setAdding(false)
    if (!isDeploying) go(pathTo.service(service))
  }
  return (
    <>
      <div className={styles.head}>
        <h1 ref={heading} tabIndex={-1} className={isEmpty ? styles.centred : undefined}>
          {isEmpty && mayCreate ? 'Bring your first site live' : 'Services'}
        </h1>
        {!isEmpty && mayCreate && (
          <Button leftSection={<Icon name="plus" />} onClick={() => setAdding(true)}>
            New service
          </Button>
        )}
      </div>
      {!all && <ThrownNotice thrown={services.error} />}
      {!all && !services.error && <Waiting />}
      {isEmpty && (mayCreate ? <Welcome onCreated={created} /> : <NothingYet />)}
      {all && !isEmpty && <Cards all={all} />}
      {services.hasNextPage && (
        <Button
          variant="default"
          fullWidth
          loading={services.isFetchingNextPage}
          onClick={() => void services.fetchNextPage()}
        >
          Show more services
        </Button>
      )}
      {isAdding && <NewServiceDialog onCreated={created} onClose={() => setAdding(false)} />}
    </>
  )
}

function Cards({ all }: { all: Service[] }) {
  return (
    <ul className={styles.cards}>
      {all.map((service) => (
        <li key={service.id}>
          <ServiceCard service={service} />
        </li>
      ))}
    </ul>
  )
}

function Welcome({ onCreated }: { onCreated: (service: string, isDeploying: boolean) => void }) {
  return (
    <div className={styles.welcome}>
      <p className={styles.intro}>
        Drop what your build wrote and confirm the name. Fairlead checks every file, unpacks, switches, and
        asks the site itself whether it is live.
      </p>
      <div className={styles.panel}>
        <NewService onCreated={onCreated} />
      </div>
      <p className={styles.terminal}>
        Or from a terminal: <code>fairlead deploy dist --service web --environment production --create</code>
      </p>
    </div>
  )
}

function NothingYet() {
  return (
    <div className={styles.welcome}>
      <p className={styles.intro}>
        There is no service here that you may see. Whoever looks after this instance can give you a role in
        one.
      </p>
    </div>
  )
}

function Waiting() {
  return (
    <div className={styles.cards} aria-busy="true" aria-label="Loading the services">
      <Skeleton height={132} radius={12} />
      <Skeleton height={132} radius={12} />
      <Skeleton height={132} radius={12} />
    </div>
  )
}
