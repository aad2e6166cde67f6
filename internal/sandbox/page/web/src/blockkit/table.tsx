// Draws table blocks, and the tables of markdown blocks.
import type { ComponentChildren } from 'preact'
import type { Block } from '../api'
import { RichText } from './richtext'

/** how a column looks */
export interface Look { align?: 'left' | 'center' | 'right' | null; is_wrapped?: boolean }

type Cell = { type: 'raw_text'; text: string } | { type: 'raw_number'; value: number; text?: string } | ({ type: 'rich_text' } & Block)

export function Table({ block }: { block: Block }) {
  return <Grid rows={(block.rows as Cell[][]).map((row) => row.map(content))} looks={(block.column_settings as (Look | null)[] | undefined) ?? []} />
}

function content(cell: Cell): ComponentChildren {
  switch (cell.type) {
    case 'raw_number':
      return cell.text ?? String(cell.value)
    case 'rich_text':
      return <RichText block={cell} />
  }
  return cell.text
}

/** Grid is a table whose first row is its head; what is wider than the window is scrolled to, with the keyboard too. */
export function Grid({ rows: [head, ...rows], looks }: { rows: ComponentChildren[][]; looks: (Look | null)[] }) {
  const look = (column: number) => `${looks[column]?.align ?? 'left'}${looks[column]?.is_wrapped ? ' wrapped' : ''}`
  return (
    <div class="table" role="group" aria-label="Table" tabIndex={0}>
      <table>
        <thead>
          <tr>{head?.map((cell, i) => <th key={i} scope="col" class={look(i)}>{cell}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map((row, i) => <tr key={i}>{row.map((cell, j) => <td key={j} class={look(j)}>{cell}</td>)}</tr>)}
        </tbody>
      </table>
    </div>
  )
}
