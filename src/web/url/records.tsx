import type { RecordSet, UrlPlan } from '../../contract/shapes/urls.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import styles from './records.module.css'
import { zoneLines } from './url-words.ts'

type Change = UrlPlan['dns']['changes'][number]

interface Line {
  key: string
  /** What becomes of it; empty: nothing. */
  word: string
  name: string
  type: string
  before: readonly string[]
  values: readonly string[]
  /** Beside the values. */
  note: string
}

/** Beside every set of ours stands a TXT that says so. */
const isMarker = ({ name, type }: Pick<RecordSet, 'name' | 'type'>) =>
  type === 'TXT' && name.startsWith('_fairlead-')

function noteOf(set: RecordSet): string {
  if (isMarker(set)) return "marks it as Fairlead's own"
  return `TTL ${set.ttlSeconds} s${set.proxied ? ', proxied' : ''}`
}

const isSame = (a: RecordSet, b: RecordSet) =>
  a.ttlSeconds === b.ttlSeconds && a.proxied === b.proxied && a.values.join('\n') === b.values.join('\n')

function lineOf({ name, type, before, after }: Change): Line {
  const key = `${name} ${type}`
  if (!after) return { key, word: 'goes', name, type, before: [], values: before?.values ?? [], note: '' }
  if (!before) return { key, word: 'new', name, type, before: [], values: after.values, note: noteOf(after) }
  const isKept = isSame(before, after)
  return {
    key,
    word: isKept ? 'stays' : 'changes',
    name,
    type,
    before: isKept ? [] : before.values,
    values: after.values,
    note: isKept ? noteOf(after) : `${noteOf(before)} → ${noteOf(after)}`,
  }
}

/** What becomes of each record set. */
export function Changes({ changes, label }: { changes: readonly Change[]; label: string }) {
  const sorted = changes.toSorted((a, b) => Number(isMarker(a)) - Number(isMarker(b)))
  return <Lines lines={sorted.map(lineOf)} label={label} />
}

/** Record sets as they stand, or are to stand. */
export function Records({ sets, label }: { sets: readonly RecordSet[]; label: string }) {
  const lines = sets.map((set) => ({
    ...set,
    key: `${set.name} ${set.type}`,
    word: '',
    before: [],
    note: noteOf(set),
  }))
  return <Lines lines={lines} label={label} />
}

interface ByHandProps {
  sets: readonly RecordSet[]
  label: string
}

/** Records that a person has to make: to read, and to copy as lines of a zone file. */
export function ByHand({ sets, label }: ByHandProps) {
  return (
    <div className={styles.byHand}>
      <Records sets={sets} label={label} />
      <CopyButton text={zoneLines(sets)} label="the records as lines of a zone file" size="compact-sm" />
    </div>
  )
}

function Lines({ lines, label }: { lines: readonly Line[]; label: string }) {
  return (
    <ul className={styles.records} aria-label={label}>
      {lines.map(({ key, word, name, type, before, values, note }) => (
        <li key={key} className={styles.record}>
          <span className={styles.type}>{type}</span>
          <p className={styles.set}>
            <span className={styles.name}>{name}</span>
            {before.map((value) => (
              <span key={`before ${value}`} className={styles.value}>
                <del>{value}</del>
              </span>
            ))}
            {values.map((value) => (
              <span key={value} className={styles.value}>
                {word === 'goes' ? <del>{value}</del> : value}
              </span>
            ))}
            <span className={styles.note}>{note}</span>
          </p>
          {word && (
            <span className={styles.word} data-word={word}>
              {word}
            </span>
          )}
        </li>
      ))}
    </ul>
  )
}
