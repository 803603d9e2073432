/** How the page speaks with the server. */
import { ApiProblem, apiClient, readProblem } from '../../contract/client.ts'
import type { Problem } from '../../contract/shapes.ts'
import { noteAnswer } from './signed-out.ts'

export const api = apiClient(async (path, init) => {
  try {
    const response = await fetch(path, init)
    noteAnswer(path, response.status)
    return response
  } catch (thrown) {
    if (init.signal?.aborted) throw thrown
    throw new ApiProblem(unreachable)
  }
})

const blank = { type: 'about:blank', status: 0, errors: [] }

export const unreachable: Problem = {
  ...blank,
  title: 'No answer',
  code: 'unavailable',
  detail: 'The server does not answer.',
  hint: 'Check that Fairlead is running and that this machine is connected; the page tries again by itself.',
}

/** Whatever was thrown, as something to show. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof ApiProblem) return thrown.problem
  return {
    ...blank,
    title: 'The page failed',
    code: 'internal',
    detail: thrown instanceof Error ? thrown.message : String(thrown),
    hint: 'Reload the page and try again.',
  }
}

/** The ETag of a thing whose revision is known. */
export const ifMatch = (thing: { revision: number }) => ({ 'if-match': `"${thing.revision}"` })

export interface Sending {
  path: string
  body: Blob
  contentType: string
  signal: AbortSignal
  onSent: (bytes: number) => void
}

/** Sends bytes with progress, which fetch cannot tell. Resolves with the JSON of a 2xx answer. */
export function sendBytes<T>({ path, body, contentType, signal, onSent }: Sending): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', path)
    request.setRequestHeader('accept', 'application/json')
    request.setRequestHeader('content-type', contentType)
    request.upload.addEventListener('progress', (event) => onSent(event.loaded))
    request.addEventListener('error', () => reject(new ApiProblem(brokenOff)))
    request.addEventListener('abort', () =>
      reject(new DOMException('The upload was cancelled.', 'AbortError')),
    )
    request.addEventListener('load', () => {
      if (request.status >= 200 && request.status < 300) {
        resolve(JSON.parse(request.responseText) as T) // the contract says so
        return
      }
      noteAnswer(path, request.status)
      const headers = { 'content-type': request.getResponseHeader('content-type') ?? '' }
      const { status, statusText } = request
      readProblem(new Response(request.responseText, { status, statusText, headers })).then(
        (problem) => reject(new ApiProblem(problem)),
        reject,
      )
    })
    if (signal.aborted) return reject(signal.reason)
    signal.addEventListener('abort', () => request.abort(), { once: true })
    request.send(body)
  })
}

const brokenOff: Problem = {
  ...blank,
  title: 'The upload broke off',
  code: 'unavailable',
  detail: 'The connection was lost while the upload was on its way.',
  hint: 'Nothing was deployed. Check the connection and drop it again.',
}
