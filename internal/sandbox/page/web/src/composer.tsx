// Where a person types: slash commands, mentions and channels complete themselves, and what was refused is not lost.
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { grow } from './blockkit/input'
import { complete, usage, type Completion } from './draft'
import { Icon } from './icons'
import { Popup } from './popup'
import { post, reason } from './server'
import { get, use } from './store'

interface Props { channel: string; name: string; thread?: string; archived?: boolean }

const drafts = new Map<string, string>()

export function Composer({ channel, name, thread, archived }: Props) {
  const key = `${channel} ${thread ?? ''}`
  const [text, setText] = useState(drafts.get(key) ?? '')
  const [error, setError] = useState<string | null>(null)
  const [options, setOptions] = useState<Completion | null>(null)
  const [at, setAt] = useState(0)
  const [busy, setBusy] = useState(false)
  const field = useRef<HTMLTextAreaElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const id = useId()
  const server = use((a) => a.server)
  const channels = use((a) => a.channels)
  const proposed = use((a) => (thread ? null : a.draft))

  const write = (value: string, caret = value.length) => {
    drafts.set(key, value)
    setText(value)
    setError(null)
    const found = server && complete(value, caret, { commands: thread ? [] : server.commands, people: server.people, channels, bot: server.bot.name })
    setOptions(found)
    setAt(0)
  }
  useEffect(() => {
    if (proposed?.channel !== channel) return
    write(proposed.text)
    setOptions(null)
    field.current?.focus()
  }, [proposed?.id])
  useLayoutEffect(() => {
    if (field.current && (text !== '' || field.current.style.height !== '')) grow(field.current)
  }, [text])
  useEffect(() => {
    const { modal, route } = get()
    const linked = route.view === 'channel' && route.message !== undefined // the message has the focus
    if (window.matchMedia('(min-width: 700px)').matches && !modal && !linked) field.current?.focus({ preventScroll: true })
  }, [])

  const take = (i: number) => {
    const item = options?.items[i]
    if (!options || !item) return
    const caret = options.from + item.insert.length
    const value = text.slice(0, options.from) + item.insert + text.slice(options.to).replace(/^ /, '')
    drafts.set(key, value)
    setText(value)
    setOptions(null)
    const el = field.current!
    el.value = value
    el.focus()
    el.setSelectionRange(caret, caret)
  }
  const send = async () => {
    const said = text.trim()
    if (said === '' || busy) return
    setBusy(true)
    setOptions(null)
    setError(null)
    // the field is empty at once, as in Slack, and full again if it was refused
    drafts.set(key, '')
    setText('')
    field.current?.focus() // the button that was pressed sends nothing more
    try {
      await post('say', thread ? { channel, thread_ts: thread, text: said } : { channel, text: said })
    } catch (e) {
      setError(reason(e))
      setText((now) => {
        const kept = now === '' ? text : now
        drafts.set(key, kept)
        return kept
      })
    }
    setBusy(false)
  }
  const onKey = (e: KeyboardEvent) => {
    if (e.isComposing) return
    if (options) {
      const n = options.items.length
      if (e.key === 'ArrowDown') setAt((at + 1) % n)
      else if (e.key === 'ArrowUp') setAt((at - 1 + n) % n)
      else if (e.key === 'Tab' || (e.key === 'Enter' && !e.shiftKey && !done(options, text))) take(at)
      else if (e.key === 'Escape') setOptions(null)
      else if (e.key === 'Enter' && !e.shiftKey) void send()
      else return
      e.preventDefault()
      e.stopPropagation()
    } else if (e.key === 'Enter' && !e.shiftKey) {
      e.preventDefault()
      void send()
    }
  }
  const hint = server && !thread ? usage(text, server) : null
  const slashInThread = thread !== undefined && text.startsWith('/')
  const label = thread ? 'Reply' : `Message ${name}`
  if (archived) return <p class="archived">{name} is archived. Nobody can write here.</p>
  return (
    <div class="composer-frame">
      {error && (
        <p class="composer-error" role="alert" id={`${id}-error`}>
          {error}
        </p>
      )}
      {slashInThread && !error && <p class="composer-note">Slack does not send slash commands of apps in threads. Mention @{server?.bot.name} instead.</p>}
      <div class="composer" ref={box}>
        <textarea
          ref={field}
          rows={1}
          value={text}
          placeholder={thread ? 'Reply …' : `Message ${name}`}
          aria-label={label}
          aria-describedby={error ? `${id}-error` : undefined}
          aria-autocomplete="list"
          aria-controls={options ? `${id}-list` : undefined}
          aria-activedescendant={options ? `${id}-${at}` : undefined}
          data-channel={channel}
          data-thread={thread}
          onInput={(e) => write(e.currentTarget.value, e.currentTarget.selectionStart)}
          onBlur={() => setTimeout(() => setOptions(null), 150)}
          onKeyDown={onKey}
        />
        {hint && (
          <span class="usage" aria-hidden="true">
            {hint}
          </span>
        )}
        <button type="button" class="send" aria-label={thread ? 'Send reply' : 'Send'} disabled={text.trim() === ''} aria-busy={busy} onClick={() => void send()}>
          <Icon name="send" />
        </button>
      </div>
      {options && (
        <Popup anchor={box} onClose={() => setOptions(null)} fit class="above">
          <div class="options" role="listbox" id={`${id}-list`} aria-label={options.kind === 'command' ? 'Commands' : options.kind === 'person' ? 'People' : 'Channels'}>
            {options.items.map((o, i) => (
              <div
                key={o.name}
                id={`${id}-${i}`}
                role="option"
                aria-selected={i === at}
                class={i === at ? 'option active' : 'option'}
                onMouseDown={(e) => {
                  e.preventDefault()
                  take(i)
                }}
                onMouseMove={() => setAt(i)}
              >
                <span>{o.name}</span>
                <small>{o.detail}</small>
              </div>
            ))}
          </div>
        </Popup>
      )}
    </div>
  )
}

/** done reports whether the word is already all of what would complete it, so that Enter sends. */
function done(c: Completion, text: string): boolean {
  return c.items.length === 1 && c.items[0]!.insert.trim() === text.slice(c.from, c.to)
}
