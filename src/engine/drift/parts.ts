/** Every part of the world that is looked at, in the order of the look. */
import { certificatesPart } from './certificates.ts'
import { linksPart } from './links.ts'
import type { DriftPart, DriftTools } from './part.ts'
import { recordsPart } from './records-part.ts'
import { sitesPart } from './sites-part.ts'
import { treesPart } from './trees.ts'

export const driftParts = (tools: DriftTools): DriftPart[] => [
  treesPart(tools),
  linksPart(tools),
  sitesPart(tools.world),
  recordsPart(tools.world),
  certificatesPart(tools.world),
]
