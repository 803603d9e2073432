/** The stage of URLs with a CA in memory and a clock that is turned by hand. */
import { expect } from 'bun:test'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { changeUrl, renewUrl } from '../../src/engine/url/certificate/change.ts'
import { httpsOf } from '../../src/engine/url/certificate/view.ts'
import type { HttpsWish } from '../../src/engine/url/claim.ts'
import type { OperationRow } from '../../src/store/operations.ts'
import type { UrlRow } from '../../src/store/urls.ts'
import { DIRECTORY } from './outside-authority.ts'
import { requireNoStrays } from './strays.ts'
import { UrlStage } from './url-stage.ts'

const START = Date.UTC(2026, 0, 1)

export class HttpsStage extends UrlStage {
  /** The time, wherever it is asked for. */
  at = START

  constructor() {
    super()
    // The sweep of each minute is called by hand.
    this.outside.longestMs = 59_999
    const { clock, store } = this.world
    clock.now = () => this.at
    this.outside.authority.now = () => this.at
    store.settings.put('certificates', {
      ...store.settings.read().certificates,
      directoryUrl: DIRECTORY,
      termsAgreed: true,
    })
  }

  https = (row: UrlRow) => httpsOf(this.world, this.world.store.urls.required(row.id))

  change(row: UrlRow, wish: HttpsWish): Promise<OperationRow> {
    return this.ended(changeUrl(this.engine, row.id, { wish, actor: LOCAL_ACTOR }).operationId)
  }

  renew(row: UrlRow): Promise<OperationRow> {
    return this.ended(renewUrl(this.engine, row.id, LOCAL_ACTOR).operationId)
  }

  /** Files, rows, records and challenges are those of the URLs that there are, and no more. */
  requireNoOrphans(): void {
    requireNoStrays(this.world.store, this.outside)
    expect(this.outside.names.dump().filter((text) => text.startsWith('_acme-challenge'))).toEqual([])
  }
}
