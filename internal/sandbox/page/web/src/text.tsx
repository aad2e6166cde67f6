// Draws mrkdwn and the pieces that it shares with rich text: mentions, links, dates.
import type { ComponentChildren } from 'preact'
import { memo } from './memo'
import { format, full } from './dates'
import { parse, safeURL, type Inline } from './mrkdwn'
import { fromSlack } from './route'
import { get, use, zone } from './store'

// Who is in the workspace, and in which time zone, changes with the workspace, and all messages with it:
// what looks at that needs no word of changes, which a long channel would have to give thousands of times.

export function Person({ id }: { id: string }) {
  const { server, me } = get()
  const bot = server?.bot
  const p = server?.people.find((o) => o.id === id)
  const name = p?.name ?? (bot?.id === id ? bot.name : id)
  return (
    <span class={name === me ? 'mention me' : 'mention'} title={p?.real_name} data-user={id}>
      @{name}
    </span>
  )
}

export function Group({ id, label }: { id: string; label?: string }) {
  const handle = get().server?.groups[id]
  return <span class="mention">@{handle ?? label?.replace(/^@/, '') ?? id}</span>
}

export function ChannelName({ id, label }: { id: string; label?: string }) {
  const name = use((a) => a.channels.find((c) => c.id === id)?.name)
  if (name) {
    return (
      <a class="mention" href={`#/${id}`}>
        {name}
      </a>
    )
  }
  return <span class="mention">{label ? `#${label}` : 'a private channel'}</span>
}

export function Moment({ seconds, pattern, fallback, url }: { seconds: number; pattern: string; fallback: string; url?: string }) {
  const z = zone(get())
  const shown = Number.isFinite(seconds) ? (
    <time dateTime={new Date(seconds * 1000).toISOString()} title={full(seconds * 1000, z)}>
      {format(pattern, seconds, fallback, z)}
    </time>
  ) : (
    fallback
  )
  return url ? <Link url={url}>{shown}</Link> : <>{shown}</>
}

export function Link({ url, children }: { url: string; children: ComponentChildren }) {
  const domain = get().server?.team.domain
  const inside = domain ? fromSlack(url, domain) : null
  if (inside) return <a href={inside}>{children}</a>
  const to = safeURL(url)
  if (to === null) return <>{children}</>
  return (
    <a href={to} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  )
}

export function Inlines({ nodes }: { nodes: Inline[] }) {
  return <>{nodes.map((n, i) => one(n, i))}</>
}

function one(n: Inline, key: number) {
  switch (n.is) {
    case 'text':
      return n.text
    case 'bold':
      return <b key={key}><Inlines nodes={n.inside} /></b>
    case 'italic':
      return <i key={key}><Inlines nodes={n.inside} /></i>
    case 'strike':
      return <s key={key}><Inlines nodes={n.inside} /></s>
    case 'code':
      return <code key={key}>{n.text}</code>
    case 'user':
      return <Person key={key} id={n.id} />
    case 'channel':
      return <ChannelName key={key} id={n.id} label={n.label} />
    case 'group':
      return <Group key={key} id={n.id} label={n.label} />
    case 'broadcast':
      return <span key={key} class="mention me">@{n.name}</span>
    case 'date':
      return <Moment key={key} seconds={n.seconds} pattern={n.format} fallback={n.fallback} url={n.url} />
    case 'link':
      return <Link key={key} url={n.url}>{n.label ?? n.url.replace(/^(tel|mailto):/, '')}</Link>
  }
}

/** Mrkdwn draws a text with Slack's marks in it. */
export const Mrkdwn = memo(function Mrkdwn({ text, verbatim }: { text: string; verbatim?: boolean }) {
  return (
    <>
      {parse(text, verbatim).map((p, i) =>
        p.is === 'fence' ? (
          <pre key={i}>{p.text}</pre>
        ) : p.is === 'quote' ? (
          <blockquote key={i}><Inlines nodes={p.inside} /></blockquote>
        ) : (
          <div key={i} class="lines"><Inlines nodes={p.inside} /></div>
        ),
      )}
    </>
  )
})

/** Text draws a text object of Block Kit. */
export function Text({ of }: { of: { type: string; text: string; verbatim?: boolean } | undefined }) {
  if (!of) return null
  return of.type === 'mrkdwn' ? <Mrkdwn text={of.text} verbatim={of.verbatim} /> : <>{of.text}</>
}
