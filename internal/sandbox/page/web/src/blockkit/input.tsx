// Input blocks: a label, a control, a hint and what is wrong; and the text inputs, which tell the server as one types.
import { useContext, useEffect, useId, useRef } from 'preact/hooks'
import type { Block } from '../api'
import { Control, useName } from './controls'
import { useChoice, Where, type ControlProps, type Element } from './surface'

export function Input({ block }: { block: Block }) {
  const { errors } = useContext(Where)
  const id = useId()
  const el = block.element as Element
  const error = errors?.[block.block_id]
  const grouped = el.type === 'radio_buttons' || el.type === 'checkboxes'
  const describedBy = [error && `${id}-error`, block.hint && `${id}-hint`].filter(Boolean).join(' ') || undefined
  const name = (
    <>
      {block.label?.text}
      {block.optional && <span class="optional"> (optional)</span>}
    </>
  )
  return (
    <div class={error ? 'input invalid' : 'input'} data-block-id={block.block_id}>
      {grouped ? (
        <span class="label" id={`${id}-label`}>{name}</span>
      ) : (
        <label class="label" id={`${id}-label`} for={id}>{name}</label>
      )}
      <Control block={block} el={el} labelled={{ id, labelId: `${id}-label`, describedBy, invalid: error !== undefined, required: !block.optional }} />
      {error && (
        <p class="error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
      {block.hint && <p class="hint" id={`${id}-hint`}>{block.hint.text}</p>}
    </div>
  )
}

/** which keyboard a telephone offers */
const keyboards: Record<string, 'decimal' | 'email' | 'url'> = { number_input: 'decimal', email_text_input: 'email', url_text_input: 'url' }

/** how long typing pauses before the server is told */
const pause = 350

export function TextInput(p: ControlProps) {
  const { el, block } = p
  const multiline = el.multiline || el.type === 'rich_text_input'
  const surface = useContext(Where)
  const { shown, choose } = useChoice<string | null>(block, el)
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null)
  const timer = useRef(0)
  const typed = useRef<string | null>(null)
  const send = () => {
    clearTimeout(timer.current)
    if (typed.current === null) return
    const value = typed.current
    typed.current = null
    void choose(value, value === '' ? null : value)
  }
  const latest = useRef(send)
  latest.current = send
  // a form that is submitted sends first what was typed last
  useEffect(() => {
    const form = field.current?.closest('dialog')
    const flush = () => latest.current()
    form?.addEventListener('flush', flush)
    return () => {
      form?.removeEventListener('flush', flush)
      clearTimeout(timer.current)
    }
  }, [])
  useEffect(() => {
    if (multiline && field.current) grow(field.current)
  }, [shown])
  const all = {
    ...useName(p, 'Text'),
    ref: field,
    class: 'field',
    placeholder: el.placeholder?.text,
    value: typed.current ?? shown ?? '',
    maxLength: el.max_length,
    autofocus: el.focus_on_load,
    autocomplete: 'off',
    'data-action-id': el.action_id,
    'data-block-id': block.block_id,
    onInput: (e: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) => {
      typed.current = e.currentTarget.value
      if (multiline) grow(e.currentTarget)
      clearTimeout(timer.current)
      if (surface.modal) timer.current = window.setTimeout(() => latest.current(), pause)
    },
    onChange: send,
  }
  return multiline ? <textarea {...all} rows={el.min_lines ?? 3} /> : <input {...all} type="text" inputMode={keyboards[el.type]} />
}

/** grow makes a field as high as what stands in it, up to a third of the window. */
export function grow(field: HTMLElement): void {
  field.style.height = 'auto'
  field.style.height = `${Math.min(field.scrollHeight + 2, window.innerHeight / 3)}px`
}
