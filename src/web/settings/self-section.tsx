import { useId, useState } from 'react'
import type { Permission } from '../../domain/access.ts'
import accountStyles from '../account/account.module.css'
import { useMay } from '../data/session.ts'
import { AddButton, UrlList } from '../url/url-list.tsx'
import styles from './settings.module.css'

/** The host names of Fairlead itself. They are a setting: whoever may change those may add and detach them. */
export function SelfSection() {
  const id = useId()
  const mayHere = useMay()
  const [isAdding, setAdding] = useState(false)
  const mayChange = mayHere('settings:update')
  const may = (permission: Permission) => mayHere(permission) && (permission !== 'urls:delete' || mayChange)
  if (!may('urls:read')) return null
  return (
    <section className={accountStyles.section} aria-labelledby={id}>
      <div className={accountStyles.sectionHead}>
        <h2 id={id}>URLs of this page</h2>
        {mayChange && <AddButton onClick={() => setAdding(true)} />}
        <p>
          Under these, NGINX leads to Fairlead itself. It answers to one name besides those of this machine:
          start it with <code>--url</code> and the address that is shown here.
        </p>
      </div>
      <div className={styles.list}>
        <UrlList where={null} may={may} labelledBy={id} isAdding={isAdding} onAdded={() => setAdding(false)}>
          None yet.
        </UrlList>
      </div>
    </section>
  )
}
