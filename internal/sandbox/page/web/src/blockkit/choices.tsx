// Radio buttons and checkboxes.
import { useId } from 'preact/hooks'
import { Text } from '../text'
import { useConfirmed } from './controls'
import { useChoice, type ControlProps } from './surface'

interface Offered { text: { type: string; text: string }; description?: { type: string; text: string }; value: string }

/** Choices is a list of which one can be chosen, or any of them. */
export function Choices(p: ControlProps) {
  const { el, block, labelled: l } = p
  const any = el.type === 'checkboxes'
  const { shown, choose } = useChoice<Offered[] | Offered | null>(block, el)
  const [ask, dialog] = useConfirmed(el)
  const name = useId()
  const on = shown === null ? [] : Array.isArray(shown) ? shown : [shown]
  const take = (o: Offered) => {
    if (!any) return ask(() => void choose(o, o.value))
    const next = on.some((c) => c.value === o.value) ? on.filter((c) => c.value !== o.value) : [...on, o]
    ask(() => void choose(next, next.map((c) => c.value)))
  }
  return (
    <div
      role={any ? 'group' : 'radiogroup'}
      class="choices"
      id={l?.id}
      aria-labelledby={l?.labelId}
      aria-label={l ? undefined : (block.text?.text ?? (any ? 'Choose any' : 'Choose one'))}
      aria-describedby={l?.describedBy}
      aria-invalid={any ? undefined : l?.invalid || undefined}
      data-action-id={el.action_id}
      data-block-id={block.block_id}
    >
      {(el.options as Offered[]).map((o) => (
        <Choice key={o.value} kind={any ? 'checkbox' : 'radio'} name={any ? undefined : name} of={o} on={on.some((c) => c.value === o.value)} onChoose={() => take(o)} />
      ))}
      {dialog}
    </div>
  )
}

function Choice(p: { kind: 'radio' | 'checkbox'; name?: string; of: Offered; on: boolean; onChoose: () => void }) {
  const id = useId()
  return (
    <label class="choice">
      <input type={p.kind} name={p.name} checked={p.on} value={p.of.value} onChange={p.onChoose} aria-describedby={p.of.description ? id : undefined} />
      <span>
        <Text of={p.of.text} />
        {p.of.description && <small id={id}><Text of={p.of.description} /></small>}
      </span>
    </label>
  )
}
