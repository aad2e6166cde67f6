// The app's own place: its Home tab, and the direct messages with it.
import { useEffect, useMemo } from 'preact/hooks'
import { Avatar } from './avatar'
import { Blocks } from './blockkit/blocks'
import { Where, type Surface } from './blockkit/surface'
import { ChannelView } from './channel'
import { href } from './route'
import { attempt } from './server'
import { directMessages, use } from './store'

export function AppHome({ tab }: { tab: 'home' | 'messages' }) {
  const bot = use((a) => a.server?.bot.name) ?? ''
  const dm = use(directMessages)
  return (
    <>
      <nav class="app-head" aria-label={bot}>
        <Avatar name={bot} app size={24} />
        <h1>{bot}</h1>
        <a class="tab" href={href({ view: 'home' })} aria-current={tab === 'home' ? 'page' : undefined}>Home</a>
        <a class="tab" href={href({ view: 'direct' })} aria-current={tab === 'messages' ? 'page' : undefined}>Messages</a>
      </nav>
      {tab === 'home' ? <HomeTab /> : dm ? <ChannelView channel={dm} /> : <div class="messages-frame"><div class="empty"><h2>No messages yet</h2><p>@{bot} writes here when it has something to say to you alone.</p></div></div>}
    </>
  )
}

function HomeTab() {
  const home = use((a) => a.home)
  const connected = use((a) => a.connected)
  useEffect(() => {
    if (connected) void attempt('home', {})
  }, [connected])
  const surface = useMemo<Surface>(() => ({ place: { view: home?.id ?? '' }, state: home?.state }), [home])
  return (
    <div class="home" tabIndex={0} role="region" aria-label="Home tab">
      {home ? (
        <Where.Provider value={surface}>
          <Blocks of={home.blocks} />
        </Where.Provider>
      ) : (
        <p class="empty" role="status">Waiting for the app to publish its Home tab …</p>
      )}
    </div>
  )
}
