import harbour from './harbour.svg'

export function render(view) {
  const picture = Object.assign(new Image(), { src: harbour, alt: 'A harbour' })
  view.replaceChildren('Home', picture)
}
