/** Tells that the server has answered a request with "nobody is signed in". */
const SIGNED_OUT = 'fairlead:signed-out'

/** The session's own address answers so for a wrong password too: that is no end of a session. */
export function noteAnswer(path: string, status: number): void {
  if (status === 401 && !/^\/api\/v1\/session(\/|$|\?)/.test(path)) dispatchEvent(new Event(SIGNED_OUT))
}

export function onSignedOut(then: () => void): () => void {
  addEventListener(SIGNED_OUT, then)
  return () => removeEventListener(SIGNED_OUT, then)
}
