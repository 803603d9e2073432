/** Ports of this machine, taken or refused in a sentence. */
import { errnoOf, Fault } from './base/fault.ts'

/** A port that is taken or not ours to take, as a sentence that says which option moves it. */
export async function bound<T>(
  address: { hostname: string; port: number },
  option: string,
  open: () => Promise<T> | T,
): Promise<T> {
  try {
    return await open()
  } catch (cause) {
    const errno = errnoOf(cause)
    if (errno !== 'EADDRINUSE' && errno !== 'EACCES' && errno !== 'EADDRNOTAVAIL') throw cause
    const reason = {
      EADDRINUSE: 'is in use by another program',
      EACCES: 'needs more rights',
      EADDRNOTAVAIL: 'is not an address of this machine',
    }[errno]
    throw new Fault('unavailable', `${address.hostname}:${address.port} ${reason}.`, {
      hint: `Choose another address with ${option} HOST:PORT.`,
      cause,
    })
  }
}
