// Where the person is, as the part of the address after "#": a channel, a message in it, a thread, or the app's Home.
import type { Channel } from './api'

export type Route =
  | { view: 'none' }
  | { view: 'home' }
  /** the direct messages with the bot; there may be none yet */
  | { view: 'direct' }
  | { view: 'channel'; channel: string; message?: string; thread?: string }

/** ts in addresses has no dot, as in Slack's own */
const packed = (ts: string) => ts.replace('.', '')
const unpacked = (digits: string) => `${digits.slice(0, -6)}.${digits.slice(-6)}`

export function href(r: Route): string {
  switch (r.view) {
    case 'home':
      return '#/home'
    case 'direct':
      return '#/messages'
    case 'channel':
      return `#/${r.channel}` + (r.thread ? `/t${packed(r.thread)}` : '') + (r.message ? `/p${packed(r.message)}` : '')
  }
  return '#/'
}

export function parseRoute(hash: string, channels: Channel[]): Route {
  const [where, ...rest] = hash.replace(/^#\/?/, '').split('/')
  if (where === 'home') return { view: 'home' }
  if (where === 'messages') return { view: 'direct' }
  const channel = channels.find((c) => c.id === where) ?? (where ? undefined : (channels.find((c) => c.name === '#general') ?? channels[0]))
  if (!channel) return where ? { view: 'channel', channel: where } : { view: 'none' }
  const r: Route = { view: 'channel', channel: channel.id }
  for (const part of rest) {
    const m = /^([pt])(\d{7,})$/.exec(part)
    if (m?.[1] === 'p') r.message = unpacked(m[2]!)
    if (m?.[1] === 't') r.thread = unpacked(m[2]!)
  }
  return r
}

/** fromSlack turns a permalink of the emulated workspace into a place on this page; null: it leads elsewhere. */
export function fromSlack(url: string, domain: string): string | null {
  const m = new RegExp(`^https://${domain}\\.slack\\.com/archives/([A-Z0-9]+)(?:/p(\\d{7,}))?(?:\\?(.*))?$`).exec(url)
  if (!m) return null
  const thread = new URLSearchParams(m[3] ?? '').get('thread_ts') ?? undefined
  const message = m[2] ? unpacked(m[2]) : undefined
  return href({ view: 'channel', channel: m[1]!, message, thread: thread === message ? undefined : thread })
}

/** go changes the address, and by it what is shown. */
export function go(r: Route): void {
  const to = href(r)
  if (location.hash === to) window.dispatchEvent(new HashChangeEvent('hashchange'))
  else location.hash = to
}
