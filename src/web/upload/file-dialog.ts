/** The two file dialogs: whatever can be dropped can be chosen, too. Call them from a click. */
import { ARCHIVE_ENDINGS, type Dropped, readChosen } from './dropped.ts'

type OnChosen = (dropped: Dropped) => void

/** Held while its dialog is open: browsers may collect an input that nobody knows. */
let asking: HTMLInputElement | null = null

export function chooseArchive(onChosen: OnChosen) {
  ask((input) => (input.accept = ARCHIVE_ENDINGS), onChosen)
}

export function chooseFolder(onChosen: OnChosen) {
  ask((input) => (input.webkitdirectory = true), onChosen)
}

function ask(prepare: (input: HTMLInputElement) => void, onChosen: OnChosen) {
  const input = document.createElement('input')
  input.type = 'file'
  prepare(input)
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])]
    if (files.length > 0) onChosen(readChosen(files))
  })
  asking = input
  asking.click()
}
