// The page as a whole: the banner, and the panes beside each other.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { ChannelView } from './channel'
import { AppHome } from './home'
import { Icon } from './icons'
import { Inspector } from './inspector'
import { Modal } from './modal'
import { PhonePanel } from './phone'
import { count } from './read'
import { parseRoute } from './route'
import { Sidebar } from './sidebar'
import { soon, useTurn } from './soon'
import { dismiss, get, set, use } from './store'
import { theme, toggleTheme } from './theme'
import { ThreadPane } from './thread'
import { Tools } from './tools'

export function App() {
  const ready = use((a) => a.server !== null)
  const failure = use((a) => a.failure)
  const sidebarOpen = use((a) => a.sidebarOpen)
  useEffect(() => {
    const follow = () => set({ route: parseRoute(location.hash, get().channels), sidebarOpen: false, inspected: null })
    window.addEventListener('hashchange', follow)
    return () => window.removeEventListener('hashchange', follow)
  }, [])
  if (!ready) {
    return failure ? (
      <main class="loading">
        <h1>callbot sandbox</h1>
        <p role="alert">{failure}</p>
      </main>
    ) : (
      <p class="loading" role="status">Opening the workspace …</p>
    )
  }
  return (
    <div class="app">
      <Banner />
      <div class="panes">
        {sidebarOpen && <div class="scrim" onClick={() => set({ sidebarOpen: false })} />}
        <Sidebar />
        <Conversation />
        <Phone />
      </div>
      <Modal />
      <Tools />
      <Toasts />
    </div>
  )
}

function Conversation() {
  return useTurn() ? <Middle /> : <div class="pane main" />
}

function Middle() {
  const route = use((a) => a.route)
  const channel = use((a) => (a.route.view === 'channel' ? a.channels.find((c) => c.id === (a.route as { channel: string }).channel) : undefined))
  const inspected = use((a) => a.inspected)
  const thread = route.view === 'channel' ? route.thread : undefined
  const unread = use((a) => a.channels.reduce((n, c) => n + count(a.messages[c.id] ?? [], a.read[c.id], a.me), 0))
  const name = route.view === 'home' ? 'Home' : (channel?.name ?? 'Messages')
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${name} · callbot sandbox`
  }, [unread, name])
  return (
    <>
      <main class="pane main" aria-label="Conversation">
        {route.view === 'home' ? (
          <AppHome tab="home" />
        ) : route.view === 'direct' || channel?.kind === 'dm' ? (
          <AppHome tab="messages" />
        ) : channel ? (
          <ChannelView channel={channel} highlight={route.view === 'channel' ? route.message : undefined} thread={thread} />
        ) : (
          <div class="empty"><h1>There is no such channel here</h1><p>It may be private, or you are not in it. Choose another in the list.</p></div>
        )}
      </main>
      {inspected ? (
        <Inspector key={inspected.ts} channel={inspected.channel} ts={inspected.ts} />
      ) : thread && channel ? (
        <ThreadPane key={thread} channel={channel} thread={thread} highlight={route.view === 'channel' && route.message !== thread ? route.message : undefined} />
      ) : null}
    </>
  )
}

function Phone() {
  const open = use((a) => a.phoneOpen)
  const [ready, setReady] = useState(false)
  useEffect(() => soon(() => setReady(true)), []) // the conversation comes first
  return !open ? null : !ready ? <aside class="pane phone" aria-label="Phone" /> : <PhonePanel />
}

function Banner() {
  const connected = use((a) => a.connected)
  const phoneOpen = use((a) => a.phoneOpen)
  const live = use((a) => a.phone?.calls.filter((c) => !['completed', 'failed', 'canceled'].includes(c.status)).length ?? 0)
  const process = use((a) => a.process?.state)
  const [now, setNow] = useState(theme())
  return (
    <header class="banner">
      <button type="button" class="plain-button only-narrow" aria-label="Channels" onClick={() => set({ sidebarOpen: true })}>
        <Icon name="menu" />
      </button>
      <p>
        <b>Sandbox.</b> <span class="wide-only">No real call is made and nothing leaves this machine.</span><span class="narrow-only">No real call is made.</span>
      </p>
      <p class="status" role="status">
        {!connected ? 'Connecting …' : process && process !== 'running' ? `The bot is ${process === 'ended' ? 'down' : process}.` : ''}
      </p>
      <button type="button" class="plain-button" aria-label={now === 'dark' ? 'Use light colours' : 'Use dark colours'} title={now === 'dark' ? 'Light' : 'Dark'} onClick={() => setNow(toggleTheme())}>
        <Icon name={now === 'dark' ? 'sun' : 'moon'} />
      </button>
      <button type="button" class={live > 0 ? 'phone-toggle live' : 'phone-toggle'} aria-pressed={phoneOpen} onClick={() => set({ phoneOpen: !phoneOpen })}>
        <Icon name="phone" /> <span class="word">Phone</span>
        {live > 0 && <span class="count">{live}<span class="hidden"> {live === 1 ? 'call' : 'calls'} under way</span></span>}
      </button>
    </header>
  )
}

function Toasts() {
  const toasts = use((a) => a.toasts)
  const ref = useRef<HTMLDivElement>(null)
  // above a dialog too, which is why they are shown anew each time
  useLayoutEffect(() => {
    ref.current!.hidePopover()
    if (toasts.length > 0) ref.current!.showPopover()
  }, [toasts])
  return (
    <div class="toasts" aria-live="assertive" popover="manual" ref={ref}>
      {toasts.map((t) => (
        <div key={t.id} class={t.bad ? 'toast bad' : 'toast'}>
          <span>{t.text}</span>
          <button type="button" class="plain-button" aria-label="Dismiss" onClick={() => dismiss(t.id)}>
            <Icon name="close" size={14} />
          </button>
        </div>
      ))}
    </div>
  )
}
