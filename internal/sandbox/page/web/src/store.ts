// What the page knows: one state, replaced piece by piece, and the hook with which components look at a piece of it.
import { useLayoutEffect, useReducer, useRef } from 'preact/hooks'
import type { Channel, Happening, Message, Phone, Process, State, View } from './api'
import { unread, markRead as remember, type Read } from './read'
import { parseRoute, type Route } from './route'

/** What Slack itself says to the person, between the messages of a channel. */
export interface Notice { id: number; channel: string; text: string; at: number }

export interface Toast { id: number; text: string; bad: boolean }

export interface App {
  /** who the page is for; the server's state of them is in the rest, once it has come */
  me: string
  server: Pick<State, 'team' | 'bot' | 'people' | 'groups' | 'commands' | 'shortcuts'> | null
  channels: Channel[]
  /** by channel, in the order of ts */
  messages: Record<string, Message[]>
  notices: Notice[]
  modal: View | null
  home: View | null
  phone: Phone | null
  process: Process | null
  /** the stream of events is open */
  connected: boolean
  /** why there is no state */
  failure: string | null
  route: Route
  read: Read
  toasts: Toast[]
  /** the message that is inspected */
  inspected: { channel: string; ts: string } | null
  phoneOpen: boolean
  sidebarOpen: boolean
  dialog: 'scenario' | 'step' | null
  /** what a composer is to hold from now on, put there by a click elsewhere */
  draft: { channel: string; text: string; id: number } | null
}

const listeners = new Set<() => void>()
let app: App = {
  me: '', server: null, channels: [], messages: {}, notices: [], modal: null, home: null, phone: null, process: null,
  connected: false, failure: null, route: { view: 'none' }, read: {}, toasts: [], inspected: null,
  phoneOpen: window.matchMedia('(min-width: 1100px)').matches, sidebarOpen: false, dialog: null, draft: null,
}

export const get = (): App => app

export function set(change: Partial<App>): void {
  app = { ...app, ...change }
  for (const tell of [...listeners]) tell()
}

export function subscribe(tell: () => void): () => void {
  listeners.add(tell)
  return () => listeners.delete(tell)
}

/** use looks at a piece of the state; the component is drawn again when that piece is another one. */
export function use<T>(select: (app: App) => T): T {
  const [, draw] = useReducer((n: number) => n + 1, 0)
  const value = select(app)
  const last = useRef({ select, value })
  last.current = { select, value }
  useLayoutEffect(() => {
    const look = () => {
      if (!Object.is(last.current.select(app), last.current.value)) draw(undefined)
    }
    look()
    return subscribe(look)
  }, [])
  return value
}

let ids = 0

/** load takes over all that the server says a person sees. */
export function load(s: State): void {
  const { team, bot, people, groups, commands, shortcuts } = s
  const messages = Object.fromEntries(Object.entries(s.messages).map(([id, all]) => [id, merge(app.messages[id] ?? [], all.filter((m) => !m.deleted))]))
  set({
    me: s.me, server: { team, bot, people, groups, commands, shortcuts }, channels: s.channels, messages, modal: s.modal, home: s.home,
    phone: s.phone, process: s.process, failure: null, read: app.server ? app.read : unread(team.id, s.me),
  })
  if (app.route.view === 'none') set({ route: parseRoute(location.hash, s.channels) })
}

/** merge keeps what is the same as before, so that it is not drawn again. */
function merge(before: Message[], now: Message[]): Message[] {
  const old = new Map(before.map((m) => [m.ts, m]))
  return [...now].sort(byTime).map((m) => {
    const was = old.get(m.ts)
    return was && was.version === m.version && JSON.stringify(was) === JSON.stringify(m) ? was : m
  })
}

const byTime = (a: Message, b: Message) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0)

/** apply takes over one thing that happened. */
export function apply(h: Happening): void {
  switch (h.kind) {
    case 'message': {
      const m = h.message
      const list = app.messages[m.channel_id] ?? []
      const at = list.findIndex((old) => old.ts === m.ts)
      let next: Message[]
      if (h.how === 'deleted' || m.deleted) next = list.filter((old) => old.ts !== m.ts)
      else if (at >= 0) next = list[at]!.version > m.version ? list : list.with(at, m)
      else next = list.length > 0 && list[list.length - 1]!.ts > m.ts ? [...list, m].sort(byTime) : [...list, m]
      set({ messages: { ...app.messages, [m.channel_id]: next } })
      break
    }
    case 'modal':
      set({ modal: h.view })
      break
    case 'home':
      set({ home: h.view })
      break
    case 'notice': {
      const channel = app.channels.find((c) => c.id === h.channel || c.name === h.channel)
      if (channel) set({ notices: [...app.notices.slice(-49), { id: ++ids, channel: channel.id, text: h.text, at: Date.now() }] })
      // what failed in a form or the Home tab has no line to stand in
      if (!channel || app.modal || app.route.view === 'home') toast(h.text)
      break
    }
    case 'channels':
      set({ channels: h.channels ?? [] })
      break
    case 'phone':
      set({ phone: h.phone })
      break
    case 'process':
      set({ process: h.process })
      break
  }
}

/** toast says a sentence at the edge of the page. */
export function toast(text: string, bad = true): void {
  const t = { id: ++ids, text, bad }
  set({ toasts: [...app.toasts.filter((o) => o.text !== text).slice(-2), t] })
  setTimeout(() => dismiss(t.id), bad ? 12_000 : 5_000)
}

export const dismiss = (id: number): void => set({ toasts: app.toasts.filter((t) => t.id !== id) })

/** propose puts a text into a channel's composer. */
export function propose(channel: string, text: string): void {
  set({ draft: { channel, text, id: ++ids } })
}

/** markRead remembers that a channel was seen up to a message. */
export function markRead(channel: string, ts: string): void {
  if ((app.read[channel] ?? '') >= ts || !app.server) return
  const read = { ...app.read, [channel]: ts }
  set({ read })
  remember(app.server.team.id, app.me, read)
}

export const zone = (a: App): string => a.server?.people.find((p) => p.name === a.me)?.tz ?? ''

export const directMessages = (a: App): Channel | undefined => a.channels.find((c) => c.kind === 'dm')
