/** A URL goes: first the records that lead people to it, then its site. */
import { clearStuck } from '../journal.ts'
import type { Act, Look, Plan } from '../step.ts'
import {
  askForGone,
  putUrlSitesBack,
  type RemovalFacts,
  releaseUrls,
  removeRecords,
  seeUrls,
  takeUrlSitesDown,
} from './removal.ts'
import { keepUrl, rowOf, type UrlFacts } from './row.ts'

/** `kept`: files that its name was taken over from. */
type DetachFacts = UrlFacts & RemovalFacts & { kept?: string[] }

/** See what stands · remove the DNS records · ask the name servers · take the site down. */
export function detachPlan(): Plan<DetachFacts> {
  return {
    steps: [seeWhatStands, removeRecords, askForGone, takeDown],
    // Until then all of it can be put back without a visitor having noticed more than a missing record.
    switchAt: 3,
    commitAt: 3,
    commit({ world, operation }) {
      releaseUrls(world, [rowOf(world, operation).id])
      clearStuck(world, operation)
      return {}
    },
    ended({ world, operation }, status) {
      if (status !== 'succeeded' && status !== 'stuck') keepUrl(world, operation)
    },
  }
}

const seeWhatStands: Look<DetachFacts> = {
  kind: 'look',
  name: 'see what stands',
  async run(context) {
    const row = rowOf(context.world, context.operation)
    return { urls: row.deletedAt === null ? await seeUrls(context, [row]) : [] }
  },
}

const takeDown: Act<DetachFacts> = {
  kind: 'act',
  name: 'take the site down',
  async run(context, facts) {
    await takeUrlSitesDown(context, facts)
    for (const path of facts.kept ?? [])
      context.say(`What answered before Fairlead does not come back by itself; it is kept as ${path}.`)
  },
  undo: (context, facts) => putUrlSitesBack(context, facts),
}
