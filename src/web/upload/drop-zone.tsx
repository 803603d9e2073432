import { type DragEvent, type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import styles from './drop-zone.module.css'
import { type Dropped, DropRefused, readDrop } from './dropped.ts'

export interface DropZoneProps {
  /** Read to people who drag: "Drop to deploy to production". */
  label: string
  isDisabled?: boolean
  className?: string | undefined
  onDropped: (dropped: Dropped) => void
  onRefused: (reason: string) => void
  children: ReactNode
}

/** An area that takes an archive or a folder. The same is always possible with the buttons of `FilePicker`. */
export function DropZone({ label, isDisabled, className, onDropped, onRefused, children }: DropZoneProps) {
  const [isOver, setOver] = useState(false)
  const [isReading, setReading] = useState(false)
  const depth = useRef(0)
  const isDragging = useFileDrag()
  const leave = () => {
    depth.current = 0
    setOver(false)
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    leave()
    if (isDisabled || isReading) return
    setReading(true)
    const read = readDrop(event.dataTransfer).finally(() => setReading(false))
    read.then(onDropped, (thrown: unknown) =>
      onRefused(
        thrown instanceof DropRefused ? thrown.message : 'The browser could not read what was dropped.',
      ),
    )
  }
  return (
    <div
      role="group"
      aria-label={label}
      className={[styles.zone, className].filter(Boolean).join(' ')}
      data-ready={(isDragging && !isDisabled) || undefined}
      data-over={(isOver && !isDisabled) || undefined}
      data-reading={isReading || undefined}
      aria-busy={isReading}
      onDragEnter={() => {
        depth.current += 1
        setOver(true)
      }}
      onDragLeave={() => {
        depth.current -= 1
        if (depth.current <= 0) leave()
      }}
      onDrop={drop}
    >
      {children}
      <span className={styles.hint} aria-hidden="true">
        {isReading ? 'Looking through what was dropped…' : label}
      </span>
    </div>
  )
}

/** Files that are dropped beside a zone must not replace the page. */
export function useGuardedDrops() {
  useEffect(() => {
    const keep = (event: globalThis.DragEvent) => event.preventDefault()
    addEventListener('dragover', keep)
    addEventListener('drop', keep)
    return () => {
      removeEventListener('dragover', keep)
      removeEventListener('drop', keep)
    }
  }, [])
}

let isFileDrag = false

/** Whether files hover anywhere over the window, so that every zone can show itself. */
function watchFileDrag(changed: () => void): () => void {
  const done = new AbortController()
  const set = (value: boolean) => {
    if (isFileDrag === value) return
    isFileDrag = value
    changed()
  }
  const { signal } = done
  window.addEventListener('dragover', (event) => set(event.dataTransfer?.types.includes('Files') ?? false), {
    signal,
  })
  window.addEventListener('dragleave', (event) => event.relatedTarget === null && set(false), { signal })
  window.addEventListener('drop', () => set(false), { signal, capture: true })
  window.addEventListener('dragend', () => set(false), { signal })
  return () => done.abort()
}
const useFileDrag = () => useSyncExternalStore(watchFileDrag, () => isFileDrag)
