/** Idempotency-Key: a request that is sent again is answered again and does nothing again. */
import { Fault } from '../base/fault.ts'
import type { RouteName } from '../contract/routes.ts'
import { actorKey } from '../domain/operation.ts'
import type { IdempotencyKey } from '../store/idempotency.ts'
import type { Api, Call } from './call.ts'

/** 1 to 200 visible ASCII characters; a quoted one (RFC 8941 strings) is taken as it stands. */
const KEY = /^[\x21-\x7e]{1,200}$/

export type Remember = (made: string) => void

/** Makes something and remembers its name in one transaction. */
export function remembered({ engine }: Api, remember: Remember, make: () => { id: string }): string {
  return engine.world.store.tx(() => {
    const { id } = make()
    remember(id)
    return id
  })
}

/** What was made, for its answer. Throws `conflict` for a replay when it is gone: it is not made a second time. */
export function stillThere<Row>(made: Row | null): Row {
  if (made !== null) return made
  throw new Fault('conflict', 'What a request with this Idempotency-Key has made was deleted since.', {
    hint: 'Send another key to make it anew.',
  })
}

/**
 * Runs `act` unless a request with the same key did; answers the name of what was made, as `act` did then. The body
 * of a replay is never read. `act` calls `remember` in the transaction that makes it, so that no crash can come between
 * the deed and its answer. Throws `conflict` while the first is still under way; when `act` throws, the key is free.
 */
export async function once<N extends RouteName>(
  api: Api,
  call: Call<N>,
  act: (remember: Remember) => Promise<string>,
): Promise<string> {
  const header = call.request.headers.get('idempotency-key')
  if (header === null) return await act(() => {})
  if (!KEY.test(header))
    throw new Fault('malformed', 'The header Idempotency-Key cannot be read.', {
      hint: 'Use 1 to 200 visible ASCII characters, for example a random UUID.',
    })
  const { idempotency } = api.engine.world.store
  const key: IdempotencyKey = {
    actor: actorKey(call.actor),
    // The address counts too: the same key for another environment is another deployment.
    route: `${call.name} ${new URL(call.request.url).pathname}`,
    key: header,
  }
  const known = idempotency.claim(key, api.clock.now())
  if (known !== null) return known
  try {
    const made = await act((name) => idempotency.answer(key, name))
    idempotency.answer(key, made)
    return made
  } catch (error) {
    idempotency.release(key)
    throw error
  }
}
