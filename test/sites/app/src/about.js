export function render(view) {
  view.textContent = 'About this harbour'
}
