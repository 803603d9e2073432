/** Everything has a limit, with its unit in the name, in this one file and its folder. */

import { acmeLimits, certificateLimits } from './limits/certificates.ts'
import { driftLimits } from './limits/drift.ts'
import { factorLimits } from './limits/factors.ts'
import { nginxLimits } from './limits/nginx.ts'

const KIB = 1024
const MIB = 1024 * KIB
const GIB = 1024 * MIB

export const LIMITS = {
  archive: {
    packedBytes: 1 * GIB,
    unpackedBytes: 4 * GIB,
    fileBytes: 1 * GIB,
    entries: 100_000,
    depth: 64,
    segmentBytes: 255,
    pathBytes: 1024,
    /** Unpacked to packed bytes; judged only when more than `ratioFloorBytes` come out. */
    ratio: 200,
    ratioFloorBytes: 10 * MIB,
    /** The central directory of a ZIP, read into memory at once. */
    directoryBytes: 64 * MIB,
    /** One pax or GNU long-name record of a tar. */
    tarHeaderBytes: 64 * KIB,
    zstdWindowLog: 23,
    rulesFileBytes: 256 * KIB,
  },
  folder: {
    /** The list of files that a folder deploy sends: some 200 bytes a file, 100,000 files. */
    entriesBytes: 32 * MIB,
    /** Bundles of a service that a folder is compared with. */
    bases: 4,
  },
  gzip: { minimumBytes: 1024, minimumSavingPercent: 10 },
  http: {
    jsonBodyBytes: 1 * MIB,
    /** A folder's changed files travel as one tar: as large as an archive. */
    uploadBytes: 1 * GIB + 16 * MIB,
    /** A connection on which nothing moves; uploads and streams lift it. */
    idleSeconds: 30,
    jsonBodyMs: 15_000,
    jsonDepth: 32,
    jsonKeys: 10_000,
    /** Of a folder's list of files, the one JSON body that grows with a site. */
    folderJsonKeys: 3 * 100_000 + 1_000,
    /** Headers of a part, and what may stand before and after the parts. */
    multipartHeaderBytes: 8 * KIB,
    slowBodyWindowMs: 60_000,
    slowBodyBytesPerWindow: 60 * KIB,
    waitMs: 10 * 60_000,
    idempotencyMs: 24 * 3_600_000,
    streamHeartbeatMs: 15_000,
    /** A reader that takes nothing for so long is dropped; its place is kept by Last-Event-ID. */
    streamStalledMs: 60_000,
    streamBatchRows: 200,
    pageItems: 50,
    pageItemsMost: 200,
  },
  disk: {
    /** Uploads are refused when less than the larger of the two would stay free. */
    reserveBytes: 1 * GIB,
    reservePercent: 5,
    trashMs: 60_000,
    /** Of the name that something had, behind what makes it another one: together no longer than names can be. */
    trashNameBytes: 150,
    /** How many live trees a new one is compared with, to link equal files. */
    bases: 4,
    /** Among how many earlier deployments the trees to retain are looked for. */
    retainLookBack: 1_000,
    /** A tree that was unpacked ahead of its deployment is retired when none has come. */
    unusedTreeMs: 10 * 60_000,
    stagingMs: 60_000,
  },
  log: {
    linesPerOperation: 5_000,
    lineChars: 4_096,
  },
  /** Larger files are not sampled: an answer is held in memory while it is compared. */
  verify: { files: 64, parallel: 8, answerMs: 10_000, fileBytes: 8 * MIB, keptBytes: 64 * KIB },
  operation: {
    stepMs: 15 * 60_000,
    probeMs: 5_000,
    attempts: 3,
    sweepMs: 60_000,
    /** Running at the same time, over all environments. */
    parallel: 8,
    /** Beside those: about URLs, which mostly wait for name servers. */
    parallelUrls: 32,
    /** And those that put drift back or take it over. */
    parallelDrift: 4,
    /** Until an operation whose journal could not be written is tried again. */
    resumeMs: 2_000,
  },
  names: { messageChars: 500, displayChars: 80 },
  /** RFC 1035 §2.3.4, without the trailing dot; and of a name as it is typed, in any script. */
  hostname: { bytes: 253, labelBytes: 63, typedChars: 1_000 },
  dns: {
    /** Shorter, and every visitor's resolver asks anew; longer, and a moved name leads to the old place for days. */
    ttlSecondsLeast: 30,
    ttlSecondsMost: 86_400,
    /** One character-string of a TXT record (RFC 1035 §3.3). */
    textBytes: 255,
    /** The longest spelling of an IPv6 address (RFC 4291 §2.2). */
    addressChars: 45,
    /** Of this server, in one record set. */
    addresses: 16,
  },
  account: {
    accessTokenSeconds: 600,
    accessTokenChars: 4_096,
    /** A session ends when it was not used for so long, and in any case. */
    sessionIdleMs: 7 * 24 * 3_600_000,
    sessionMs: 30 * 24 * 3_600_000,
    /** How often "last seen" and "last used" are written. */
    seenMs: 60_000,
    userAgentChars: 200,
    /** From where a person has signed in, that is remembered: the latest. */
    knownSources: 100,
    invitationMs: 7 * 24 * 3_600_000,
    passwordResetMs: 24 * 3_600_000,
    /** How often streams look whether another process has changed what their readers may see. */
    accessLookMs: 500,
  },
  audit: {
    /** Rows that one search looks through, and that one answer of the verification names. */
    searchRows: 20_000,
    findings: 100,
    exportRows: 500,
    /** Of one actor; further refusals are counted. */
    refusalRowsPerMinute: 60,
    refusalSources: 10_000,
    refusalFlushMs: 2_000,
    refusalCountsMs: 30 * 24 * 3_600_000,
  },
  apiKey: {
    defaultMs: 90 * 24 * 3_600_000,
    overlapSeconds: 24 * 3_600,
    overlapSecondsMost: 30 * 24 * 3_600,
    addresses: 32,
    scopes: 100,
  },
  password: {
    chars: 8,
    /** bcrypt reads no further. */
    bytes: 72,
    /** Characters that are neither the owner's name nor login nor the program's name. */
    ownChars: 6,
    hashMs: 250,
    leastCost: 10,
    mostCost: 15,
    /** A line of standard input that holds a password or a key. */
    lineBytes: 8 * KIB,
    /** Sign-ins that wait for their turn to be hashed. */
    waiting: 100,
  },
  /** RFC 5321 §4.5.3.1, and erratum 1690 for the whole. */
  email: { chars: 254, localChars: 64, labelChars: 63 },
  /** `base/rate.ts` tells what the words mean. */
  rate: {
    /** Sources or accounts that each limit remembers. */
    keys: 20_000,
    /** Of proving who one is, by where it came from and by whom it was about. */
    failuresBySource: { burst: 10, perMinute: 10, debt: 100 },
    failuresByAccount: { burst: 20, perMinute: 2, debt: 20 },
    /** Requests without credentials that hold, by source; and those of a user or key. */
    strangers: { burst: 600, perMinute: 3_000, debt: 0 },
    actors: { burst: 2_000, perMinute: 6_000, debt: 0 },
    /** Of a source; of a user or key. */
    requestsAtOnce: 256,
    streamsAtOnce: 256,
    uploadsAtOnce: 16,
  },
  factors: factorLimits,
  identityProvider: {
    providers: 20,
    answerMs: 10_000,
    answerBytes: 256 * KIB,
    /** Until its metadata is asked for again. */
    metadataMs: 10 * 60_000,
    issuerChars: 500,
    clientIdChars: 500,
    secretChars: 2_000,
    emailDomains: 50,
    nextChars: 500,
  },
  url: {
    redirectChars: 1_100,
    /** How often a name server is asked for what was written, with pauses that grow by so much: some two minutes. */
    nameServerRounds: 20,
    nameServerPauseMs: 500,
    /** Until nobody answers by an older configuration any more; then the sweep goes on looking. */
    settledMs: 10_000,
    /** Of the commands that test and reload a gateway. */
    words: 20,
    argumentChars: 1_000,
    listens: 20,
    /** Of an operator's files that are taken over together. */
    takenFiles: 50,
    takenNames: 500,
    pathChars: 4_096,
  },
  certificate: certificateLimits,
  acme: acmeLimits,
  drift: driftLimits,
  dnsProvider: { providers: 50, fields: 50, fieldNameChars: 50, kindChars: 50 },
  rules: {
    staticRedirects: 2_000,
    dynamicRedirects: 100,
    headerRules: 100,
    /** Of all headers in a `_headers`, and how often their values use placeholders. */
    headerChars: 65_536,
    headerCaptures: 50,
    lineChars: 2_000,
    /** Of a path in a rule, decoded: as an expression it has to fit into a word of NGINX's configuration. */
    pathBytes: 384,
    /** Placeholders that one value uses: NGINX has no more. */
    captures: 9,
  },
  gateway: {
    /** Files up to this are read at once; larger ones are sent by the kernel. */
    smallFileBytes: 64 * KIB,
    /** Visitors have nothing to send. */
    requestBodyBytes: 64 * KIB,
    idleSeconds: 60,
    /** What a CA asks for is a hundred characters. */
    challengeBytes: 4 * KIB,
    /** Of HTTPS: until a visitor and the gateway are agreed, and how many may be at it. */
    handshakeMs: 10_000,
    handshakesAtOnce: 1_000,
    /** Each takes three descriptors. */
    tlsConnections: 10_000,
    /** Kept in memory, read and ready. */
    certificates: 2_000,
  },
  /** Of DNS as it is spoken, and of the APIs of those who hold zones. */
  dnsExchange: {
    /** One question, update or request to a provider, from the call to its answer. */
    answerMs: 10_000,
    transferMs: 60_000,
    /** Until a datagram counts as lost, and how often it is sent before TCP is tried. */
    udpAnswerMs: 1_500,
    udpAttempts: 2,
    /** Questions to one server at the same time. */
    questionsAtOnce: 8,
    /** Of one zone, as it is transferred. */
    zoneBytes: 64 * MIB,
    zoneRecords: 500_000,
    /** Of a provider's HTTP API. */
    answerBytes: 16 * MIB,
    pages: 1_000,
    zones: 10_000,
    /** How often a change is looked at and tried until it stands, or a request that failed in passing. */
    attempts: 4,
    pauseMs: 500,
    /** The longest that a provider may have us wait (Retry-After) before we give up. */
    retryAfterMs: 30_000,
    textBytes: 4_096,
    ttlSeconds: 2 ** 31 - 1,
  },
  nginx: nginxLimits,
  run: { outputBytes: 64 * KIB, deadlineMs: 30_000 },
} as const

/** The limits of `LIMITS.archive`, any of which may be set lower. */
export type ArchiveLimits = { readonly [Key in keyof (typeof LIMITS)['archive']]: number }
