// Chooses how a control is drawn, and draws the simple ones: buttons and overflow menus.
import { useContext, useId, useState } from 'preact/hooks'
import { Confirm } from '../dialog'
import { Icon } from '../icons'
import { safeURL } from '../mrkdwn'
import { Menu } from '../popup'
import { Text } from '../text'
import { Choices } from './choices'
import { TextInput } from './input'
import { DatePicker, DateTimePicker, TimePicker } from './pickers'
import { Select } from './select'
import { tell, Where, type ControlProps, type Element } from './surface'

export function Control(p: ControlProps) {
  switch (p.el.type) {
    case 'button':
      return <Button {...p} />
    case 'workflow_button':
      return <WorkflowButton {...p} />
    case 'overflow':
      return <Overflow {...p} />
    case 'radio_buttons':
    case 'checkboxes':
      return <Choices {...p} />
    case 'datepicker':
      return <DatePicker {...p} />
    case 'timepicker':
      return <TimePicker {...p} />
    case 'datetimepicker':
      return <DateTimePicker {...p} />
    case 'plain_text_input':
    case 'rich_text_input':
    case 'number_input':
    case 'email_text_input':
    case 'url_text_input':
      return <TextInput {...p} />
  }
  if (/_select$/.test(p.el.type)) return <Select {...p} />
  return <span class="unknown">A {p.el.type}, which this page does not draw.</span>
}

/** useConfirmed asks first where the app wants it. */
export function useConfirmed(el: Element): [ask: (then: () => void) => void, dialog: preact.ComponentChildren] {
  const [then, setThen] = useState<(() => void) | null>(null)
  const c = el.confirm
  const dialog = then && (
    <Confirm
      title={c.title?.text ?? 'Are you sure?'}
      text={<Text of={c.text} />}
      confirm={c.confirm?.text ?? 'Yes'}
      deny={c.deny?.text ?? 'Cancel'}
      danger={c.style === 'danger'}
      onDeny={() => setThen(null)}
      onConfirm={() => {
        setThen(null)
        then()
      }}
    />
  )
  return [(run) => (c ? setThen(() => run) : run()), dialog]
}

function Button({ block, el }: ControlProps) {
  const surface = useContext(Where)
  const [busy, setBusy] = useState(false)
  const [ask, dialog] = useConfirmed(el)
  const press = async () => {
    if (busy) return
    setBusy(true)
    await tell(surface, block, el, null)
    setBusy(false)
  }
  const attributes = { class: `button ${el.style ?? ''}`, 'data-action-id': el.action_id, 'data-block-id': block.block_id, 'aria-label': el.accessibility_label }
  const to = safeURL(el.url ?? '')
  if (to) {
    return (
      <a {...attributes} href={to} target="_blank" rel="noopener noreferrer" onClick={() => void press()}>
        {el.text?.text}
      </a>
    )
  }
  return (
    <>
      <button type="button" {...attributes} aria-busy={busy} onClick={() => ask(() => void press())}>
        {el.text?.text}
      </button>
      {dialog}
    </>
  )
}

/** WorkflowButton can be reached and read, but not pressed: the workspace runs no workflows that start with a link. */
function WorkflowButton({ el }: ControlProps) {
  const why = useId()
  return (
    <span class="workflow">
      <button type="button" class={`button ${el.style ?? ''}`} aria-disabled="true" aria-label={el.accessibility_label} aria-describedby={why} data-action-id={el.action_id}>
        {el.text?.text}
      </button>
      <small id={why}>It starts a workflow, and can't be pressed here.</small>
    </span>
  )
}

function Overflow({ block, el }: ControlProps) {
  const surface = useContext(Where)
  const [ask, dialog] = useConfirmed(el)
  return (
    <>
      <Menu
        label="More actions"
        class="button overflow"
        end
        attributes={{ 'data-action-id': el.action_id, 'data-block-id': block.block_id }}
        items={() =>
          (el.options as { text: { text: string }; description?: { text: string }; value: string; url?: string }[]).map((o) => ({
            label: o.text.text,
            detail: o.description?.text,
            run: () => {
              const to = safeURL(o.url ?? '')
              if (to) window.open(to, '_blank', 'noopener,noreferrer')
              ask(() => void tell(surface, block, el, o.value))
            },
          }))
        }
      >
        <Icon name="more" />
      </Menu>
      {dialog}
    </>
  )
}

/** useName gives a control a name where no input block does. */
export function useName(p: ControlProps, fallback: string): { id: string; 'aria-labelledby'?: string; 'aria-label'?: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean; 'aria-required'?: boolean } {
  const own = useId()
  const l = p.labelled
  if (!l) return { id: own, 'aria-label': p.el.placeholder?.text ?? p.block.text?.text ?? fallback }
  return { id: l.id, 'aria-labelledby': l.labelId, 'aria-describedby': l.describedBy, 'aria-invalid': l.invalid || undefined, 'aria-required': l.required || undefined }
}
