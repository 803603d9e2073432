/** One question to one name server, as a resolver would ask it: unsigned, without recursion. */
import type { Clock } from '../../base/clock.ts'
import { NoAnswer } from '../../base/dns/exchange.ts'
import { DnsPeer } from '../../base/dns/peer.ts'
import { dataText, typeNumber } from '../../base/dns/rdata.ts'
import { MalformedMessage } from '../../base/dns/wire.ts'
import { LIMITS } from '../../base/limits.ts'
import type { AskNameServer } from '../../ports/dns.ts'

/** Rejects with the signal's reason only. */
export const askNameServer =
  (clock: Clock): AskNameServer =>
  async ({ address, port }, question, signal) => {
    const late = AbortSignal.timeout(LIMITS.dnsExchange.answerMs)
    const type = typeNumber(question.type)
    try {
      const peer = new DnsPeer({ place: { address, port }, key: null, clock })
      const message = await peer.ask({ name: question.name, type }, AbortSignal.any([late, signal]))
      const isAnswered = message.rcode === 'NOERROR' || message.rcode === 'NXDOMAIN'
      if (!isAnswered || !message.isAuthoritative) return null
      const own = message.answers.filter((record) => record.name === question.name && record.type === type)
      return [...new Set(own.map(({ data }) => dataText(type, data)))].toSorted()
    } catch (thrown) {
      signal.throwIfAborted()
      if (thrown instanceof NoAnswer || thrown instanceof MalformedMessage || late.aborted) return null
      throw thrown
    }
  }
