import { useSyncExternalStore } from 'react'

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]
const TICK_MS = 15_000

let now = Date.now()
function watchTime(changed: () => void) {
  now = Date.now()
  const timer = setInterval(() => {
    now = Date.now()
    changed()
  }, TICK_MS)
  return () => clearInterval(timer)
}

/** The time, as far as texts of days and minutes need it. */
export const useNow = (): number => useSyncExternalStore(watchTime, () => now)

/** "3 minutes ago"; the whole date stands in the title. */
export function TimeAgo({ at }: { at: string }) {
  const from = useNow()
  return (
    <time dateTime={at} title={absolute.format(new Date(at))}>
      {agoOf(Date.parse(at), from)}
    </time>
  )
}

export function agoOf(at: number, from: number): string {
  const seconds = Math.round((at - from) / 1000)
  for (const [unit, size] of UNITS)
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit)
  return 'just now'
}

export function FullTime({ at }: { at: string }) {
  return <time dateTime={at}>{absolute.format(new Date(at))}</time>
}

/** 12 ms, 3.4 s, 2 min 5 s */
export function durationOf(startedAt: string, finishedAt: string): string {
  const ms = Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt))
  if (ms < 1_000) return `${ms} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`
}

const SIZES = ['B', 'kB', 'MB', 'GB'] as const
export function sizeOf(bytes: number): string {
  const power = bytes < 1_000 ? 0 : Math.min(3, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1_000 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${SIZES[power] ?? 'B'}`
}
