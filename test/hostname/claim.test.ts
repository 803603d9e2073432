import { describe, expect, test } from 'bun:test'
import { type Claim, claimProblem } from '../../src/domain/claim.ts'

const NOW = 1_000_000
const [A, B] = ['service-a', 'service-b']

const ROWS: [
  name: string,
  claims: [hostname: string, serviceId: string | null],
  existing: Claim[],
  says: string | null,
][] = [
  ['a free name', ['a.example.com', B], [{ hostname: 'b.example.com', serviceId: A }], null],
  [
    'N07: a name of another',
    ['a.example.com', B],
    [{ hostname: 'a.example.com', serviceId: A }],
    'is used by another service',
  ],
  [
    "N07: below another's wildcard",
    ['a.example.com', B],
    [{ hostname: '*.example.com', serviceId: A }],
    'is used by another service',
  ],
  [
    "N07: a wildcard below another's",
    ['*.a.example.com', B],
    [{ hostname: '*.example.com', serviceId: A }],
    'is used by another service',
  ],
  [
    "N07: another's wildcard",
    ['*.example.com', B],
    [{ hostname: '*.example.com', serviceId: A }],
    'is used by another service',
  ],
  [
    "Fairlead's own page",
    ['a.example.com', B],
    [{ hostname: 'a.example.com', serviceId: null }],
    'is used by another service',
  ],
  [
    'a name of its own',
    ['a.example.com', B],
    [{ hostname: 'a.example.com', serviceId: B }],
    'is a URL of this service already',
  ],
  ['below its own wildcard', ['a.example.com', B], [{ hostname: '*.example.com', serviceId: B }], null],
  [
    "N04: a wildcard above another's name, which still wins",
    ['*.example.com', B],
    [{ hostname: 'a.example.com', serviceId: A }],
    null,
  ],
  [
    "a wildcard above another's wildcard",
    ['*.example.com', B],
    [{ hostname: '*.a.example.com', serviceId: A }],
    null,
  ],
  ['beside a wildcard', ['example.com', B], [{ hostname: '*.example.com', serviceId: A }], null],
  [
    'N07: within the hold of another',
    ['a.example.com', B],
    [{ hostname: 'a.example.com', serviceId: A, heldUntil: NOW + 1 }],
    'was used by another service until lately',
  ],
  [
    "N07: below another's wildcard that is held",
    ['a.example.com', B],
    [{ hostname: '*.example.com', serviceId: A, heldUntil: NOW + 1 }],
    'was used by another service',
  ],
  [
    "N07: a wildcard above another's held name",
    ['*.example.com', B],
    [{ hostname: 'a.example.com', serviceId: A, heldUntil: NOW + 1 }],
    'a.example.com was used by another service',
  ],
  [
    'within its own hold',
    ['a.example.com', A],
    [{ hostname: 'a.example.com', serviceId: A, heldUntil: NOW + 1 }],
    null,
  ],
  [
    'after the hold',
    ['a.example.com', B],
    [{ hostname: 'a.example.com', serviceId: A, heldUntil: NOW }],
    null,
  ],
  [
    'a hold that ended does not hide one that stands',
    ['a.example.com', B],
    [
      { hostname: 'a.example.com', serviceId: A, heldUntil: NOW },
      { hostname: '*.example.com', serviceId: A },
    ],
    'is used by another service',
  ],
]

describe('whose a name is', () => {
  for (const [name, [hostname, serviceId], existing, says] of ROWS)
    test(name, () => {
      const problem = claimProblem(hostname, { serviceId, existing, now: NOW })
      if (says === null) return expect(problem).toBeNull()
      expect(problem?.hint).toBeString()
      expect(problem?.message).not.toContain(A)
      return expect(problem?.message).toContain(says)
    })
})
