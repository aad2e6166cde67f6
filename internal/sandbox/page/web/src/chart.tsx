// The requests to AgentPhone against its limit, and those of a loop that polls each call, as a small chart.
import { useId } from 'preact/hooks'
import type { Traffic } from './api'

const width = 300
const height = 84

export function Chart({ traffic: t }: { traffic: Traffic }) {
  const id = useId()
  const top = Math.max(t.limit * 1.25, ...t.samples.map((s) => Math.max(s.ours, s.plain)), 1)
  const x = (i: number) => (t.samples.length < 2 ? width : (i / (t.samples.length - 1)) * width)
  const y = (n: number) => height - 1 - (n / top) * (height - 4)
  const line = (of: 'ours' | 'plain') => t.samples.map((s, i) => `${x(i).toFixed(1)},${y(s[of]).toFixed(1)}`).join(' ')
  const window = t.window_ms / 1000
  return (
    <figure class="chart">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-labelledby={id} preserveAspectRatio="none">
        <polygon class="area" points={`0,${height} ${line('ours')} ${width},${height}`} />
        <line class="limit" x1="0" x2={width} y1={y(t.limit)} y2={y(t.limit)} />
        <polyline class="plain" points={line('plain')} />
        <polyline class="ours" points={line('ours')} />
      </svg>
      <ul class="legend" aria-hidden="true">
        <li class="ours">callbot {t.used}</li>
        <li class="plain">a poll loop {t.plain}</li>
        <li class="limit">limit {t.limit}</li>
      </ul>
      <figcaption id={id} class="hidden">
        Requests to AgentPhone in the last {window < 10 ? window.toFixed(1) : Math.round(window)} seconds: {t.used} of {t.limit} allowed. A loop that polls each call would have made {t.plain}.
      </figcaption>
    </figure>
  )
}
