// Radio buttons and checkboxes.
import { useId } from 'preact/hooks'
import { Text } from '../text'
import { useConfirmed } from './controls'
import { useChoice, type ControlProps } from './surface'

interface Offered { text: { type: string; text: string }; description?: { type: string; text: string }; value: string }

export function Radios(p: ControlProps) {
  const { el, block, labelled: l } = p
  const { shown, choose } = useChoice<Offered | null>(block, el)
  const [ask, dialog] = useConfirmed(el)
  const name = useId()
  return (
    <div
      role="radiogroup"
      class="choices"
      id={l?.id}
      aria-labelledby={l?.labelId}
      aria-label={l ? undefined : (block.text?.text ?? 'Choose one')}
      aria-describedby={l?.describedBy}
      aria-invalid={l?.invalid || undefined}
      data-action-id={el.action_id}
      data-block-id={block.block_id}
    >
      {(el.options as Offered[]).map((o) => (
        <Choice key={o.value} kind="radio" name={name} of={o} on={shown?.value === o.value} onChoose={() => ask(() => void choose(o, o.value))} />
      ))}
      {dialog}
    </div>
  )
}

export function Checkboxes(p: ControlProps) {
  const { el, block, labelled: l } = p
  const { shown, choose } = useChoice<Offered[] | null>(block, el)
  const [ask, dialog] = useConfirmed(el)
  const on = shown ?? []
  return (
    <div
      role="group"
      class="choices"
      id={l?.id}
      aria-labelledby={l?.labelId}
      aria-label={l ? undefined : (block.text?.text ?? 'Choose any')}
      aria-describedby={l?.describedBy}
      data-action-id={el.action_id}
      data-block-id={block.block_id}
    >
      {(el.options as Offered[]).map((o) => {
        const checked = on.some((c) => c.value === o.value)
        const next = checked ? on.filter((c) => c.value !== o.value) : [...on, o]
        return <Choice key={o.value} kind="checkbox" of={o} on={checked} onChoose={() => ask(() => void choose(next, next.map((c) => c.value)))} />
      })}
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
