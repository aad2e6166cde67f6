// Date and time pickers: the browser's own, in the time zone of the person.
import { dateNumber, moment, timeNumber, wall } from '../dates'
import { use, zone } from '../store'
import { useConfirmed, useName } from './controls'
import { useChoice, type ControlProps } from './surface'

export function DatePicker(p: ControlProps) {
  return <Native {...p} kind="date" name="Date" />
}

export function TimePicker(p: ControlProps) {
  return <Native {...p} kind="time" name="Time" />
}

function Native(p: ControlProps & { kind: 'date' | 'time'; name: string }) {
  const { el, block } = p
  const { shown, choose } = useChoice<string | null>(block, el)
  const [ask, dialog] = useConfirmed(el)
  return (
    <>
      <input
        {...useName(p, p.name)}
        class="field picker"
        type={p.kind}
        value={shown ?? ''}
        data-action-id={el.action_id}
        data-block-id={block.block_id}
        onChange={(e) => {
          const value = e.currentTarget.value || null
          ask(() => void choose(value, value))
        }}
      />
      {dialog}
    </>
  )
}

/** DateTimePicker says Unix seconds to the server, and shows them by the person's own clock. */
export function DateTimePicker(p: ControlProps) {
  const { el, block } = p
  const z = use(zone)
  const { shown, choose } = useChoice<number | null>(block, el)
  const [ask, dialog] = useConfirmed(el)
  const w = shown === null ? null : wall(Number(shown) * 1000, z)
  const local = z && z !== Intl.DateTimeFormat().resolvedOptions().timeZone
  return (
    <span class="picker-row">
      <input
        {...useName(p, 'Date and time')}
        class="field picker"
        type="datetime-local"
        value={w ? `${dateNumber(w)}T${timeNumber(w)}` : ''}
        data-action-id={el.action_id}
        data-block-id={block.block_id}
        onChange={(e) => {
          const m = /^(\d+)-(\d+)-(\d+)T(\d+):(\d+)/.exec(e.currentTarget.value)
          if (!m && e.currentTarget.value !== '') return
          const [year, month, day, hour, minute] = (m?.slice(1) ?? []).map(Number) as [number, number, number, number, number]
          const seconds = m ? Math.round(moment({ year, month, day, hour, minute }, z) / 1000) : null
          ask(() => void choose(seconds, seconds === null ? null : String(seconds)))
        }}
      />
      {local && <small class="zone">{z.replace('_', ' ')}</small>}
      {dialog}
    </span>
  )
}
