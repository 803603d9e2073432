export type Service = {
    id: Id;
    name: Name;
    kind: 'static';
    /** In their order. */
    environments: Environment[];
    deleting: boolean;
    revision: number;
    createdAt: Time;
};
/** A random id. */
export type Id = string;
/** A name: 1 to 40 characters of a-z, 0-9 and "-", beginning and ending with a letter or digit. */
export type Name = string;
export type Environment = {
    id: Id;
    service: Name;
    name: Name;
    position: number;
    htmlHandling: 'auto-trailing-slash' | 'force-trailing-slash' | 'drop-trailing-slash' | 'none';
    notFoundHandling: '404-page' | 'single-page-application' | 'none';
    /** Folders whose fingerprinted files may be cached for a year. */
    buildFolders: string[];
    assetGraceSeconds: number;
    retain: number;
    /** Whether a second person has to approve deployments and promotions. */
    approval: boolean;
    /** Where the builtin gateway answers for it. */
    url: string;
    /** The attached host names that answer with what is live in it. */
    urls: {
        /** The oldest that is no wildcard. */
        first: {
            url: string;
            unicode: string;
        } | null;
        count: number;
    };
    live: DeploymentBrief | null;
    /** The newest deployment, whatever became of it. */
    latest: DeploymentBrief | null;
    deleting: boolean;
    revision: number;
    createdAt: Time;
};
export type DeploymentBrief = {
    id: Id;
    status: 'queued' | 'running' | 'succeeded' | 'failed' | 'reverted' | 'cancelled' | 'superseded' | 'stuck';
    bundle: Digest | null;
    cause: 'upload' | 'rollback' | 'promotion' | 'webhook' | 'adoption';
    message: string | null;
    createdAt: Time;
    finishedAt: Time | null;
};
/** SHA-256 in lower-case hex. */
export type Digest = string;
/** ISO 8601, UTC, milliseconds. */
export type Time = string;
/** A problem as in RFC 9457. */
export type Problem = {
    type: string;
    title: string;
    status: number;
    code: ProblemCode;
    /** What failed, and on which thing. */
    detail: string;
    /** What to do about it. */
    hint: string | null;
    errors: FieldError[];
};
export type FieldError = {
    field: string;
    message: string;
};
/** A journalled change of the outside world. */
export type Operation = {
    id: Id;
    kind: 'deployment' | 'settings-change' | 'site-repair' | 'environment-deletion' | 'service-deletion' | 'url-attach' | 'url-detach' | 'drift-revert' | 'drift-adopt' | 'url-change' | 'certificate-renewal' | 'url-take-over';
    /** Null: it is about the instance itself. */
    service: Name | null;
    environment: Name | null;
    status: 'queued' | 'running' | 'succeeded' | 'failed' | 'reverted' | 'cancelled' | 'superseded' | 'stuck';
    actor: Actor;
    createdAt: Time;
    startedAt: Time | null;
    finishedAt: Time | null;
    steps: Step[];
    problem: Problem | null;
};
/** Who did it. */
export type Actor = {
    kind: 'local' | 'system' | 'user' | 'key';
    /** The login of the account. */
    name: string;
    userId?: Id;
    /** The API key that was used. */
    keyId?: Id;
};
export type Step = {
    name: string;
    kind: 'look' | 'act';
    status: 'pending' | 'running' | 'done' | 'failed' | 'undone';
    startedAt: Time | null;
    finishedAt: Time | null;
};
/** One release of a bundle into an environment. */
export type Deployment = {
    id: Id;
    service: Name;
    environment: Name;
    status: 'queued' | 'running' | 'succeeded' | 'failed' | 'reverted' | 'cancelled' | 'superseded' | 'stuck';
    /** Whether visitors are answered from this deployment now. */
    live: boolean;
    /** Null when the archive was refused. */
    bundle: Digest | null;
    cause: 'upload' | 'rollback' | 'promotion' | 'webhook' | 'adoption';
    /** Where the bundle came from: the deployment rolled back to, or the environment promoted from. */
    source: string | null;
    actor: Actor;
    message: string | null;
    createdAt: Time;
    startedAt: Time | null;
    finishedAt: Time | null;
    steps: Step[];
    problem: Problem | null;
    urls: string[];
    /** Null: none is asked for. */
    approval: Approval | null;
    /** Null: nobody has erased its bundle. */
    erased: Erased | null;
};
/** The consent of a second person: until then the deployment waits, `queued`. */
export type Approval = {
    state: 'pending' | 'approved';
    by: Actor | null;
    at: Time | null;
};
/** The bytes of its bundle are gone for good: who did that, and why. */
export type Erased = {
    at: Time;
    by: Actor;
    reason: string | null;
};
export type LogLine = {
    number: number;
    at: Time;
    level: 'info' | 'warn' | 'error';
    step: string | null;
    text: string;
};
/** A host name as people write it: in any case, in any script, with or without the dot at its end. `*.` in front makes it a wildcard. */
export type Hostname = string;
/** A host name with its site in the gateway, its DNS records and its certificate. */
export type Url = {
    id: Id;
    /** Its canonical form: lower case, A-labels, no dot at its end. */
    hostname: string;
    /** As people read it. */
    unicode: string;
    /** The address to open; of a wildcard the address of its star. */
    url: string;
    /** `site`: answers with what is live in its environment; `redirect`: sends visitors to another host; `self`: this page and API. */
    kind: 'site' | 'redirect' | 'self';
    /** Null: it belongs to the instance. */
    service: Name | null;
    environment: Name | null;
    /** Only `attached` is whole: site, records and answers. */
    state: 'attaching' | 'attached' | 'detaching';
    redirectTo: string | null;
    redirectStatus: 301 | 302 | 307 | 308 | null;
    /** `empty`: it answers, and nothing is deployed there. */
    site: {
        state: 'pending' | 'empty' | 'up';
    };
    dns: {
        /** Who makes the records. `auto`: the provider that holds the zone, or a person when no provider is set up; `manual`: a person; `none`: nobody, the name leads here already. */
        mode: 'auto' | 'manual' | 'none';
        /** Who holds the zone; null: none of those that are set up. */
        provider: {
            id: Id;
            kind: string;
            label: string;
        } | null;
        /** The zone that holds its records. */
        zone: string | null;
        /** Those that Fairlead has made, or that a person has to make. */
        records: RecordSet[];
        /** `none`: nothing is to be made; `by-hand`: a person makes the records; `pending`: not all name servers answer them yet; `answered`: they do. */
        state: 'none' | 'by-hand' | 'pending' | 'answered';
    };
    https: UrlHttps;
    lastProbe: Probed | null;
    operation: UrlOperation | null;
    createdAt: Time;
};
/** All DNS records of one name and type. */
export type RecordSet = {
    /** Where it stands. */
    name: string;
    type: string;
    ttlSeconds: number;
    /** Sorted. */
    values: string[];
    /** Whether the provider's own addresses answer instead. */
    proxied?: boolean;
};
/** How a URL answers over HTTPS. */
export type UrlHttps = {
    /** Where its certificate comes from. `auto`: from the CA that is set up; `own`: the one among those that were brought which covers the name and is good for longest; `none`: it answers over plain HTTP alone. */
    mode: 'none' | 'auto' | 'own';
    /** `pending`: there is no certificate yet; `placeholder`: one that nobody trusts stands in; `expired`: browsers refuse it. */
    state: 'none' | 'pending' | 'valid' | 'placeholder' | 'expired';
    /** Whether plain HTTP leads to HTTPS. */
    redirect: boolean;
    /** Null: browsers are told nothing. */
    hsts: Hsts | null;
    /** The oldest version that is spoken. TLS 1.2 is Mozilla's intermediate profile. */
    minimumTls: 'TLSv1.2' | 'TLSv1.3';
    /** The one that answers. */
    certificate: CertificateBrief | null;
    /** When the next one is asked for; null: never. */
    renewAt: Time | null;
    /** Why the last try did not succeed. */
    problem: {
        message: string;
        hint: string | null;
        at: Time;
    } | null;
};
/** `Strict-Transport-Security`: browsers then use nothing but HTTPS, whatever happens here. */
export type Hsts = {
    /** How long a browser remembers; 0 makes it forget. */
    maxAgeSeconds: number;
    includeSubDomains: boolean;
    /** Wants `includeSubDomains` and a year, as the list of browsers does. */
    preload: boolean;
};
/** A certificate as other things mention it. */
export type CertificateBrief = {
    id: Id;
    /** `acme`: of the CA; `own`: brought by somebody; `placeholder`: made here, trusted by nobody. */
    kind: 'acme' | 'own' | 'placeholder';
    names: string[];
    /** Who signed it. */
    issuer: string;
    notBefore: Time;
    /** When it expires. */
    notAfter: Time;
    /** SHA-256 of its DER, in lower-case hex. */
    fingerprint: string;
};
/** What the public path answered to a question under this name. */
export type Probed = {
    at: Time;
    ok: boolean;
    /** What was answered. */
    detail: string;
};
/** The newest operation about the URL. */
export type UrlOperation = {
    id: Id;
    kind: 'deployment' | 'settings-change' | 'site-repair' | 'environment-deletion' | 'service-deletion' | 'url-attach' | 'url-detach' | 'drift-revert' | 'drift-adopt' | 'url-change' | 'certificate-renewal' | 'url-take-over';
    status: 'queued' | 'running' | 'succeeded' | 'failed' | 'reverted' | 'cancelled' | 'superseded' | 'stuck';
    problem: Problem | null;
};
/** What attaching a URL would change. Nothing is changed yet. */
export type UrlPlan = {
    /** Its canonical form. */
    hostname: string;
    /** As people read it. */
    unicode: string;
    wildcard: boolean;
    kind: 'site' | 'redirect' | 'self';
    url: string;
    redirectTo: string | null;
    redirectStatus: 301 | 302 | 307 | 308 | null;
    gateway: 'builtin' | 'nginx';
    dns: {
        /** Who makes the records. `auto`: the provider that holds the zone, or a person when no provider is set up; `manual`: a person; `none`: nobody, the name leads here already. */
        mode: 'auto' | 'manual' | 'none';
        /** Who holds the zone; null: none of those that are set up. */
        provider: {
            id: Id;
            kind: string;
            label: string;
        } | null;
        zone: string | null;
        /** What would be made, or has to be made by hand. */
        changes: RecordChange[];
        conflicts: RecordConflict[];
        /** What is good to know about them. */
        notes: string[];
    };
    https: UrlPlanHttps;
    /** What the gateway lacks. */
    findings: Finding[];
    /** Whether nothing known stands in the way. */
    possible: boolean;
};
/** One record set, from what stands to what is wanted. */
export type RecordChange = {
    name: string;
    type: string;
    /** What stands there; null: nothing. */
    before: RecordSet | null;
    /** What is to stand there; null: nothing. */
    after: RecordSet | null;
};
/** Records that are not ours and in the way. They are never touched. */
export type RecordConflict = {
    name: string;
    type: string;
    /** What stands there. */
    values: string[];
    /** Why it is in the way. */
    message: string;
};
/** How a URL would answer over HTTPS. */
export type UrlPlanHttps = {
    /** Where its certificate comes from. `auto`: from the CA that is set up; `own`: the one among those that were brought which covers the name and is good for longest; `none`: it answers over plain HTTP alone. */
    mode: 'none' | 'auto' | 'own';
    /** Whether plain HTTP leads to HTTPS. */
    redirect: boolean;
    /** Null: browsers are told nothing. */
    hsts: Hsts | null;
    /** The oldest version that is spoken. TLS 1.2 is Mozilla's intermediate profile. */
    minimumTls: 'TLSv1.2' | 'TLSv1.3';
    /** How the CA is shown that the name is ours; null: no CA is asked. */
    challenge: 'http-01' | 'dns-01' | null;
    /** The CA that is asked; null: none. */
    authority: string | null;
    /** The one that would answer, if it is there already. */
    certificate: CertificateBrief | null;
    /** What is good to know. */
    notes: string[];
    /** What a certificate lacks. */
    findings: Finding[];
};
/** Something outside that keeps URLs from working, or will. */
export type Finding = {
    /** `problem`: no URL can be attached before it is mended. */
    level: 'problem' | 'warning';
    /** What is wrong. */
    message: string;
    /** What to do about it, with the exact line to add if there is one. */
    remedy: string;
};
/** An uploaded archive, kept as it came. */
export type Bundle = {
    digest: Digest;
    service: Name;
    format: 'zip' | 'tar' | 'tar.gz' | 'tar.zst';
    /** Bytes of the archive. */
    size: number;
    fileCount: number;
    /** Bytes of all files together. */
    unpackedSize: number;
    strippedFolder: string | null;
    dropped: string[];
    droppedCount: number;
    warnings: string[];
    createdAt: Time;
};
export type BundleDiffBuckets = {
    /** Of the canonical tar of the folder. */
    digest: Digest;
    /** 1,024 × 16 bytes: the first half of the SHA-256 of each bucket. */
    buckets: string;
};
export type BundleDiffEntries = {
    digest: Digest;
    /** The bundle named by the first answer. */
    base: Digest | null;
    entries: BundleFile[];
};
export type BundleFile = {
    path: string;
    size: number;
    sha256: Digest;
};
export type BundleDiffAnswer = {
    /** True: the service holds the bundle already; nothing is to be sent. */
    known: boolean;
    base: Digest | null;
    /** Buckets that differ from the base: send their entries. */
    buckets: number[];
    /** Contents that the service does not hold: send them. */
    missing: Digest[];
};
/** A bundle with the list of its files. */
export type BundleManifest = {
    digest: Digest;
    service: Name;
    format: 'zip' | 'tar' | 'tar.gz' | 'tar.zst';
    /** Bytes of the archive. */
    size: number;
    fileCount: number;
    /** Bytes of all files together. */
    unpackedSize: number;
    strippedFolder: string | null;
    dropped: string[];
    droppedCount: number;
    warnings: string[];
    createdAt: Time;
    files: BundleFile[];
};
/** Who did what to which thing, when. */
export type Event = {
    number: number;
    at: Time;
    kind: string;
    actor: Actor;
    service: string | null;
    environment: string | null;
    operation: Id | null;
    data: Record<string, unknown>;
};
export type SetUpState = {
    open: boolean;
};
/** Who sends this request, and what he may do. */
export type Whoami = {
    /** Null: nobody is signed in. `local`: there is no account yet; this machine is let in. */
    kind: 'local' | 'user' | 'key' | null;
    user: {
        id: Id;
        login: string;
        name: string;
    } | null;
    session: {
        id: Id;
        expiresAt: Time;
    } | null;
    rights: Right[];
    /** Whether the first account is still to be made. */
    setupOpen: boolean;
    /** Whether the page is reached without HTTPS from other machines (--insecure-http). */
    insecure: boolean;
};
export type Right = {
    permissions: Permission[];
    /** Null: in all services, and in the instance as a whole. */
    serviceId: Id | null;
    /** Null: in all environments of the service. */
    environmentId: Id | null;
};
/** What may be done: noun:verb. */
export type Permission = 'services:create' | 'services:read' | 'services:update' | 'services:delete' | 'environments:create' | 'environments:read' | 'environments:update' | 'environments:delete' | 'deployments:read' | 'deployments:deploy' | 'deployments:rollback' | 'deployments:promote' | 'deployments:update' | 'deployments:delete' | 'deployments:approve' | 'bundles:create' | 'bundles:read' | 'bundles:delete' | 'operations:read' | 'operations:cancel' | 'operations:update' | 'events:read' | 'urls:create' | 'urls:read' | 'urls:update' | 'urls:delete' | 'urls:wildcard' | 'users:create' | 'users:read' | 'users:update' | 'users:delete' | 'roles:create' | 'roles:read' | 'roles:update' | 'roles:delete' | 'api-keys:create' | 'api-keys:read' | 'api-keys:update' | 'api-keys:delete' | 'drift:read' | 'drift:update' | 'audit:read' | 'settings:read' | 'settings:update' | 'certificates:create' | 'certificates:read' | 'certificates:delete';
/** A JWT that speaks for a session for ten minutes. */
export type AccessToken = {
    accessToken: string;
    tokenType: 'Bearer';
    expiresAt: Time;
};
/** How far this browser has come with signing in. */
export type PendingSignIn = {
    /** Whose first proof was right; null: nobody is on the way in. */
    login: string | null;
    /** One of these is asked for now. */
    factors: SecondFactor[];
    /** The path that is to be opened then. */
    next: string;
    /** Why the way back from a provider has failed, for five minutes; null: it has not. */
    problem: Problem | null;
};
export type SecondFactor = 'totp' | 'passkey' | 'recovery-code';
/** `toJSON()` of what `navigator.credentials.get` gave. */
export type PasskeyAssertion = {
    /** base64url. */
    id: string;
    /** base64url. */
    rawId: string;
    type: 'public-key';
    response: {
        /** base64url. */
        clientDataJSON: string;
        /** base64url. */
        authenticatorData: string;
        /** base64url. */
        signature: string;
        userHandle?: string | null;
    };
};
/** For `PublicKeyCredential.parseRequestOptionsFromJSON`, and then `navigator.credentials.get`. */
export type PasskeyRequestOptions = {
    rpId: string;
    challenge: string;
    timeout: number;
    userVerification: 'required' | 'preferred' | 'discouraged';
    allowCredentials?: {
        id: string;
        type: 'public-key';
        transports?: string[];
    }[];
};
/** The providers that people may sign in with. */
export type ProviderChoice = {
    items: {
        id: Id;
        label: string;
    }[];
};
/** The page of the provider; it leads back to `sign-in.callback`. */
export type Departure = {
    /** Where the browser is to go. */
    url: string;
};
/** Where a browser goes on that comes back from a provider. */
export type Arrival = {
    /** The path of the page that is to be opened. */
    url: string;
};
/** A credential of a program, for a user. */
export type ApiKey = {
    id: Id;
    name: string;
    /** How the key begins: tells one from another. */
    prefix: string;
    /** For whom it acts. */
    user: {
        id: Id;
        login: string;
    };
    /** What it may at most; null: all that its owner may. Never more than that. */
    permissions: Permission[] | null;
    /** Where, among what the reader may see; null: wherever its owner may. */
    scopes: {
        service: Name;
        /** Null: all environments of the service. */
        environment: Name | null;
    }[] | null;
    /** From where, as CIDR blocks; null: from anywhere. */
    addresses: string[] | null;
    expiresAt: Time | null;
    /** To the minute. */
    lastUsedAt: Time | null;
    lastUsedFrom: string | null;
    /** The key that a rotation has put in its place. */
    replacedBy: Id | null;
    createdAt: Time;
    revision: number;
};
/** An API key with its secret. */
export type NewApiKey = {
    id: Id;
    name: string;
    /** How the key begins: tells one from another. */
    prefix: string;
    /** For whom it acts. */
    user: {
        id: Id;
        login: string;
    };
    /** What it may at most; null: all that its owner may. Never more than that. */
    permissions: Permission[] | null;
    /** Where, among what the reader may see; null: wherever its owner may. */
    scopes: {
        service: Name;
        /** Null: all environments of the service. */
        environment: Name | null;
    }[] | null;
    /** From where, as CIDR blocks; null: from anywhere. */
    addresses: string[] | null;
    expiresAt: Time | null;
    /** To the minute. */
    lastUsedAt: Time | null;
    lastUsedFrom: string | null;
    /** The key that a rotation has put in its place. */
    replacedBy: Id | null;
    createdAt: Time;
    revision: number;
    /** Told this once, and never again. */
    key: string;
};
/** A change, or a refusal (`refused`), with where it came from. */
export type AuditEntry = {
    number: number;
    at: Time;
    kind: string;
    actor: {
        kind: 'local' | 'system' | 'user' | 'key';
        name: string;
        userId?: Id;
        keyId?: Id;
        /** Where it came from; null: from inside. */
        address: string | null;
    };
    service: string | null;
    environment: string | null;
    operation: Id | null;
    data: Record<string, unknown>;
    /** Of this row and of all before it. */
    hash: string;
};
export type RefusalCounts = {
    items: RefusalCount[];
};
/** How often somebody was refused in a minute. */
export type RefusalCount = {
    minute: Time;
    /** An address, the network of an IPv6 one, or an actor beyond his rows. */
    source: string;
    count: number;
};
/** Whether the audit is as it was written. */
export type ChainState = {
    whole: boolean;
    checked: number;
    /** Note it elsewhere: only so it is found out when the end was rewritten. */
    head: {
        number: number;
        hash: string;
    } | null;
    findings: ChainFinding[];
};
export type ChainFinding = {
    number: number;
    kind: string | null;
    at: Time | null;
    /** `altered`: it, or the row before it together with its hash. */
    problem: 'altered' | 'missing' | 'inserted' | 'cut-off' | 'another-head';
};
/** The own account. */
export type Profile = {
    id: Id;
    /** A machine holds API keys and never signs in. */
    kind: 'person' | 'machine';
    login: string;
    name: string;
    disabled: boolean;
    factors: Factors;
    /** Those at things that the reader may see. */
    grants: Grant[];
    createdAt: Time;
    /** The last use of a session or an API key. */
    lastSeenAt: Time | null;
    revision: number;
    /** What this request may do. */
    rights: Right[];
};
/** How the person can sign in. */
export type Factors = {
    password: boolean;
    /** Codes of an authenticator app. */
    totp: boolean;
    passkeys: number;
    /** How many are left. */
    recoveryCodes: number;
    /** Accounts at identity providers. */
    identities: number;
};
/** A role of a user: in the whole instance, a service or an environment. */
export type Grant = {
    id: Id;
    role: Name;
    /** Null: the whole instance. */
    service: Name | null;
    /** Null: all environments of the service. */
    environment: Name | null;
    createdAt: Time;
};
export type Ended = {
    ended: number;
};
/** A sign-in of a person. */
export type Session = {
    id: Id;
    /** Whether this request comes from it. */
    current: boolean;
    /** How the person proved who it is. */
    methods: string[];
    /** Where it was used last. */
    address: string;
    userAgent: string;
    createdAt: Time;
    seenAt: Time;
    expiresAt: Time;
};
/** What an authenticator app has to know. It counts when confirmed. */
export type TotpProposal = {
    /** Base32, to be typed where no picture can be taken. */
    secret: string;
    /** `otpauth://totp/…`, to be shown as a QR code. */
    uri: string;
};
/** How one can sign in from now on. */
export type FactorAdded = {
    factors: Factors;
    /** With the first second factor: told this once, each signs in once. Null: there are some already. */
    recoveryCodes: string[] | null;
};
/** Codes for the day on which the second factor is lost. */
export type RecoveryCodes = {
    /** Each signs in once. */
    recoveryCodes: string[];
};
/** An account: of a person, or of a machine. */
export type User = {
    id: Id;
    /** A machine holds API keys and never signs in. */
    kind: 'person' | 'machine';
    login: string;
    name: string;
    disabled: boolean;
    factors: Factors;
    /** Those at things that the reader may see. */
    grants: Grant[];
    createdAt: Time;
    /** The last use of a session or an API key. */
    lastSeenAt: Time | null;
    revision: number;
};
/** A key in a device or a password manager that signs in. */
export type Passkey = {
    id: Id;
    name: string;
    /** Whether it outlives its device, in a cloud or a password manager. */
    backedUp: boolean;
    createdAt: Time;
    lastUsedAt: Time | null;
};
/** For `PublicKeyCredential.parseCreationOptionsFromJSON`, and then `navigator.credentials.create`. */
export type PasskeyCreationOptions = {
    rp: {
        id: string;
        name: string;
    };
    user: {
        id: string;
        name: string;
        displayName: string;
    };
    challenge: string;
    pubKeyCredParams: {
        type: 'public-key';
        alg: number;
    }[];
    timeout: number;
    excludeCredentials: {
        id: string;
        type: 'public-key';
        transports?: string[];
    }[];
    authenticatorSelection: {
        residentKey: string;
        requireResidentKey: boolean;
        userVerification: 'required' | 'preferred' | 'discouraged';
    };
    attestation: 'none';
};
/** `toJSON()` of what `navigator.credentials.create` gave. */
export type PasskeyRegistration = {
    /** base64url. */
    id: string;
    /** base64url. */
    rawId: string;
    type: 'public-key';
    response: {
        /** base64url. */
        clientDataJSON: string;
        /** base64url. */
        attestationObject: string;
        transports?: string[];
    };
};
/** A new passkey, and how one can sign in from now on. */
export type PasskeyAdded = {
    passkey: Passkey;
    factors: Factors;
    /** With the first second factor: told this once, each signs in once. Null: there are some already. */
    recoveryCodes: string[] | null;
};
/** An OpenID provider that people may sign in with. */
export type IdentityProvider = {
    id: Id;
    label: string;
    issuer: string;
    clientId: string;
    /** False after a restore without the key: it has to be entered again. */
    hasClientSecret: boolean;
    /** To be registered at the provider. */
    redirectUri: string;
    /** Whether its addresses may be of a private network, or of this machine. */
    allowPrivateNetwork: boolean;
    /** Whether whoever it knows gets an account at the first sign-in, by a verified e-mail address. */
    createUsers: boolean;
    /** The role in the whole instance of accounts that are made so; null: none. */
    defaultRole: Name | null;
    /** Only addresses of these domains get an account; empty: all. */
    emailDomains: string[];
    createdAt: Time;
    revision: number;
};
/** Who somebody is at an identity provider, by issuer and subject. */
export type Identity = {
    id: Id;
    issuer: string;
    /** Null: it is not set up any more, and nobody can sign in with it. */
    provider: {
        id: Id;
        label: string;
    } | null;
    /** What the provider calls the person. */
    label: string;
    createdAt: Time;
    lastUsedAt: Time | null;
};
/** A link by which a person chooses a new password, once. */
export type PasswordReset = {
    /** Told this once, and never again. */
    url: string;
    expiresAt: Time;
};
export type PasswordResetDone = {
    login: string;
};
/** A link by which a person makes an account of its own, once. */
export type Invitation = {
    id: Id;
    login: string;
    role: Name;
    /** Null: the whole instance. */
    service: Name | null;
    /** Null: all environments of the service. */
    environment: Name | null;
    invitedBy: Actor;
    /** Whether the inviter still holds what it gives. */
    valid: boolean;
    createdAt: Time;
    expiresAt: Time;
};
/** An invitation with its link. */
export type NewInvitation = {
    id: Id;
    login: string;
    role: Name;
    /** Null: the whole instance. */
    service: Name | null;
    /** Null: all environments of the service. */
    environment: Name | null;
    invitedBy: Actor;
    /** Whether the inviter still holds what it gives. */
    valid: boolean;
    createdAt: Time;
    expiresAt: Time;
    /** Told this once, and never again. */
    url: string;
};
/** A named set of permissions. */
export type Role = {
    name: Name;
    builtIn: boolean;
    permissions: Permission[];
    /** Null for those that come with Fairlead. */
    createdAt: Time | null;
    revision: number;
};
/** Settings of the instance. */
export type Settings = {
    gateway: {
        /** Which gateway URLs use. The builtin one always answers for `<environment>.<service>.localhost`. */
        kind: 'builtin' | 'nginx';
        nginx: {
            /** The program. */
            binary: string | null;
            /** Its configuration file; null: the one that it was built for. */
            config: string | null;
            /** A folder that its configuration includes inside `http { }`. Fairlead makes its links here and touches nothing else. */
            enabled: string | null;
            /** A folder that gets a link to each site as well, as is the custom of Debian. */
            available: string | null;
            /** The command that tests its configuration, word by word. */
            test: string[] | null;
            /** The command that makes it read its configuration anew, word by word. */
            reload: string[] | null;
            /** Where sites answer over HTTP. */
            listen: {
                /** An IP address; null: all of them. */
                address: string | null;
                port: number;
            }[];
            /** The folder where visits are logged; null: that of NGINX's own logs, where its configuration is the usual one; `off`: they are not. */
            logFolder: string | 'off' | null;
            /** A certificate for all host names, if sites are to answer over HTTPS as well (PEM). */
            certificate: string | null;
            /** The key of the certificate (PEM). */
            certificateKey: string | null;
            /** Where sites answer over HTTPS, if there is a certificate. */
            tlsListen: {
                /** An IP address; null: all of them. */
                address: string | null;
                port: number;
            }[];
        };
    };
    dns: {
        /** The public addresses of this server: what A and AAAA records say. */
        addresses: string[];
        /** A name that leads here: records are a CNAME to it, except at the apex of a zone; null: they are addresses. */
        cname: string | null;
        /** How long resolvers may keep a record. */
        ttlSeconds: number;
    };
    https: {
        /** Of URLs to come, when nothing is said of it. `auto` takes a CA whose terms are agreed to. */
        default: 'none' | 'auto' | 'own';
        /** Whether plain HTTP leads to HTTPS. */
        redirect: boolean;
        /** Null: browsers are told nothing. */
        hsts: Hsts | null;
        /** The oldest version that is spoken. TLS 1.2 is Mozilla's intermediate profile. */
        minimumTls: 'TLSv1.2' | 'TLSv1.3';
    };
    certificates: {
        /** The directory of the CA (RFC 8555 §7.1.1); null: none is set up. With another one the terms have to be agreed to anew, and the external account is forgotten. */
        directoryUrl: string | null;
        /** Where the CA writes to; null: nowhere. */
        contact: string | null;
        /** Whether somebody has agreed to the CA's terms of service. Nothing is asked of it before. */
        termsAgreed: boolean;
        /** PEM: what the CA's own HTTPS is trusted by, beside the usual ones. Of a private CA. */
        root: string | null;
        /** Of an account that the CA has given out (RFC 8555 §7.3.4). */
        externalKeyId: string | null;
        /** The kind of certificate, by the name that the CA gives it; null: the usual one. */
        profile: string | null;
        /** How the CA is shown that a name is ours. `auto`: by a DNS record for wildcards, else over HTTP. */
        challenge: 'auto' | 'http-01' | 'dns-01';
        /** Whether the key of the external account is kept. False after a restore without the key: it has to be entered again. */
        externalHmacKeySet: boolean;
    };
    drift: {
        /** Kinds that are put back as soon as they are found. What comes back again and again is left alone after a few times. */
        heal: ('site-text' | 'site-missing' | 'site-link' | 'site-stray' | 'site-foreign' | 'record-changed' | 'record-missing' | 'record-marker' | 'record-stray' | 'tree' | 'link' | 'certificate-file' | 'certificate-served')[];
    };
    revision: number;
};
export type GatewayTest = {
    /** Empty: URLs can be attached. */
    findings: Finding[];
};
/** What a CA says of itself. */
export type AuthorityTest = {
    ok: boolean;
    directoryUrl: string;
    /** Where its terms are to be read; null: it has none. */
    termsOfService: string | null;
    /** Whether it takes an external account to ask it for anything. */
    externalAccountRequired: boolean;
    /** Whether it tells when to renew (RFC 9773). */
    renewalInfo: boolean;
    /** Kinds of certificates by name, with a sentence each. */
    profiles: Record<string, string>;
    /** Why it can not be used; null: it can. */
    problem: Problem | null;
};
/** A DNS provider that is set up. */
export type DnsProvider = {
    id: Id;
    kind: string;
    label: string;
    /** What it was told, without the secrets. */
    config: Record<string, string | number | boolean | string[] | null>;
    /** For each secret field whether it is kept. False after a restore without the key: it has to be entered again. */
    secrets: Record<string, boolean>;
    createdAt: Time;
    revision: number;
};
export type DnsProviderKinds = {
    items: DnsProviderKind[];
};
/** A kind of DNS provider. */
export type DnsProviderKind = {
    kind: string;
    label: string;
    fields: DnsProviderField[];
};
/** What a kind of DNS provider has to be told. */
export type DnsProviderField = {
    name: string;
    label: string;
    type: 'text' | 'number' | 'switch' | 'choice' | 'list';
    /** Of a `choice`; else empty. */
    choices: string[];
    /** Sealed, and never told again. */
    secret: boolean;
    required: boolean;
    /** What it is when it is not given. */
    default: string | number | boolean | string[] | null;
    help: string | null;
    example: string | null;
};
/** What a DNS provider answered when it was asked for its zones. */
export type DnsProviderTest = {
    ok: boolean;
    /** The zones that it holds. */
    zones: string[];
    /** Why it can not be used; null: it can. */
    problem: Problem | null;
};
/** A certificate. Its key is never told. */
export type Certificate = {
    id: Id;
    /** `acme`: of the CA; `own`: brought by somebody; `placeholder`: made here, trusted by nobody. */
    kind: 'acme' | 'own' | 'placeholder';
    names: string[];
    /** Who signed it. */
    issuer: string;
    notBefore: Time;
    /** When it expires. */
    notAfter: Time;
    /** SHA-256 of its DER, in lower-case hex. */
    fingerprint: string;
    /** In lower-case hex. */
    serial: string;
    /** Of the CA that it was asked of; null: of none. */
    directoryUrl: string | null;
    /** When the next one is asked for; null: never. */
    renewAt: Time | null;
    /** Those that answer with it, as far as you may see them. */
    urls: {
        id: Id;
        hostname: string;
    }[];
    createdAt: Time;
};
/** A certificate with its chain. Its key is never told. */
export type CertificateDetails = {
    id: Id;
    /** `acme`: of the CA; `own`: brought by somebody; `placeholder`: made here, trusted by nobody. */
    kind: 'acme' | 'own' | 'placeholder';
    names: string[];
    /** Who signed it. */
    issuer: string;
    notBefore: Time;
    /** When it expires. */
    notAfter: Time;
    /** SHA-256 of its DER, in lower-case hex. */
    fingerprint: string;
    /** In lower-case hex. */
    serial: string;
    /** Of the CA that it was asked of; null: of none. */
    directoryUrl: string | null;
    /** When the next one is asked for; null: never. */
    renewAt: Time | null;
    /** Those that answer with it, as far as you may see them. */
    urls: {
        id: Id;
        hostname: string;
    }[];
    createdAt: Time;
    /** PEM: the certificate first, then those that lead to a root. */
    chain: string;
    /** What some browsers do not take. */
    warnings: {
        message: string;
        hint: string;
    }[];
};
/** One thing that stands otherwise than the database says. */
export type Drift = {
    id: Id;
    /** What is otherwise than it should be. */
    kind: 'site-text' | 'site-missing' | 'site-link' | 'site-stray' | 'site-foreign' | 'record-changed' | 'record-missing' | 'record-marker' | 'record-stray' | 'tree' | 'link' | 'certificate-file' | 'certificate-served';
    /** What it is about: a path, a record, a host name. */
    thing: string;
    /** Null: it is about the instance itself. */
    service: Name | null;
    environment: Name | null;
    url: {
        id: Id;
        hostname: string;
    } | null;
    /** `-` what should stand, `+` what stands. A long one is cut. */
    diff: {
        sign: ' ' | '-' | '+';
        text: string;
    }[];
    /** Of all that counts. Who puts it back or takes it over sends what he has seen. */
    seen: Digest;
    revertable: boolean;
    adoptable: boolean;
    /** What to do instead, when it is not both. */
    why: string | null;
    foundAt: Time;
    lastSeenAt: Time;
    endedAt: Time | null;
    /** `reverted`: put back by somebody; `adopted`: taken into the database; `healed`: put back by itself; `gone`: it is as it should be, or what it was about is gone. */
    end: 'reverted' | 'adopted' | 'healed' | 'gone' | null;
    operation: DriftOperation | null;
    /** Of kinds that heal by themselves. */
    healing: {
        /** How often it was put back lately. */
        count: number;
        /** Null: it comes back again and again, and is left alone. */
        nextAt: Time | null;
    } | null;
};
/** The newest operation that puts it back or takes it over. */
export type DriftOperation = {
    id: Id;
    kind: 'deployment' | 'settings-change' | 'site-repair' | 'environment-deletion' | 'service-deletion' | 'url-attach' | 'url-detach' | 'drift-revert' | 'drift-adopt' | 'url-change' | 'certificate-renewal' | 'url-take-over';
    status: 'queued' | 'running' | 'succeeded' | 'failed' | 'reverted' | 'cancelled' | 'superseded' | 'stuck';
    problem: Problem | null;
};
/** What a look has found. */
export type DriftLook = {
    items: Drift[];
    /** Cursor of the next page; null at the end. */
    next: string | null;
    /** What could not be looked at: findings about it stay as they are. */
    failures: {
        part: string;
        message: string;
        hint: string | null;
    }[];
};
export type ProblemCode = 'malformed' | 'invalid' | 'archive_refused' | 'digest_mismatch' | 'unauthenticated' | 'forbidden' | 'misdirected' | 'not_found' | 'method_not_allowed' | 'conflict' | 'precondition_failed' | 'range_not_satisfiable' | 'cancelled' | 'superseded' | 'too_large' | 'unsupported_media_type' | 'too_slow' | 'too_many_requests' | 'deployment_failed' | 'deployment_reverted' | 'operation_failed' | 'operation_stuck' | 'standing_by' | 'busy' | 'disk_full' | 'unavailable' | 'broken_data' | 'usage' | 'internal';
