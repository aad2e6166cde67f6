// The workspace's side: who one is, the channels with what is unread in them, the app, and its shortcuts.
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Channel, Person } from './api'
import { Avatar } from './avatar'
import { giveBack } from './focus'
import { Icon } from './icons'
import { Menu } from './popup'
import { count } from './read'
import { href, type Route } from './route'
import { attempt } from './server'
import { Turn } from './soon'
import { directMessages, set, use } from './store'

export function Sidebar() {
  const server = use((a) => a.server)!
  const channels = use((a) => a.channels)
  const route = use((a) => a.route)
  const dm = use(directMessages)
  const open = use((a) => a.sidebarOpen)
  const button = useRef<HTMLButtonElement>(null)
  // in a narrow window the list lies over the rest, and is put away
  useLayoutEffect(() => {
    if (!open) return
    button.current!.focus()
    return () => {
      if (document.activeElement?.closest('.sidebar')) (document.activeElement as HTMLElement).blur()
      giveBack(null, '[aria-label="Channels"]')
    }
  }, [open])
  const globals = server.shortcuts.filter((s) => s.type === 'global')
  return (
    <nav class={open ? 'sidebar open' : 'sidebar'} aria-label="Workspace" onKeyDown={(e) => e.key === 'Escape' && set({ sidebarOpen: false })}>
      <div class="workspace">
        <b>{server.team.domain}</b>
        {globals.length > 0 && (
          <Menu label="Shortcuts" class="plain-button" items={() => globals.map((s) => ({ label: s.name, detail: s.description, run: () => void attempt('shortcut', { callback_id: s.callback_id }) }))}>
            <Icon name="bolt" />
          </Menu>
        )}
        <button type="button" class="plain-button only-narrow" aria-label="Close the list of channels" ref={button} onClick={() => set({ sidebarOpen: false })}>
          <Icon name="close" />
        </button>
      </div>
      <Turn>
        <Me people={server.people} />
        <h2 id="channels">Channels</h2>
        <ul aria-labelledby="channels">
          {channels.filter((c) => c.kind !== 'dm').map((c) => <Entry key={c.id} channel={c} route={route} />)}
        </ul>
        <h2 id="apps">Apps</h2>
        <ul aria-labelledby="apps">
          <li>
            <a class="entry" href={href({ view: 'home' })} aria-current={route.view === 'home' ? 'page' : undefined}>
              <Avatar name={server.bot.name} app size={20} />
              <span>{server.bot.name} Home</span>
            </a>
          </li>
          {dm ? (
            <Entry channel={dm} route={route} direct />
          ) : (
            <li>
              <a class="entry" href={href({ view: 'direct' })} aria-current={route.view === 'direct' ? 'page' : undefined}>
                <Icon name="thread" /> <span>Messages</span>
              </a>
            </li>
          )}
        </ul>
      </Turn>
    </nav>
  )
}

function Entry({ channel: c, route, direct }: { channel: Channel; route: Route; direct?: boolean }) {
  const unread = use((a) => count(a.messages[c.id] ?? [], a.read[c.id], a.me))
  const current = (route.view === 'channel' && route.channel === c.id) || (direct && route.view === 'direct')
  return (
    <li>
      <a
        class={unread > 0 && !current ? 'entry unread' : 'entry'}
        href={href(direct ? { view: 'direct' } : { view: 'channel', channel: c.id })}
        aria-current={current ? 'page' : undefined}
        data-channel={c.id}
      >
        <Icon name={c.kind === 'private' ? 'lock' : c.kind === 'dm' ? 'thread' : 'hash'} />
        <span>
          {direct ? 'Messages' : c.name.replace(/^#/, '')}
          <span class="hidden">{direct ? ` with ${c.name}` : c.kind === 'private' ? ', private channel' : ''}{c.archived ? ', archived' : ''}</span>
        </span>
        {unread > 0 && !current && <span class="count">{unread > 99 ? '99+' : unread}<span class="hidden"> unread</span></span>}
      </a>
    </li>
  )
}

/** Me switches who the person is: the page is loaded for the other one, and each tab may be another. */
function Me({ people }: { people: Person[] }) {
  const me = use((a) => a.me)
  const p = people.find((o) => o.name === me)
  return (
    <div class="me">
      <Avatar name={p?.real_name ?? me} size={24} />
      <label>
        <span class="hidden">You are</span>
        <select
          aria-label="You are"
          value={me}
          onChange={(e) => {
            const to = new URL(location.href)
            to.searchParams.set('as', e.currentTarget.value)
            location.assign(to)
          }}
        >
          {people.map((o) => (
            <option value={o.name} key={o.id}>
              {o.real_name}
              {o.admin ? ' (admin)' : o.guest ? ' (guest)' : ''}
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}
