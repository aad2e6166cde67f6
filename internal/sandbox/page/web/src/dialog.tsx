// A modal dialog: the browser keeps the focus in it, and gives it back afterwards.
import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { Icon } from './icons'

interface Props {
  title: string
  onClose: () => void
  children: ComponentChildren
  footer?: ComponentChildren
  class?: string
  /** what it is about, if the title alone does not say */
  alert?: boolean
  onSubmit?: () => void
}

export function Dialog({ title, onClose, children, footer, class: kind = '', alert, onSubmit }: Props) {
  const ref = useRef<HTMLDialogElement>(null)
  const close = useRef(onClose)
  close.current = onClose
  const id = useId()
  // at once: what is in it measures itself when it is drawn
  useLayoutEffect(() => {
    const dialog = ref.current!
    const before = document.activeElement
    dialog.showModal()
    return () => {
      dialog.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [])
  const body = (
    <>
      <header class="dialog-head">
        <h2 id={id}>{title}</h2>
        <button type="button" class="plain-button" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div class="dialog-body">{children}</div>
      {footer && <footer class="dialog-foot">{footer}</footer>}
    </>
  )
  return (
    <dialog
      ref={ref}
      class={`dialog ${kind}`}
      role={alert ? 'alertdialog' : undefined}
      aria-labelledby={id}
      onCancel={(e) => {
        if (e.target !== ref.current) return
        e.preventDefault()
        close.current()
      }}
      onKeyDown={(e) => {
        // Esc belongs to the innermost: a menu that is open stops it
        if (e.key === 'Escape') {
          e.preventDefault()
          e.stopPropagation()
          close.current()
        }
      }}
      onMouseDown={(e) => {
        if (e.target === ref.current) close.current()
      }}
    >
      {onSubmit ? (
        <form
          class="dialog-frame"
          noValidate
          onSubmit={(e) => {
            e.preventDefault()
            onSubmit()
          }}
        >
          {body}
        </form>
      ) : (
        <div class="dialog-frame">{body}</div>
      )}
    </dialog>
  )
}

/** Confirm asks before something is done. */
export function Confirm(p: { title: string; text: ComponentChildren; confirm: string; deny: string; danger?: boolean; onConfirm: () => void; onDeny: () => void }) {
  return (
    <Dialog
      title={p.title}
      alert
      class="confirm"
      onClose={p.onDeny}
      footer={
        <>
          <button type="button" class="button" onClick={p.onDeny}>
            {p.deny}
          </button>
          <button type="button" class={`button ${p.danger ? 'danger' : 'primary'}`} onClick={p.onConfirm} autofocus>
            {p.confirm}
          </button>
        </>
      }
    >
      {p.text}
    </Dialog>
  )
}
