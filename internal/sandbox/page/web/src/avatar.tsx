// A person's initials, or the bot's telephone, on a colour of their own.
import { Icon } from './icons'

const colours = 7

export function Avatar({ name, app, size = 36 }: { name: string; app?: boolean; size?: 20 | 24 | 36 }) {
  let sum = 0
  for (const c of name) sum = (sum * 31 + c.codePointAt(0)!) % 9973
  return (
    <span class={`avatar s${size} ${app ? 'app' : `c${sum % colours}`}`} aria-hidden="true">
      {app ? <Icon name="phone" size={size * 0.6} /> : initials(name)}
    </span>
  )
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  return ((words[0]?.[0] ?? '?') + (words.length > 1 ? words[words.length - 1]![0] : '')).toUpperCase()
}
