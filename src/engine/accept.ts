import { Fault } from '../base/fault.ts'
import { problemOf } from '../contract/problem.ts'
import { type Digest, treeKey } from '../domain/bundle.ts'
import { type Approval, isSamePerson, needsApproval, supersedes } from '../domain/deployment.ts'
import type { EnvironmentSettings } from '../domain/environment.ts'
import type { Actor } from '../domain/operation.ts'
import type { EnvironmentRow } from '../store/environments.ts'
import type { NewOperation, OperationRow } from '../store/operations.ts'
import type { ServiceRow } from '../store/services.ts'
import { pinRetained } from './deployment.ts'
import { operationEvent } from './journal.ts'
import type { Queue } from './queue.ts'
import { queueRefresh, sameServing } from './refresh.ts'
import { type ResolvedSource, requireNotErased, resolveSource, type Source } from './source.ts'
import { environmentOf } from './standing.ts'
import type { World } from './step.ts'

export interface DeploymentWish {
  environmentId: string
  actor: Actor
  message: string | null
  /** Called with the deployment's id in the transaction that makes its rows. */
  accepted?(id: string): void
}

/** Turns wishes into queued operations. All checks and rows of one wish are one transaction. */
export class Acceptance {
  private readonly world: World
  private readonly queue: Queue

  constructor(world: World, queue: Queue) {
    this.world = world
    this.queue = queue
  }

  /** A deployment from what is stored. The source is resolved to a digest now. */
  deploy(wish: DeploymentWish, source: Source): string {
    return this.accepted(() => {
      const environment = this.open(wish.environmentId)
      return this.queueDeployment(environment, wish, resolveSource(this.world.store, environment, source))
    })
  }

  /** A deployment from an archive that has just been stored. */
  deployUpload(wish: DeploymentWish, bundle: Digest, cause: 'upload' | 'adoption' = 'upload'): string {
    return this.accepted(() => {
      const environment = this.open(wish.environmentId)
      this.world.store.bundles.add(environment.serviceId, bundle, this.world.clock.now())
      return this.queueDeployment(environment, wish, {
        bundle,
        cause,
        originNumber: null,
        source: null,
      })
    })
  }

  /** The row of an upload that was refused: failed, without a bundle. Answers its id. */
  recordRefusal(wish: DeploymentWish, fault: Fault): string {
    const { store, clock } = this.world
    return store.tx(() => {
      const environment = this.open(wish.environmentId)
      const now = clock.now()
      const operation = this.create(environment, { kind: 'deployment', actor: wish.actor })
      store.deployments.create({
        id: operation.id,
        number: operation.number,
        environmentId: environment.id,
        bundle: null,
        cause: 'upload',
        originNumber: operation.number,
        source: null,
        message: wish.message,
      })
      store.operations.end(operation.id, { status: 'failed', problem: problemOf(fault), now })
      const text = fault.hint ? `${fault.message} ${fault.hint}` : fault.message
      store.logs.append(operation.id, { at: now, level: 'error', step: null, text })
      store.events.append({ ...operationEvent(operation, 'failed', now), data: { code: fault.code } })
      wish.accepted?.(operation.id)
      return operation.id
    })
  }

  /** New settings; when they change what visitors are answered, an operation that makes it so. Answers its id. */
  changeSettings(environmentId: string, settings: EnvironmentSettings, actor: Actor): string | null {
    const { store } = this.world
    return this.accepted(() => {
      const environment = this.open(environmentId)
      store.environments.changeSettings(environmentId, settings)
      for (const tree of pinRetained(this.world, environmentId)) this.queue.retireSoon(tree)
      if (environment.liveDeploymentId === null || sameServing(environment.settings, settings)) return null
      return queueRefresh(this.world, environment, {
        kind: 'settings-change',
        actor,
        facts: { previous: environment.settings, wanted: settings },
      })
    })
  }

  deleteEnvironment(environmentId: string, actor: Actor): string {
    const { store, clock } = this.world
    return this.accepted(() => {
      const environment = this.open(environmentId)
      store.environments.setDeleting(environmentId, true)
      this.endQueuedOf(environment.serviceId, environmentId)
      const operation = this.create(environment, {
        kind: 'environment-deletion',
        actor,
        facts: { environments: [environmentId] },
      })
      store.events.append(operationEvent(operation, 'queued', clock.now()))
      return operation.id
    })
  }

  deleteService(service: ServiceRow, actor: Actor): string {
    const { store, clock } = this.world
    return this.accepted(() => {
      requireNotDeleting(service.deleting === 1, `The service "${service.name}"`)
      store.services.setDeleting(service.id, true)
      this.endQueuedOf(service.id, null)
      const environments = store.environments.of(service.id).map((environment) => environment.id)
      const operation = store.operations.create({
        kind: 'service-deletion',
        serviceId: service.id,
        environmentId: null,
        actor,
        facts: { environments },
        now: clock.now(),
      })
      store.events.append(operationEvent(operation, 'queued', clock.now()))
      return operation.id
    })
  }

  /** A stuck operation goes on unwinding; an ended deployment is deployed once more. Answers the operation to watch. */
  retry(id: string, actor: Actor): string {
    const { store, clock } = this.world
    const operation = store.operations.required(id)
    if (operation.status === 'stuck') {
      this.requireIdle(operation)
      return this.accepted(() => {
        store.operations.reopen(id)
        store.events.append({ ...operationEvent(operation, 'retried', clock.now()), actor })
        return id
      })
    }
    const deployment = store.deployments.find(id)
    if (!deployment?.bundle || !['failed', 'reverted', 'cancelled', 'superseded'].includes(operation.status))
      throw new Fault(
        'conflict',
        `The operation can't be tried again: it ${deployment?.bundle === null ? 'has no bundle' : `is ${operation.status}`}.`,
        {
          hint: 'What is stuck can be retried, and a deployment that failed, was reverted, cancelled or superseded.',
        },
      )
    const { environmentId, message, bundle, cause, source } = deployment
    requireNotErased(store, deployment.serviceId, bundle)
    const originNumber = cause === 'rollback' ? deployment.originNumber : null
    return this.accepted(() =>
      this.queueDeployment(
        this.open(environmentId),
        { environmentId, actor, message },
        { bundle, cause, originNumber, source },
      ),
    )
  }

  /** The consent of a second person: now it may begin. Throws `forbidden` for who started it and for machines, `conflict`. */
  approve(id: string, actor: Actor): void {
    const { store, clock } = this.world
    this.accepted(() => {
      const { status, approval, actor: starter } = store.deployments.required(id)
      if (status !== 'queued' || approval?.state !== 'pending')
        throw new Fault('conflict', `The deployment does not wait for an approval: it is ${status}.`, {
          hint: 'Only what is queued in an environment that asks for approvals can be approved, once.',
        })
      if (isSamePerson(starter, actor))
        throw new Fault('forbidden', 'Whoever started a deployment can not approve it.', {
          hint: 'Ask a second person, who may approve deployments of this environment.',
        })
      // Whoever makes keys for machines would be his own second person.
      if (store.users.find(actor.userId ?? '')?.kind === 'machine')
        throw new Fault('forbidden', 'A machine can not approve a deployment.', {
          hint: 'Ask a person, who may approve deployments of this environment.',
        })
      const at = clock.now()
      const operation = store.operations.required(id)
      store.deployments.setApproval(id, { state: 'approved', by: actor, at })
      store.logs.append(id, { at, level: 'info', step: null, text: `Approved by ${actor.name}.` })
      store.events.append({ ...operationEvent(operation, 'approved', at), actor })
    })
  }

  /** What a newer one has switched meanwhile must not be put back by an older one. */
  private requireIdle({ serviceId, environmentId }: OperationRow): void {
    const isSame = (other: string | null) => !other || !environmentId || other === environmentId
    for (const open of this.world.store.operations.openOf(serviceId))
      if (open.status === 'running' && isSame(open.environmentId))
        throw new Fault('conflict', 'A newer operation of the environment is running.', {
          hint: 'Wait for its end: its success clears this one.',
        })
  }

  /** One transaction, after which what may start is started. Throws `standing_by`. */
  accepted<T>(rows: () => T): T extends Promise<unknown> ? never : T {
    this.requireActing()
    const { store } = this.world
    return store.tx(() => {
      store.db.whenCommitted(() => this.queue.kick())
      return rows()
    })
  }

  /** Throws `standing_by` on an instance that was restored and not yet taken over. */
  requireActing(): void {
    if (this.world.store.instance.isStandingBy())
      throw new Fault(
        'standing_by',
        'This instance was restored from a backup and is standing by; it changes nothing yet.',
        {
          hint: 'When the old one is off for good, run: fairlead takeover',
        },
      )
  }

  /** The environment, if it takes operations. Throws `not_found`, `conflict`. */
  open(environmentId: string): EnvironmentRow {
    const environment = environmentOf(this.world, environmentId)
    if (environment.deletedAt !== null)
      throw new Fault('not_found', `The environment "${environment.name}" has been deleted.`)
    requireNotDeleting(environment.deleting, `The environment "${environment.name}"`)
    return environment
  }

  private create(
    environment: EnvironmentRow,
    given: Pick<NewOperation, 'kind' | 'actor' | 'facts'>,
  ): OperationRow {
    return this.world.store.operations.create({
      ...given,
      serviceId: environment.serviceId,
      environmentId: environment.id,
      now: this.world.clock.now(),
    })
  }

  private queueDeployment(environment: EnvironmentRow, wish: DeploymentWish, from: ResolvedSource): string {
    const { store, clock } = this.world
    const isPending = needsApproval(environment.settings, from.cause)
    for (const older of store.deployments.queuedOf(environment))
      if (supersedes({ cause: from.cause, isPending }, older))
        this.queue.endQueued(store.operations.required(older.id), 'superseded', SUPERSEDED)
    const operation = this.create(environment, {
      kind: 'deployment',
      actor: wish.actor,
      facts: { digest: from.bundle },
    })
    store.deployments.create({
      id: operation.id,
      number: operation.number,
      environmentId: environment.id,
      bundle: from.bundle,
      cause: from.cause,
      originNumber: from.originNumber ?? operation.number,
      source: from.source,
      message: wish.message,
      approval: isPending ? PENDING : null,
    })
    store.pins.add(treeKey(from.bundle), `operation:${operation.id}`)
    store.events.append({
      ...operationEvent(operation, 'queued', clock.now()),
      data: { bundle: from.bundle, cause: from.cause },
    })
    if (isPending) store.events.append(operationEvent(operation, 'approval-requested', clock.now()))
    wish.accepted?.(operation.id)
    return operation.id
  }

  private endQueuedOf(serviceId: string, environmentId: string | null): void {
    for (const operation of this.world.store.operations.openOf(serviceId))
      if (
        operation.status === 'queued' &&
        (environmentId === null || operation.environmentId === environmentId)
      )
        this.queue.endQueued(operation, 'cancelled', DELETED)
  }
}

const PENDING: Approval = { state: 'pending', by: null, at: null }
const SUPERSEDED = new Fault('superseded', 'A newer deployment took the place of this one before it began.')
const DELETED = new Fault('cancelled', 'The environment is being deleted.')

export function requireNotDeleting(deleting: boolean, what: string): void {
  if (deleting)
    throw new Fault('conflict', `${what} is being deleted.`, { hint: 'Wait for the end of the deletion.' })
}
