// Draws rich_text blocks.
import { memo } from '../memo'
import { get } from '../store'
import { ChannelName, Group, Link, Moment, Person } from '../text'
import type { Block } from '../api'

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Any = any

export const RichText = memo(function RichText({ block }: { block: Block }) {
  return (
    <div class="rich">
      {(block.elements as Any[]).map((el, i) => (
        <Part key={i} el={el} />
      ))}
    </div>
  )
})

function Part({ el }: { el: Any }) {
  switch (el.type) {
    case 'rich_text_section':
      return <div class="lines"><Pieces of={el.elements} /></div>
    case 'rich_text_quote':
      return <blockquote><Pieces of={el.elements} /></blockquote>
    case 'rich_text_preformatted':
      return <pre><Pieces of={el.elements} /></pre>
    case 'rich_text_list': {
      const items = (el.elements as Any[]).map((item, i) => <li key={i}><Pieces of={item.elements} /></li>)
      const kind = `indent-${Math.min(Number(el.indent) || 0, 5)}`
      return el.style === 'ordered' ? <ol class={kind} start={1 + (Number(el.offset) || 0)}>{items}</ol> : <ul class={kind}>{items}</ul>
    }
  }
  return null
}

function Pieces({ of }: { of: Any[] }) {
  return <>{of.map((piece, i) => <Piece key={i} piece={piece} />)}</>
}

function Piece({ piece }: { piece: Any }) {
  let shown = what(piece)
  const style = piece.style ?? {}
  if (style.code) shown = <code>{shown}</code>
  if (style.strike) shown = <s>{shown}</s>
  if (style.italic) shown = <i>{shown}</i>
  if (style.bold) shown = <b>{shown}</b>
  return <>{shown}</>
}

function what(piece: Any): Any {
  switch (piece.type) {
    case 'text':
      return piece.text
    case 'link':
      return <Link url={piece.url}>{piece.text ?? piece.url}</Link>
    case 'user':
      return <Person id={piece.user_id} />
    case 'usergroup':
      return <Group id={piece.usergroup_id} />
    case 'channel':
      return <ChannelName id={piece.channel_id} />
    case 'broadcast':
      return <span class="mention me">@{piece.range}</span>
    case 'date':
      return <Moment seconds={piece.timestamp} pattern={piece.format} fallback={piece.fallback ?? ''} url={piece.url} />
    case 'emoji':
      return piece.unicode ? String.fromCodePoint(...String(piece.unicode).split('-').map((h) => parseInt(h, 16))) : `:${piece.name}:`
    case 'color':
      return <code>{piece.value}</code>
  }
  return ''
}

/** written is a rich text in plain words, as one would type it. */
export function written(of: Block): string {
  const lines = (of.elements as Any[]).flatMap((el) => (el.type === 'rich_text_list' ? el.elements : [el]))
  return lines.map((line) => (line.elements as Any[]).map(typed).join('').replace(/\n$/, '')).join('\n')
}

function typed(piece: Any): string {
  const { people, groups } = get().server ?? {}
  switch (piece.type) {
    case 'link':
      return piece.text ?? piece.url
    case 'user':
      return '@' + (people?.find((p) => p.id === piece.user_id)?.name ?? piece.user_id)
    case 'usergroup':
      return '@' + (groups?.[piece.usergroup_id] ?? piece.usergroup_id)
    case 'channel':
      return get().channels.find((c) => c.id === piece.channel_id)?.name ?? piece.channel_id
    case 'broadcast':
      return '@' + piece.range
    case 'date':
      return piece.fallback ?? ''
    case 'color':
      return piece.value
  }
  return what(piece)
}
