/** What visitors notice of certificates that are renewed by a real CA, at both gateways. */
import { renewUnderLoad } from '../test/app/renewing.ts'
import { type Figure, median, type Result } from './measure.ts'

const RENEWALS = 20

async function renewed(gateway: 'nginx' | 'builtin'): Promise<Result> {
  const { asked, failed, certificates, ms } = await renewUnderLoad(gateway, RENEWALS)
  return {
    figure: `${RENEWALS} renewals under load at ${gateway === 'nginx' ? 'NGINX' : 'the builtin gateway'} (${asked} answers)`,
    ours: median(ms),
    peer: null,
    unit: 'ms',
    judged: `${failed.length} failed`,
    target: '0 failed',
    ok: failed.length === 0 && certificates.size === RENEWALS,
  }
}

export const renewalFigure: Figure = {
  name: 'renewal',
  run: async () => [await renewed('nginx'), await renewed('builtin')],
}
