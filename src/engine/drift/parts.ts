/** Every part of the world that is looked at, in the order of the look. */
import { linksPart } from './links.ts'
import type { DriftPart, DriftTools } from './part.ts'
import { treesPart } from './trees.ts'

export const driftParts = (tools: DriftTools): DriftPart[] => [treesPart(tools), linksPart(tools)]
