import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Seal } from '../base/seal.ts'
import type { OperationStatus } from '../domain/operation.ts'
import type { Bundles, Trees } from '../ports/bundles.ts'
import type { ConnectAuthority } from '../ports/certificate-authority.ts'
import type { CertificateFiles, Challenges } from '../ports/certificates.ts'
import type { AskNameServer, DnsProvider, Zone } from '../ports/dns.ts'
import type { Gateway, Grace, Links, Probe } from '../ports/gateway.ts'
import type { Hosts } from '../ports/hosts.ts'
import type { LineLevel } from '../store/logs.ts'
import type { OperationRow } from '../store/operations.ts'
import type { Store } from '../store/store.ts'

/** Everything that an operation may learn from or change. */
export interface World {
  store: Store
  bundles: Bundles
  trees: Trees
  links: Links
  gateway: Gateway
  grace: Grace
  /** Of the builtin gateway. */
  probe: Probe
  /** The gateway that URLs use, as the setting says at each moment. */
  hosts: Hosts
  dns: DnsWorld
  /** What gateways read of certificates, and answer to a CA. */
  certificates: CertificateFiles
  challenges: Challenges
  authority: ConnectAuthority
  seal: Seal
  own: OwnNames
  clock: Clock
  log: Log
}

/** A DNS provider that is set up. Its secrets may be lost: then it says so when it is asked. */
export interface ConnectedProvider {
  id: string
  label: string
  kind: string
  provider: DnsProvider
  /** What it was last heard to hold, for as long as this program runs. */
  heard: { zones: Zone[] | null }
}

export interface DnsWorld {
  providers(): ConnectedProvider[]
  ask: AskNameServer
}

/** How Fairlead itself is reached. */
export interface OwnNames {
  /** Of this machine and of `--url`: no URL gets them. */
  hostnames(): string[]
  /** Where its page and API listen: an IP address of this machine. */
  upstream(): { hostname: string; port: number }
}

/** What the steps of an operation have learned so far. JSON: it survives a crash and is the undo data. */
export type Facts = Record<string, unknown>

export interface StepContext {
  world: World
  operation: OperationRow
  /** Aborted by the step's limit, a cancel or the end of the program. */
  signal: AbortSignal
  /** A line of the operation's log. */
  say: (text: string, level?: LineLevel) => void
}

/** Learns facts; changes nothing. */
export interface Look<F> {
  kind: 'look'
  name: string
  run(context: StepContext, facts: F): Promise<Partial<F>>
}

/**
 * Changes the world. `run` is idempotent: after a crash it is done again. `undo` puts back what the facts say stood
 * there before, and is idempotent too.
 */
export interface Act<F> {
  kind: 'act'
  name: string
  /** Rows written in the transaction that marks the step begun. */
  begin?(context: StepContext, facts: F): void
  run(context: StepContext, facts: F): Promise<void>
  undo(context: StepContext, facts: F): Promise<void>
}

export type Step<F> = Look<F> | Act<F>

/** The steps of one operation, in order. */
export interface Plan<F> {
  steps: Step<F>[]
  /** From this step's begin on it can't be cancelled, and being unwound is called `reverted`. */
  switchAt: number
  /** When this step has ended, the operation has succeeded; what follows only tidies up. */
  commitAt: number
  /** Rows written in the transaction that marks the committing step done; may leave facts for the tidying steps. */
  commit(context: StepContext, facts: F): Partial<F>
  /** Rows written in the transaction that ends the operation, whatever became of it, begun or not. */
  ended(context: Pick<StepContext, 'world' | 'operation'>, status: OperationStatus): void
}
