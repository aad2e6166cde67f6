// A message as plain words, for what is read aloud.
import type { Message } from './api'
import { format } from './dates'
import { inline, plain } from './mrkdwn'
import { zone, type App } from './store'

export function plainText(m: Pick<Message, 'text'>, a: App): string {
  return plain(inline(m.text), (n) => {
    switch (n.is) {
      case 'user':
        return '@' + (a.server?.people.find((p) => p.id === n.id)?.name ?? a.server?.bot.name ?? '')
      case 'channel':
        return a.channels.find((c) => c.id === n.id)?.name ?? n.label ?? ''
      case 'group':
        return '@' + (a.server?.groups[n.id] ?? n.label ?? '')
      case 'broadcast':
        return '@' + n.name
      case 'date':
        return format(n.format, n.seconds, n.fallback, zone(a))
      case 'link':
        return n.label ?? n.url
    }
    return ''
  })
}
