import { useEffect, useRef, useState } from 'react'
import type { LogLine } from '../../contract/shapes.ts'
import { watchStream } from '../data/event-stream.ts'
import styles from './log.module.css'
import { logText } from './log-text.ts'

/** Lines that come together are drawn together. */
const GATHER_MS = 60

interface LogProps {
  /** Of the log's stream. */
  path: string
  isEnded: boolean
  /** A line means that a step went on; and so does the end. */
  onNews: () => void
  labelledBy: string
}

/** The log of an operation, whole and then live. Everything in it is text and nothing else (X02). */
export function Log({ path, isEnded, onNews, labelledBy }: LogProps) {
  const { lines, isLost } = useLog(path, isEnded, onNews)
  return (
    <div className={styles.frame}>
      <div className={styles.log} role="log" aria-labelledby={labelledBy} aria-busy={!isEnded}>
        {lines.length === 0 && <p className={styles.none}>{isEnded ? 'The log is empty.' : 'Waiting…'}</p>}
        {lines.map((line) => (
          <div key={line.number} className={styles.line} data-level={line.level}>
            <time className={styles.time} dateTime={line.at} title={line.at}>
              {line.at.slice(11, 23)}
            </time>
            <span className={styles.step}>{line.step ?? ''}</span>
            <span className={styles.text}>
              {line.level !== 'info' && <b>{line.level === 'warn' ? 'warning: ' : 'error: '}</b>}
              {logText(line.text)}
            </span>
          </div>
        ))}
        {isLost && <p className={styles.none}>The line broke; trying again…</p>}
      </div>
    </div>
  )
}

function useLog(path: string, isEnded: boolean, onNews: () => void) {
  const [lines, setLines] = useState<LogLine[]>([])
  const [isLost, setLost] = useState(false)
  const hasEnded = useRef(isEnded)
  const tell = useRef(onNews)
  useEffect(() => {
    hasEnded.current = isEnded
    tell.current = onNews
  }, [isEnded, onNews])
  useEffect(() => {
    let waiting: LogLine[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const draw = () => {
      const fresh = waiting
      waiting = []
      timer = undefined
      setLines((known) => merged(known, fresh))
      if (!hasEnded.current) tell.current()
    }
    const stop = watchStream({
      path,
      onEvent({ event, data }) {
        if (event === 'end') {
          hasEnded.current = true
          tell.current()
          return
        }
        const line = lineOf(data)
        if (!line) return
        waiting.push(line)
        timer ??= setTimeout(draw, GATHER_MS)
      },
      onState: (state) => setLost(state === 'lost'),
      isFinished: () => hasEnded.current,
    })
    return () => {
      clearTimeout(timer)
      stop()
    }
  }, [path])
  return { lines, isLost }
}

function lineOf(data: string): LogLine | null {
  try {
    const line = JSON.parse(data) as Partial<LogLine> // checked below
    return typeof line.number === 'number' && typeof line.text === 'string' ? (line as LogLine) : null // checked
  } catch {
    return null
  }
}

/** A resumed stream may repeat a line; each is shown once. */
function merged(known: LogLine[], fresh: LogLine[]): LogLine[] {
  const last = known.at(-1)?.number ?? -1
  return [...known, ...fresh.filter((line) => line.number > last)]
}
