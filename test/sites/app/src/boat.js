export function render(view, { id }) {
  view.textContent = `Boat ${id}`
}
