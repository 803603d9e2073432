import { closeSync, fstatSync, openSync } from 'node:fs'
import { Fault } from '../base/fault.ts'
import { ApiKeys } from './account/api-keys.ts'
import { Challenges } from './account/challenges.ts'
import { Grants } from './account/grants.ts'
import { Identities } from './account/identities.ts'
import { IdentityProviders } from './account/identity-providers.ts'
import { Invitations } from './account/invitations.ts'
import { Passkeys } from './account/passkeys.ts'
import { PasswordResets } from './account/password-resets.ts'
import { RecoveryCodes } from './account/recovery-codes.ts'
import { Roles } from './account/roles.ts'
import { Sessions } from './account/sessions.ts'
import { TotpSecrets } from './account/totp.ts'
import { Users } from './account/users.ts'
import { AcmeAccounts, AcmeOrders } from './acme.ts'
import { Audit } from './audit.ts'
import { BundleRows } from './bundles.ts'
import { Certificates } from './certificates.ts'
import { Chain } from './chain.ts'
import { Database } from './database.ts'
import { Deployments } from './deployments.ts'
import { DnsProviders } from './dns-providers.ts'
import { Drifts } from './drifts.ts'
import { Environments } from './environments.ts'
import { Events } from './events.ts'
import { Idempotency } from './idempotency.ts'
import { Instance } from './instance.ts'
import { Logs } from './logs.ts'
import { migrate, requireCurrent } from './migrations.ts'
import { Operations } from './operations.ts'
import { Overview } from './overview.ts'
import { GraceRows, Pins } from './pins.ts'
import { Services } from './services.ts'
import { SettingRows } from './settings.ts'
import { UrlLooks } from './url-looks.ts'
import { Urls } from './urls.ts'

/** What was added; listeners read the rest themselves, from the number that they know. */
export type Change =
  | { kind: 'event' }
  | { kind: 'log'; operationId: string }
  /** Somebody may do more or less than before. */
  | { kind: 'access' }

const CHECKED_AT_ONCE_BYTES = 32 * 1_048_576

export interface StoreOptions {
  now: number
  /** Read the whole file for damage even if it is large: the last run did not end in order. */
  check?: boolean
  /** Refuse an older schema instead of upgrading it: a server may be at work on it. */
  asIs?: boolean
}

export class Store {
  readonly db: Database
  readonly services: Services
  readonly environments: Environments
  readonly bundles: BundleRows
  readonly operations: Operations
  readonly deployments: Deployments
  readonly events: Events
  readonly chain: Chain
  readonly audit: Audit
  readonly logs: Logs
  readonly pins: Pins
  readonly grace: GraceRows
  readonly idempotency: Idempotency
  readonly instance: Instance
  readonly overview: Overview
  readonly urls: Urls
  readonly urlLooks: UrlLooks
  readonly certificates: Certificates
  readonly acmeAccounts: AcmeAccounts
  readonly acmeOrders: AcmeOrders
  readonly settings: SettingRows
  readonly dnsProviders: DnsProviders
  readonly drifts: Drifts
  readonly users: Users
  readonly roles: Roles
  readonly grants: Grants
  readonly sessions: Sessions
  readonly apiKeys: ApiKeys
  readonly invitations: Invitations
  readonly passwordResets: PasswordResets
  readonly totp: TotpSecrets
  readonly recoveryCodes: RecoveryCodes
  readonly passkeys: Passkeys
  readonly identities: Identities
  readonly identityProviders: IdentityProviders
  readonly challenges: Challenges
  private readonly listeners = new Set<(change: Change) => void>()

  /** Opens (and makes, and migrates) the database. Throws `broken_data` and leaves the file as it is. */
  constructor(path: string, options: StoreOptions) {
    const size = sizeOf(path)
    this.db = new Database(path)
    if (size > 0 && (options.check || size <= CHECKED_AT_ONCE_BYTES)) requireSound(this.db)
    if (options.asIs) requireCurrent(this.db)
    migrate(this.db, options.now)
    this.services = new Services(this.db)
    this.environments = new Environments(this.db)
    this.bundles = new BundleRows(this.db)
    this.operations = new Operations(this.db)
    this.deployments = new Deployments(this.db)
    this.chain = new Chain(this.db)
    this.chain.takeInOlder()
    this.events = new Events(this.db, this.chain, () => this.tell({ kind: 'event' }))
    this.audit = new Audit(this.db)
    this.logs = new Logs(this.db, (operationId) => this.tell({ kind: 'log', operationId }))
    this.pins = new Pins(this.db)
    this.grace = new GraceRows(this.db)
    this.idempotency = new Idempotency(this.db)
    this.instance = new Instance(this.db)
    this.overview = new Overview(this.db)
    this.urlLooks = new UrlLooks(this.db)
    this.urls = new Urls(this.db)
    this.certificates = new Certificates(this.db)
    this.acmeAccounts = new AcmeAccounts(this.db)
    this.acmeOrders = new AcmeOrders(this.db)
    this.settings = new SettingRows(this.db)
    this.dnsProviders = new DnsProviders(this.db)
    this.drifts = new Drifts(this.db)
    const accessChanged = () => this.db.whenCommitted(() => this.tell({ kind: 'access' }))
    this.users = new Users(this.db, accessChanged)
    this.roles = new Roles(this.db, accessChanged)
    this.grants = new Grants(this.db, accessChanged)
    this.sessions = new Sessions(this.db, accessChanged)
    this.apiKeys = new ApiKeys(this.db, accessChanged)
    this.invitations = new Invitations(this.db)
    this.passwordResets = new PasswordResets(this.db)
    this.totp = new TotpSecrets(this.db)
    this.recoveryCodes = new RecoveryCodes(this.db)
    this.passkeys = new Passkeys(this.db)
    this.identities = new Identities(this.db)
    this.identityProviders = new IdentityProviders(this.db)
    this.challenges = new Challenges(this.db)
  }

  tx<T>(work: () => T): T extends Promise<unknown> ? never : T {
    return this.db.tx(work)
  }

  /** Calls `listener` after each commit that added something; returns the way to stop that. */
  onChange(listener: (change: Change) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Writes a consistent copy of the database to a new file of mode 0600. */
  snapshot(path: string): void {
    this.db.copyTo(path)
  }

  close(): void {
    this.db.close()
  }

  /** A number that moves when another process has written to the database. */
  dataVersion(): number {
    return this.db.get<{ data_version: number }>('PRAGMA data_version')?.data_version ?? 0
  }

  private tell(change: Change): void {
    for (const listener of this.listeners) listener(change)
  }
}

/** Bytes of the file; a new one is made here, 0600 from its first moment, since SQLite would ask the umask. */
function sizeOf(path: string): number {
  let file: number
  try {
    file = openSync(path, 'a', 0o600)
  } catch (cause) {
    throw new Fault('broken_data', "The database fairlead.db can't be opened or written.", {
      hint: 'Check that the data folder belongs to the user that runs Fairlead and that its disk is healthy.',
      cause,
    })
  }
  try {
    return fstatSync(file).size
  } finally {
    closeSync(file)
  }
}

function requireSound(db: Database): void {
  const finding = db.get<{ quick_check: string }>('PRAGMA quick_check(1)')?.quick_check
  if (finding !== 'ok')
    throw new Fault('broken_data', 'The database fairlead.db is damaged; Fairlead left it as it is.', {
      hint: 'Restore the data folder from a backup (fairlead restore), or copy the file away and ask for help.',
    })
}
