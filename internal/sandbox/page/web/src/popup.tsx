// What opens beside a control: a menu or a list of choices, above everything else and inside the window.
import type { ComponentChildren, RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

interface Props {
  anchor: RefObject<HTMLElement | null>
  onClose: () => void
  children: ComponentChildren
  /** as wide as its anchor at least */
  fit?: boolean
  end?: boolean
  class?: string
}

export function Popup({ anchor, onClose, children, fit, end, class: kind = '' }: Props) {
  const ref = useRef<HTMLDivElement>(null)
  const close = useRef(onClose)
  close.current = onClose
  const place = () => {
    const el = ref.current
    const by = anchor.current?.getBoundingClientRect()
    if (!el || !by) return
    if (fit) el.style.minWidth = `${by.width}px`
    const { offsetWidth: w, offsetHeight: h } = el
    const below = window.innerHeight - by.bottom - 8
    el.style.maxHeight = `${Math.max(120, Math.max(below, by.top - 8))}px`
    el.style.top = `${h > below && by.top > below ? Math.max(4, by.top - h - 4) : by.bottom + 4}px`
    el.style.left = `${Math.max(4, Math.min(end ? by.right - w : by.left, window.innerWidth - w - 4))}px`
  }
  useLayoutEffect(() => {
    ref.current!.showPopover()
  }, [])
  useLayoutEffect(place)
  useEffect(() => {
    const outside = (e: Event) => {
      const t = e.target as Node
      if (!ref.current?.contains(t) && !anchor.current?.contains(t)) close.current()
    }
    document.addEventListener('pointerdown', outside, true)
    window.addEventListener('resize', place)
    document.addEventListener('scroll', place, true)
    return () => {
      document.removeEventListener('pointerdown', outside, true)
      window.removeEventListener('resize', place)
      document.removeEventListener('scroll', place, true)
    }
  }, [])
  return (
    <div ref={ref} popover="manual" class={`popup ${kind}`}>
      {children}
    </div>
  )
}

export interface Item { label: string; detail?: string; danger?: boolean; run: () => void }

/** Menu is a button that opens a list of things to do. */
export function Menu(p: { label: string; items: () => Item[]; children: ComponentChildren; class?: string; end?: boolean; tabIndex?: number; attributes?: Record<string, string> }) {
  const button = useRef<HTMLButtonElement>(null)
  const [open, setOpen] = useState(false)
  const shut = (refocus = true) => {
    setOpen(false)
    if (refocus) button.current?.focus()
  }
  return (
    <>
      <button
        ref={button}
        type="button"
        class={p.class}
        aria-label={p.label}
        title={p.label}
        aria-haspopup="menu"
        aria-expanded={open}
        tabIndex={p.tabIndex}
        {...p.attributes}
        onClick={() => setOpen(!open)}
        onKeyDown={(e) => {
          if (e.key === 'ArrowDown' && !open) {
            e.preventDefault()
            e.stopPropagation()
            setOpen(true)
          }
        }}
      >
        {p.children}
      </button>
      {open && (
        <Popup anchor={button} onClose={() => shut(false)} end={p.end}>
          <MenuItems label={p.label} items={p.items()} onDone={shut} />
        </Popup>
      )}
    </>
  )
}

function MenuItems({ label, items, onDone }: { label: string; items: Item[]; onDone: () => void }) {
  const ref = useRef<HTMLDivElement>(null)
  const all = () => [...ref.current!.querySelectorAll<HTMLElement>('[role=menuitem]')]
  useEffect(() => all()[0]?.focus(), [])
  return (
    <div
      ref={ref}
      role="menu"
      aria-label={label}
      class="menu"
      onKeyDown={(e) => {
        const list = all()
        const at = list.indexOf(document.activeElement as HTMLElement)
        const to = { ArrowDown: (at + 1) % list.length, ArrowUp: (at - 1 + list.length) % list.length, Home: 0, End: list.length - 1 }[e.key]
        if (to !== undefined) list[to]?.focus()
        else if (e.key === 'Escape' || e.key === 'Tab') onDone()
        else return
        e.preventDefault()
        e.stopPropagation()
      }}
    >
      {items.map((item) => (
        <button
          type="button"
          role="menuitem"
          class={item.danger ? 'menu-item danger' : 'menu-item'}
          tabIndex={-1}
          key={item.label}
          onClick={() => {
            onDone()
            item.run()
          }}
        >
          <span>{item.label}</span>
          {item.detail && <small>{item.detail}</small>}
        </button>
      ))}
    </div>
  )
}
