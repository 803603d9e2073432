import type { Drift } from '../../contract/shapes/drift.ts'
import { useEndDrift, type WayOut } from '../data/drift.ts'
import { announce } from '../parts/announcer.tsx'
import { FormDialog } from '../parts/form-dialog.tsx'
import { Diff } from './diff.tsx'
import styles from './drift.module.css'
import { adoptWords, REVERT_WORDS } from './drift-words.ts'

interface EndDialogProps {
  drift: Drift
  way: WayOut
  onClose: () => void
}

/** Says what a way out will do before it does it. Mount it to open it. */
export function EndDialog({ drift, way, onClose }: EndDialogProps) {
  const end = useEndDrift(drift)
  const isRevert = way === 'revert'
  const submit = () =>
    end.mutate(way, {
      onSuccess() {
        announce(`${isRevert ? 'Putting back' : 'Taking over'} ${drift.thing}.`)
        onClose()
      },
    })
  return (
    <FormDialog
      title={isRevert ? 'Put it back?' : 'Take over what stands?'}
      action={isRevert ? 'Revert' : 'Adopt'}
      size="lg"
      isPending={end.isPending}
      problem={end.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className={styles.dialogThing}>{drift.thing}</p>
      <p>{isRevert ? REVERT_WORDS[drift.kind] : adoptWords(drift.kind)}</p>
      <Diff lines={drift.diff} label="What should stand and what stands" />
    </FormDialog>
  )
}
