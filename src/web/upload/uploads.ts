/** The uploads on their way. They belong to the page and not to a view: walking around does not stop one. */
import { useSyncExternalStore } from 'react'
import { ApiProblem } from '../../contract/client.ts'
import type { Deployment, Problem } from '../../contract/shapes.ts'
import { api, problemOf, sendBytes } from '../data/api.ts'
import type { Dropped } from './dropped.ts'

export interface Place {
  service: string
  environment: string
}

export type Phase = 'reading' | 'sending' | 'checking' | 'deploying' | 'refused'

export interface Upload {
  place: Place
  name: string
  phase: Phase
  /** Bytes read or sent so far, and all of them. */
  done: number
  total: number
  deployment: string | null
  problem: Problem | null
  cancel: () => void
}

type Listener = () => void

class UploadBoard {
  private readonly uploads = new Map<string, Upload>()
  private readonly listeners = new Set<Listener>()

  readonly watch = (changed: Listener) => {
    this.listeners.add(changed)
    return () => void this.listeners.delete(changed)
  }

  readonly at = (place: Place): Upload | null => this.uploads.get(keyOf(place)) ?? null

  isBusy(): boolean {
    return [...this.uploads.values()].some((upload) => isOnItsWay(upload))
  }

  dismiss(place: Place) {
    this.uploads.delete(keyOf(place))
    this.tell()
  }

  /** Sends what was dropped and deploys it; ends with the accepted deployment, or null when it was refused. */
  async start(place: Place, dropped: Dropped): Promise<Deployment | null> {
    const stop = new AbortController()
    const upload: Upload = {
      place,
      name: dropped.name,
      phase: dropped.kind === 'archive' ? 'sending' : 'reading',
      done: 0,
      total: dropped.kind === 'archive' ? dropped.file.size : sum(dropped.files.map(({ file }) => file.size)),
      deployment: null,
      problem: null,
      cancel: () => stop.abort(),
    }
    const set = (change: Partial<Upload>) => this.put({ ...(this.at(place) ?? upload), ...change })
    this.put(upload)
    try {
      const deployment =
        dropped.kind === 'archive'
          ? await sendArchive({ place, file: dropped.file, signal: stop.signal, set })
          : await (await import('./folder-upload.ts')).sendFolder({
              place,
              files: dropped.files,
              signal: stop.signal,
              set,
            })
      set({ phase: 'deploying', deployment: deployment.id })
      return deployment
    } catch (thrown) {
      if (stop.signal.aborted) this.dismiss(place)
      else set({ phase: 'refused', problem: problemOf(thrown), deployment: deploymentIn(thrown) })
      return null
    }
  }

  private put(upload: Upload) {
    this.uploads.set(keyOf(upload.place), upload)
    this.tell()
  }

  private tell() {
    for (const changed of this.listeners) changed()
  }
}

export const uploads = new UploadBoard()
export const useUpload = (place: Place): Upload | null =>
  useSyncExternalStore(uploads.watch, () => uploads.at(place))

const keyOf = ({ service, environment }: Place) => `${service}/${environment}`
const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0)
export const isOnItsWay = (upload: Upload) => upload.phase !== 'deploying' && upload.phase !== 'refused'

interface Archive {
  place: Place
  file: File
  signal: AbortSignal
  set: (change: Partial<Upload>) => void
}

function sendArchive({ place, file, signal, set }: Archive): Promise<Deployment> {
  return sendBytes<Deployment>({
    path: api.path('deployments.create', { params: { ...place } }),
    body: file,
    contentType: 'application/octet-stream',
    signal,
    onSent: (done) => set({ done, phase: done >= file.size ? 'checking' : 'sending' }),
  })
}

/** A refused archive leaves a failed deployment in the history; its problem names it. */
function deploymentIn(thrown: unknown): string | null {
  if (!(thrown instanceof ApiProblem)) return null
  const { deployment } = thrown.problem
  return deployment instanceof Object && 'id' in deployment ? String(deployment.id) : null
}
