// Menus to choose from by typing: options that the app lists, or supplies as one types, people, and conversations.
import { useContext, useEffect, useId, useRef, useState } from 'preact/hooks'
import type { Option } from '../api'
import { Icon } from '../icons'
import { Popup } from '../popup'
import { post, reason } from '../server'
import { directMessages, get, use, type App } from '../store'
import { useConfirmed, useName } from './controls'
import { useChoice, Where, type ControlProps, type Element } from './surface'

interface Offered { text: { text: string }; description?: { text: string }; value: string }

const option = (o: Offered, group?: string): Option => ({ text: o.text.text, description: o.description?.text, value: o.value, group })

/** listed are the choices that need no question to the app. */
function listed(el: Element, a: App): Option[] {
  if (/users_select$/.test(el.type)) return (a.server?.people ?? []).map((p) => ({ text: `@${p.name}`, description: p.real_name, value: p.id }))
  if (/(conversations|channels)_select$/.test(el.type)) {
    const include: string[] = el.filter?.include ?? (el.type.includes('channels') ? ['public'] : ['public', 'private', 'im', 'mpim'])
    return a.channels.filter((c) => !c.archived && include.includes(c.kind === 'dm' ? 'im' : c.kind)).map((c) => ({ text: c.name, value: c.id }))
  }
  const groups = (el.option_groups ?? []) as { label: { text: string }; options: Offered[] }[]
  return groups.length > 0 ? groups.flatMap((g) => g.options.map((o) => option(o, g.label.text))) : ((el.options ?? []) as Offered[]).map((o) => option(o))
}

/** chosen is what the state of a control names, as options. */
function chosen(value: unknown, all: Option[]): Option[] {
  return (Array.isArray(value) ? value : value == null ? [] : [value]).map((v: string | Offered) =>
    typeof v === 'string' ? (all.find((o) => o.value === v) ?? { text: v, value: v }) : option(v),
  )
}

export function Select(p: ControlProps) {
  const { el, block } = p
  const surface = useContext(Where)
  const multiple = el.type.startsWith('multi_')
  const external = el.type.endsWith('external_select')
  const plain = /(users|conversations|channels)_select$/.test(el.type)
  const channels = use((a) => a.channels)
  const { shown, choose, busy } = useChoice<unknown>(block, el)
  const [ask, dialog] = useConfirmed(el)
  const all = external ? [] : listed(el, { ...get(), channels })
  const current = chosen(shown, all)
  const [open, setOpen] = useState(false)
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const [supplied, setSupplied] = useState<Option[] | string | null>(null)
  const box = useRef<HTMLDivElement>(null)
  const input = useRef<HTMLInputElement>(null)
  const listId = useId()

  useEffect(() => {
    if (!open || !external) return
    if (typed.length < (el.min_query_length ?? 3)) {
      setSupplied(`Type at least ${el.min_query_length ?? 3} characters.`)
      return
    }
    let stale = false
    setSupplied(null)
    const timer = setTimeout(async () => {
      try {
        const { options } = await post('suggest', { place: surface.place, block_id: block.block_id, action_id: el.action_id, typed })
        if (!stale) setSupplied(options)
      } catch (e) {
        if (!stale) setSupplied(reason(e))
      }
    }, 200)
    return () => {
      stale = true
      clearTimeout(timer)
    }
  }, [open, typed])

  // Slack begins with where the person is, where the app wants that
  const { route } = get()
  const where = route.view === 'channel' ? route.channel : route.view === 'direct' ? directMessages(get())?.id : undefined
  const here = el.default_to_current_conversation && all.find((o) => o.value === where)
  useEffect(() => {
    if (here && current.length === 0) void choose(here.value, here.value)
  }, [])

  const needle = typed.toLowerCase()
  const fits = external ? (Array.isArray(supplied) ? supplied : []) : all.filter((o) => `${o.text} ${o.description ?? ''}`.toLowerCase().includes(needle))
  const offered = multiple ? fits.filter((o) => !current.some((c) => c.value === o.value)) : fits
  const active = offered[Math.min(at, offered.length - 1)]

  const shut = () => {
    setOpen(false)
    setTyped('')
    setAt(0)
  }
  const take = (next: Option[]) => {
    shut()
    const values = next.map((o) => o.value)
    const show = plain ? values : next.map((o) => ({ text: { text: o.text }, value: o.value }))
    ask(() => void choose(multiple ? show : (show[0] ?? null), multiple ? values : (values[0] ?? null)))
  }
  const onKey = (e: KeyboardEvent) => {
    if (!open) {
      if (e.key === 'ArrowDown' || e.key === 'ArrowUp' || e.key === 'Enter') setOpen(true)
      else if (e.key === 'Backspace' && !typed && current.length > 0 && (multiple || p.labelled)) take(multiple ? current.slice(0, -1) : [])
      else return
    } else if (e.key === 'ArrowDown') setAt(Math.min(at + 1, offered.length - 1))
    else if (e.key === 'ArrowUp') setAt(Math.max(at - 1, 0))
    else if (e.key === 'Enter' && active) take(multiple ? [...current, active] : [active])
    else if (e.key === 'Escape') shut()
    else if (e.key === 'Tab') return shut()
    else return
    e.preventDefault()
    e.stopPropagation()
  }
  const single = multiple ? undefined : current[0]
  const name = useName(p, 'Choose')
  const clearable = current.length > 0 && (multiple || p.labelled !== undefined)
  let group: string | undefined
  return (
    <div class={`select ${busy ? 'busy' : ''}`} ref={box} data-block-id={block.block_id}>
      {multiple && current.map((o) => (
        <button type="button" class="chip" key={o.value} aria-label={`Remove ${o.text}`} onClick={() => take(current.filter((c) => c.value !== o.value))}>
          {o.text} <Icon name="close" size={12} />
        </button>
      ))}
      <input
        {...name}
        aria-label={name['aria-label'] && single ? `${name['aria-label']}: ${single.text}` : name['aria-label']}
        ref={input}
        class={single && !open ? 'field chosen' : 'field'}
        role="combobox"
        aria-expanded={open && offered.length > 0}
        aria-controls={open && offered.length > 0 ? listId : undefined}
        aria-autocomplete="list"
        aria-activedescendant={open && active ? `${listId}-${offered.indexOf(active)}` : undefined}
        autocomplete="off"
        spellcheck={false}
        placeholder={single?.text ?? el.placeholder?.text ?? 'Choose'}
        value={open ? typed : (single?.text ?? '')}
        data-action-id={el.action_id}
        onInput={(e) => {
          setTyped(e.currentTarget.value)
          setAt(0)
          setOpen(true)
        }}
        onClick={() => setOpen(true)}
        onBlur={() => setTimeout(() => box.current?.contains(document.activeElement) || shut(), 100)}
        onKeyDown={onKey}
      />
      {clearable && !multiple ? (
        <button type="button" class="select-clear" aria-label={`Clear ${single?.text ?? ''}`} onClick={() => { take([]); input.current?.focus() }}>
          <Icon name="close" size={14} />
        </button>
      ) : (
        <span class="select-arrow"><Icon name="down" size={14} /></span>
      )}
      {open && (
        <Popup anchor={box} onClose={shut} fit>
          {offered.length > 0 && <div role="listbox" id={listId} aria-label={name['aria-label'] ?? 'Choices'} class="options" onMouseDown={(e) => e.preventDefault()}>
            {offered.map((o, i) => {
              const head = o.group !== group ? (group = o.group) : undefined
              return (
                <>
                  {head && <div class="option-group" role="presentation">{head}</div>}
                  <div
                    key={o.value}
                    id={`${listId}-${i}`}
                    role="option"
                    aria-selected={current.some((c) => c.value === o.value)}
                    class={o === active ? 'option active' : 'option'}
                    data-value={o.value}
                    onMouseMove={() => setAt(i)}
                    onClick={() => take(multiple ? [...current, o] : [o])}
                  >
                    <span>{o.text}</span>
                    {o.description && <small>{o.description}</small>}
                  </div>
                </>
              )
            })}
          </div>}
          {offered.length === 0 && <p class="option-none" role="status">{typeof supplied === 'string' ? supplied : external && supplied === null ? 'Looking …' : 'Nothing fits.'}</p>}
        </Popup>
      )}
      {dialog}
    </div>
  )
}
