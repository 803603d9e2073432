/** Who reads an event stream, and how long he may. */
import type { RouteName } from '../contract/routes.ts'
import type { Api, Call } from './call.ts'
import type { StreamOptions } from './event-stream.ts'

/** Throws `too_many_requests`. */
export const streamOptions = (
  api: Api,
  call: Pick<Call<RouteName>, 'actor' | 'isStill' | 'endsAt'>,
  after: number,
): StreamOptions => ({
  clock: api.clock,
  stopping: api.stopping,
  after,
  isAllowed: call.isStill,
  endsAt: call.endsAt,
  onAccessChange: (changed) => api.accessWatch.onChange(changed),
  onEnd: api.limiter.openStream(call.actor),
})
