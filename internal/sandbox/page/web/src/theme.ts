// Light or dark: as the system says, until the person says otherwise.
const key = 'callbot.theme'

const system = window.matchMedia('(prefers-color-scheme: dark)')

/** what the person said, as far as it is known yet */
let own: string | null = null

export function theme(): 'light' | 'dark' {
  return own === 'light' || own === 'dark' ? own : system.matches ? 'dark' : 'light'
}

export function showTheme(): void {
  document.documentElement.dataset.theme = theme()
}

/** recallTheme shows what the person said on an earlier visit. The browser first looks on its disk for what it keeps, which may take a while. */
export function recallTheme(): void {
  try {
    own = localStorage.getItem(key)
  } catch {
    return
  }
  showTheme()
}

export function toggleTheme(): 'light' | 'dark' {
  const next = theme() === 'dark' ? 'light' : 'dark'
  own = next
  try {
    localStorage.setItem(key, next)
  } catch {
    // a browser that keeps nothing forgets it on the next visit
  }
  showTheme()
  return next
}

system.addEventListener('change', showTheme)
