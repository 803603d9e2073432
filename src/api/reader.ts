/** Who reads an event stream, and how long he may. */
import type { RouteName } from '../contract/routes.ts'
import type { Api, Call } from './call.ts'
import type { StreamOptions } from './event-stream.ts'

export const streamOptions = (
  api: Api,
  call: Pick<Call<RouteName>, 'isStill' | 'endsAt'>,
  after: number,
): StreamOptions => ({
  clock: api.clock,
  stopping: api.stopping,
  after,
  isAllowed: call.isStill,
  endsAt: call.endsAt,
  onAccessChange: (changed) => api.accessWatch.onChange(changed),
})
