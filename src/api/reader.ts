/** Who reads an event stream, and how long he may. */
import type { RouteName } from '../contract/routes.ts'
import type { Api, Call } from './call.ts'
import type { StreamOptions } from './event-stream.ts'

export const streamOptions = (
  api: Api,
  call: Pick<Call<RouteName>, 'isStill'>,
  after: number,
): StreamOptions => ({
  clock: api.clock,
  stopping: api.stopping,
  after,
  isAllowed: call.isStill,
  onAccessChange: (changed) => api.accessWatch.onChange(changed),
})
