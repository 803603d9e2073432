/** Names that this page is attaching. Of one that can't be attached nothing is left: then it is told here, with what was filled in. */
import { useSyncExternalStore } from 'react'
import type { UrlPlace } from '../data/urls.ts'
import type { UrlForm } from './url-form.ts'

export interface Attempt {
  place: UrlPlace
  form: UrlForm
  /** As people read it. */
  name: string
  operation: string
}

class AttemptBoard {
  private attempts: readonly Attempt[] = []
  private readonly listeners = new Set<() => void>()

  readonly watch = (changed: () => void) => {
    this.listeners.add(changed)
    return () => void this.listeners.delete(changed)
  }

  readonly all = (): readonly Attempt[] => this.attempts

  begin(attempt: Attempt) {
    this.put([...this.attempts, attempt])
  }

  forget({ operation }: Pick<Attempt, 'operation'>) {
    this.put(this.attempts.filter((each) => each.operation !== operation))
  }

  private put(attempts: readonly Attempt[]) {
    this.attempts = attempts
    for (const changed of this.listeners) changed()
  }
}

export const attempts = new AttemptBoard()

export const useAttempts = ({ service, environment }: UrlPlace): Attempt[] =>
  useSyncExternalStore(attempts.watch, attempts.all).filter(
    ({ place }) => place.service === service && place.environment === environment,
  )
