import { VisuallyHidden } from '@mantine/core'
import { useSyncExternalStore } from 'react'

let text = ''
const listeners = new Set<() => void>()

/** Tells assistive technology what happens beside the focus: an upload, a deployment that ended. */
export function announce(sentence: string) {
  text = sentence
  for (const changed of listeners) changed()
}

const watch = (changed: () => void) => {
  listeners.add(changed)
  return () => void listeners.delete(changed)
}

export function Announcer() {
  const sentence = useSyncExternalStore(watch, () => text)
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {sentence}
    </VisuallyHidden>
  )
}
