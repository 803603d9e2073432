/** The one live line of the page: events make queries fresh; while it is lost, the queries poll. */
import type { QueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { api } from './api.ts'
import { watchStream } from './event-stream.ts'

export type LiveState = 'connecting' | 'open' | 'lost'

/** Events that come together cause one reload. */
const GATHER_MS = 150
export const POLL_MS = 4_000

class LiveLine {
  private state: LiveState = 'connecting'
  private readonly listeners = new Set<() => void>()

  readonly current = () => this.state
  readonly watch = (changed: () => void) => {
    this.listeners.add(changed)
    return () => void this.listeners.delete(changed)
  }

  set(state: LiveState) {
    if (this.state === state) return
    this.state = state
    for (const changed of this.listeners) changed()
  }
}

const line = new LiveLine()
export const useLiveState = (): LiveState => useSyncExternalStore(line.watch, line.current)
export const isLive = () => line.current() === 'open'

/** A list over all services: only what happens to URLs makes it fresh. */
export const SECURE_URLS = 'secure-urls'
const isOfUrls = (event: string): boolean => /"kind":"(?:url|certificate)/.test(event)

/** Manifests never change: bundles are immutable. Plans ask DNS providers, which no event tells about. */
const FIXED: readonly unknown[] = ['bundle', 'url-plan', SECURE_URLS]
export const isChangeable = ({ queryKey }: { queryKey: readonly unknown[] }) => !FIXED.includes(queryKey[0])

/** Follows the events for as long as somebody is signed in; returns the way to stop that. */
export function followEvents(queries: QueryClient): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let hasUrls = false
  const refresh = () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      // What our own change is about to rename or delete would be asked for in vain.
      if (queries.isMutating() > 0) return refresh()
      void queries.invalidateQueries({ predicate: isChangeable })
      if (hasUrls) void queries.invalidateQueries({ queryKey: [SECURE_URLS] })
      hasUrls = false
    }, GATHER_MS)
  }
  return watchStream({
    path: api.path('events.list', {}),
    onEvent({ data }) {
      hasUrls ||= isOfUrls(data)
      refresh()
    },
    onState(state) {
      if (state === 'open' && line.current() === 'lost') {
        hasUrls = true
        refresh()
      }
      line.set(state)
    },
  })
}
