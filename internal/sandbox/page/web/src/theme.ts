// Light or dark: as the system says, until the person says otherwise.
const key = 'callbot.theme'

const system = window.matchMedia('(prefers-color-scheme: dark)')

export function theme(): 'light' | 'dark' {
  const own = stored()
  return own === 'light' || own === 'dark' ? own : system.matches ? 'dark' : 'light'
}

function stored(): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

export function showTheme(): void {
  document.documentElement.dataset.theme = theme()
}

export function toggleTheme(): 'light' | 'dark' {
  const next = theme() === 'dark' ? 'light' : 'dark'
  try {
    localStorage.setItem(key, next)
  } catch {
    // a browser that keeps nothing forgets it on the next visit
  }
  document.documentElement.dataset.theme = next
  return next
}

system.addEventListener('change', showTheme)
