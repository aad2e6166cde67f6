// Light or dark: as the system says, until the person says otherwise.
import { get, set } from 'idb-keyval'

const key = 'theme'

const system = window.matchMedia('(prefers-color-scheme: dark)')

/** what the person said, as far as it is known yet */
let own: string | undefined

export function theme(): 'light' | 'dark' {
  return own === 'light' || own === 'dark' ? own : system.matches ? 'dark' : 'light'
}

export function showTheme(): void {
  document.documentElement.dataset.theme = theme()
}

/** recallTheme shows what the person said on an earlier visit. */
export async function recallTheme(): Promise<void> {
  const kept = await get<string>(key).catch(() => undefined)
  own ??= kept
  showTheme()
}

export function toggleTheme(): 'light' | 'dark' {
  const next = theme() === 'dark' ? 'light' : 'dark'
  own = next
  showTheme()
  set(key, next).catch(() => {}) // a browser that keeps nothing forgets it on the next visit
  return next
}

system.addEventListener('change', showTheme)
