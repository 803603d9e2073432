import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { LogLine } from '../../contract/shapes.ts'
import { api } from '../data/api.ts'
import { watchStream } from '../data/event-stream.ts'
import { keys } from '../data/queries.ts'
import styles from './deployment-log.module.css'
import { logText } from './log-text.ts'

/** Lines that come together are drawn together. */
const GATHER_MS = 60

/** The log, whole and then live. Everything in it is text and nothing else (X02). */
export function DeploymentLog({ id, isEnded }: { id: string; isEnded: boolean }) {
  const { lines, isLost } = useLog(id, isEnded)
  const end = useRef<HTMLDivElement>(null)
  return (
    <section aria-labelledby="log" className={styles.section}>
      <h2 id="log">Log</h2>
      <div className={styles.log} role="log" aria-labelledby="log" aria-busy={!isEnded}>
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
        <div ref={end} />
      </div>
    </section>
  )
}

function useLog(id: string, isEnded: boolean) {
  const [lines, setLines] = useState<LogLine[]>([])
  const [isLost, setLost] = useState(false)
  const queries = useQueryClient()
  const hasEnded = useRef(isEnded)
  useEffect(() => {
    hasEnded.current = isEnded
  }, [isEnded])
  useEffect(() => {
    let waiting: LogLine[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const draw = () => {
      const fresh = waiting
      waiting = []
      timer = undefined
      setLines((known) => merged(known, fresh))
      // A line means that a step went on.
      if (!hasEnded.current) void queries.invalidateQueries({ queryKey: keys.deployment(id) })
    }
    const stop = watchStream({
      path: api.path('deployments.log', { params: { id } }),
      onEvent({ event, data }) {
        if (event === 'end') {
          hasEnded.current = true
          void queries.invalidateQueries({ queryKey: keys.deployment(id) })
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
  }, [id, queries])
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
