/** Operations about the HTTPS of URLs: being attached with it, a change that somebody wishes, and a renewal. */
import { Fault } from '../../../base/fault.ts'
import type { HttpsMode } from '../../../domain/https.ts'
import type { OperationRow } from '../../../store/operations.ts'
import { requireUnedited } from '../../edited-sites.ts'
import type { Act, Facts, Look, Plan, Step, World } from '../../step.ts'
import { attachPlan } from '../attach.ts'
import { type Probed, probe } from '../probe.ts'
import { rowOf } from '../row.ts'
import { noteCertificate, noteFailure } from './ending.ts'
import type { Https, HttpsFacts } from './facts.ts'
import { issueSteps } from './issue.ts'
import type { CertificateKeeper } from './keeper.ts'
import { choiceText, hstsNotes, leftByHsts, plannedHttps } from './planned.ts'
import { isOther, putUpHttps, writeCertificate } from './put-up.ts'

interface ChangeFacts extends HttpsFacts {
  /** Given when it was accepted: how it is to answer. Absent of a renewal. */
  wish?: Omit<Https, 'certificateId'>
  probed: Probed
}

/** Only what a CA is asked for takes the steps in which it is. */
export function urlPlans(world: Pick<World, 'store'>, keeper: CertificateKeeper) {
  const put = [writeCertificate, putUpHttps]
  const issued = [...issueSteps(), ...put]
  const attach: Record<HttpsMode, Plan<Facts>> = {
    none: attachPlan([]),
    own: attachPlan(put),
    auto: attachPlan(issued),
  }
  const change: Record<'own' | 'auto', Plan<Facts>> = {
    own: changePlan(put, keeper),
    auto: changePlan(issued, keeper),
  }
  return {
    // Until it is attached nobody changes how it is to answer.
    attach: (operation: OperationRow) => attach[rowOf(world, operation).https.mode],
    change: ({ facts }: OperationRow) => {
      const { wish } = facts as Partial<ChangeFacts> // given by whoever queued it
      return change[wish && wish.mode !== 'auto' ? 'own' : 'auto']
    },
  }
}

/** Choose the certificate · (get it from the CA ·) write it · put up HTTPS · probe from outside · retire what was there. */
function changePlan(https: Step<HttpsFacts>[], keeper: CertificateKeeper): Plan<ChangeFacts> {
  const steps = [choose, ...https, probe, retireOld(keeper)]
  const proved = steps.indexOf(probe)
  return {
    steps,
    switchAt: proved,
    commitAt: proved,
    commit(context, facts) {
      const { store, clock } = context.world
      store.urls.setProbe(rowOf(context.world, context.operation).id, { at: clock.now(), ...facts.probed })
      noteCertificate(context, facts)
      return {}
    },
    ended({ world, operation }, status) {
      world.store.acmeOrders.end(operation.id, world.clock.now())
      if (status !== 'succeeded') noteFailure(world, operation)
    },
  }
}

const choose: Look<ChangeFacts> = {
  kind: 'look',
  name: 'choose the certificate',
  async run({ world, operation, signal, say }, { wish }) {
    const row = rowOf(world, operation)
    if (row.state !== 'attached' || row.deletedAt !== null)
      throw new Fault('cancelled', `${row.hostname} is not attached any more.`)
    const https = await plannedHttps(world, { row, wish: wish ?? row.https, isRenewal: !wish }, signal)
    if (https.asked || isOther(https.before, https.after))
      await requireUnedited(world, { hostname: row.hostname, why: 'HTTPS would overwrite it' }, signal)
    say(choiceText(world, https))
    for (const note of hstsNotes(world, row.hostname, https.after)) say(note, 'warn')
    const left = leftByHsts(row.hostname, https)
    if (left !== null) say(left, 'warn')
    return { https }
  },
}

const retireOld = (keeper: CertificateKeeper): Act<ChangeFacts> => ({
  kind: 'act',
  name: 'retire the old certificate',
  run: ({ operation }) => keeper.sweep(operation.id),
  async undo() {},
})
