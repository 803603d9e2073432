/** The files of host names, and of what they are answered by (DESIGN §4). */
import { join } from 'node:path'
import { fileStem } from '../../domain/host-files.ts'
import type { Hostname } from '../../domain/host-site.ts'

export { fileStem, hostnameOfStem } from '../../domain/host-files.ts'

/** Key and chain, as gateways read them. */
export const certificatePath = (data: string, id: string): string =>
  join(certificatesFolder(data), `${id}.pem`)

export const certificatesFolder = (data: string): string => join(data, 'certificates')

/** What a CA asks host names for: a folder each. */
export const challengesFolder = (data: string): string => join(data, 'challenges')

export const challengeFolder = (data: string, hostname: Hostname): string =>
  join(challengesFolder(data), fileStem(hostname))

/** A token (RFC 8555 §8.3), and no path whatever a CA or a visitor sends. */
export const CHALLENGE_TOKEN = /^[A-Za-z0-9_-]{1,128}$/
