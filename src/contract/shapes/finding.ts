import { z } from 'zod'

export const Finding = z
  .object({
    level: z
      .enum(['problem', 'warning'])
      .meta({ description: '`problem`: no URL can be attached before it is mended.' }),
    message: z.string().meta({ description: 'What is wrong.' }),
    remedy: z
      .string()
      .meta({ description: 'What to do about it, with the exact line to add if there is one.' }),
  })
  .meta({ id: 'Finding', description: 'Something outside that keeps URLs from working, or will.' })
export type Finding = z.infer<typeof Finding>
