/** What publishing takes. */
import type { Log } from '../../base/log.ts'
import type { NginxPlace } from '../../domain/nginx/place.ts'
import type { CandidateOptions } from './candidate.ts'
import type { Changes } from './changes.ts'
import type { Commands } from './commands.ts'
import type { FirstFile } from './first-file.ts'
import type { OperatorChange, OperatorConfig } from './operator.ts'
import type { RunningNginx } from './running.ts'
import type { SecuredNames } from './secured-names.ts'
import type { NginxSetup } from './settings.ts'
import type { SiteFolder } from './site-folder.ts'

export interface PublisherOptions {
  setup: NginxSetup
  place: NginxPlace
  candidate: CandidateOptions
  changes: Changes
  first: FirstFile
  sites: SiteFolder
  secured: SecuredNames
  running: RunningNginx
  operatorConfig: (change?: OperatorChange) => OperatorConfig
  commands: Commands
  log: Log
  reached: (step: string) => void
}
