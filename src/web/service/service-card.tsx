import type { Service } from '../../contract/shapes.ts'
import { EnvironmentRow } from '../environment/environment-row.tsx'
import { Icon } from '../icons.tsx'
import { Link, pathTo } from '../router.tsx'
import styles from './service.module.css'

/** A service with its environments in their order. */
export function ServiceCard({ service }: { service: Service }) {
  return (
    <article className={styles.card} aria-labelledby={`service-${service.id}`}>
      <header className={styles.cardHead}>
        <h2 id={`service-${service.id}`}>
          <Link href={pathTo.service(service.name)}>{service.name}</Link>
        </h2>
        {service.deleting && <span className={styles.deleting}>being deleted</span>}
        <Link className={styles.manage} href={pathTo.service(service.name)}>
          <Icon name="settings" size={16} /> Manage<span className={styles.spoken}> {service.name}</span>
        </Link>
      </header>
      {service.environments.map((environment) => (
        <EnvironmentRow key={environment.id} service={service} environment={environment} />
      ))}
      {service.environments.length === 0 && (
        <p className={styles.none}>This service has no environment. Add one under “Manage”.</p>
      )}
    </article>
  )
}
