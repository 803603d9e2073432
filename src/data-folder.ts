/** The folder that holds everything, before anything is opened in it. */
import { access, constants } from 'node:fs/promises'
import { errnoOf, Fault } from './base/fault.ts'
import { prepareDataFolder } from './drivers/disk/index.ts'

/** Throws `broken_data`. */
export async function openDataFolder(data: string): Promise<void> {
  try {
    await prepareDataFolder(data)
    await access(data, constants.W_OK)
  } catch (cause) {
    throw new Fault(
      'broken_data',
      `The data folder ${data} can't be made or written (${errnoOf(cause) ?? 'unknown'}).`,
      {
        hint: 'Give it to the user that runs Fairlead, or name another one with --data.',
        cause,
      },
    )
  }
}
