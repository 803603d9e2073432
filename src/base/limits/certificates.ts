const KIB = 1024
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export const certificateLimits = {
  /** Of a chain and of a key, as PEM. */
  chainBytes: 64 * KIB,
  chainCertificates: 10,
  keyBytes: 16 * KIB,
  directoryUrlChars: 500,
  keyIdChars: 500,
  hmacKeyChars: 500,
  profileChars: 100,
  /** Two years, as RFC 6797's readers have it; the list that browsers are built with wants one at least. */
  hstsSecondsMost: 2 * 365 * 24 * 3_600,
  hstsPreloadSecondsLeast: 365 * 24 * 3_600,
  rsaBitsLeast: 2_048,
  /** One that lives no longer is renewed at half of its life, others at two thirds. */
  shortLivedMs: 10 * DAY_MS,
  /** Over how much of their lives certificates that were made together are renewed. */
  renewalSpread: 1 / 12,
  /** A renewal begins before so much of a life is over, whatever a CA says. */
  renewalLatest: 9 / 10,
  /** One that is due at once waits so long after it was ordered; in a short life, for this share of it. */
  renewedAgainMs: DAY_MS,
  renewedAgainShare: 1 / 4,
  /** Until a renewal that failed is tried again: twice as long each time, up to so long. */
  retryMs: 5 * 60_000,
  retryMsMost: 12 * HOUR_MS,
  /** Where there is no certificate, or one that has ended. */
  retryMsMostWithout: HOUR_MS,
  /** Close to the end as often as CAs let one fail: five times an hour for a name. */
  retryMsLeast: 15 * 60_000,
  /** A warning comes so many days before the end; sooner in a life of less than twice the first. */
  warningDays: [30, 14, 7],
  /** How much of its life a certificate may wait for its renewal before that is called late. */
  renewalLate: 1 / 30,
  /**
   * Asked of one CA: below the usual limits (Let's Encrypt: 300 orders in three hours), with room for what people wish
   * beside what is due by itself.
   */
  ordersPerHour: 100,
  renewalsPerHour: 60,
  ordersAtOnce: 4,
  /** Until an order has its turn, and how often it looks. */
  turnMs: 10 * 60_000,
  turnPauseMs: 1_000,
  /** However long a CA wants to be left alone. */
  blockedMsMost: DAY_MS,
  /** How often one CA is asked when it wants renewals, each minute. */
  windowsPerLook: 20,
  /** Until it is asked again at the soonest, and when it has no answer. */
  windowMs: HOUR_MS,
  windowMsMost: 6 * HOUR_MS,
  /** How often the gateway is asked for what the CA will ask it for: some half a minute. */
  gatewayRounds: 10,
  /** Of the TXT record that a CA asks for, and how often a set is read again that others change as well. */
  textTtlSeconds: 60,
  textAttempts: 10,
  /** Of a certificate that is made here and stands in for another one. */
  placeholderMs: 365 * DAY_MS,
  /** Until a certificate that was superseded is forgotten. */
  supersededMs: 30 * DAY_MS,
  own: 1_000,
} as const

/** Of asking a CA. */
export const acmeLimits = {
  /** One request, from the call to its answer: some CAs sign while one waits. */
  answerMs: 30_000,
  answerBytes: 256 * KIB,
  /** Of one host that a CA checks, and of a certificate that it makes: together less than a step may take. */
  patienceMs: 5 * 60_000,
  /** Between two looks, from the first to the most; the most is also the longest Retry-After that is waited for. */
  pollMs: 200,
  pollMsMost: 10_000,
  /** How often a request is sent that fails in passing, and with a nonce that is refused. */
  attempts: 4,
  pauseMs: 500,
  nonceAttempts: 20,
  nonces: 20,
  /** A CA that has had enough without saying until when, and the longest that it may want to be left alone. */
  blockedMs: HOUR_MS,
  blockedMsMost: 7 * DAY_MS,
  /** What is read of its directory stands for so long. */
  directoryMs: 10 * 60_000,
  /** RFC 9773 §4.3.2. */
  renewalLookMs: 6 * HOUR_MS,
  renewalLookMsLeast: 60_000,
  renewalLookMsMost: DAY_MS,
  names: 100,
  parallel: 4,
  challenges: 20,
  profiles: 50,
  urlChars: 2_000,
  tokenChars: 200,
  textChars: 2_000,
  subproblems: 100,
} as const
