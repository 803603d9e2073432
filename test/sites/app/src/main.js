import './style.css'

const pages = [
  [/^\/$/, () => import('./home.js')],
  [/^\/about$/, () => import('./about.js')],
  [/^\/boats\/(?<id>\d+)$/, () => import('./boat.js')],
]

/** History routing: every path is drawn in the browser, from one index.html. */
async function show(path) {
  const view = document.querySelector('#view')
  for (const [pattern, load] of pages) {
    const match = pattern.exec(path)
    if (!match) continue
    const { render } = await load()
    return render(view, match.groups ?? {})
  }
  view.textContent = 'Nothing here'
}

document.addEventListener('click', (event) => {
  const link = event.target.closest('a')
  if (!link || link.origin !== location.origin) return
  event.preventDefault()
  history.pushState(null, '', link.href)
  show(location.pathname)
})
window.addEventListener('popstate', () => show(location.pathname))
show(location.pathname)
