import { useState } from 'react'
import type { Environment, Service } from '../../contract/shapes.ts'
import { useMayIn } from '../data/session.ts'
import { AddButton, UrlList } from './url-list.tsx'
import styles from './url-section.module.css'

interface UrlSectionProps {
  service: Service
  environment: Environment
}

/** The host names that lead to an environment. */
export function UrlSection({ service, environment }: UrlSectionProps) {
  const may = useMayIn(service, environment)
  const [isAdding, setAdding] = useState(false)
  if (!may('urls:read')) return null
  return (
    <section aria-labelledby="urls" className={styles.section}>
      <div className={styles.head}>
        <h2 id="urls">URLs</h2>
        {may('urls:create') && (
          <AddButton isDisabled={environment.deleting} onClick={() => setAdding(true)} />
        )}
      </div>
      <UrlList
        where={{ service: service.name, environment: environment.name }}
        may={may}
        labelledBy="urls"
        isAdding={isAdding}
        onAdded={() => setAdding(false)}
      >
        <NoneYet environment={environment} />
      </UrlList>
    </section>
  )
}

function NoneYet({ environment }: { environment: Environment }) {
  return (
    <>
      <p>
        A URL is a host name of yours, such as <b>docs.example.com</b>, under which visitors find what{' '}
        {environment.name} has live.
      </p>
      <p>
        Adding one puts up its site, makes its DNS records and asks both whether they answer. All it takes is
        a name: one of a zone that a DNS provider set up here holds, or one whose records you can make
        yourself.
      </p>
    </>
  )
}
