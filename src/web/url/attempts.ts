/** Names that this page is attaching. Of one that can't be attached nothing is left: then it is told here, with what was filled in. */
import { useSyncExternalStore } from 'react'
import type { Where } from '../data/urls.ts'
import type { UrlForm } from './url-form.ts'

export interface Attempt {
  where: Where
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

export const useAttempts = (wanted: Where): Attempt[] =>
  useSyncExternalStore(attempts.watch, attempts.all).filter(
    ({ where }) => where?.service === wanted?.service && where?.environment === wanted?.environment,
  )
