import styles from './parts.module.css'

/** The first eight digits of a bundle's SHA-256; the whole one in the title. */
export function ShortDigest({ digest }: { digest: string }) {
  return (
    <span className={styles.digest} title={`Bundle ${digest}`}>
      {digest.slice(0, 8)}
    </span>
  )
}
