import { Link } from '../router.tsx'
import styles from './trail.module.css'

export interface Way {
  text: string
  href: string
}

/** The way down to the present view. */
export function Trail({ ways }: { ways: Way[] }) {
  return (
    <nav aria-label="Breadcrumb" className={styles.trail}>
      <ol>
        {ways.map((way) => (
          <li key={way.href}>
            <Link href={way.href}>{way.text}</Link>
          </li>
        ))}
      </ol>
    </nav>
  )
}
