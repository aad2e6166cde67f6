// Files of a message: a player for audio, the beginning of a text, and a link to fetch the rest.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { File } from './api'
import { clock } from './dates'
import { Icon } from './icons'

export function Files({ of }: { of: File[] }) {
  return (
    <div class="files">
      {of.map((f) =>
        f.mimetype.startsWith('audio/') ? <Audio key={f.id} file={f} /> : f.mimetype.startsWith('text/') ? <TextFile key={f.id} file={f} /> : <Other key={f.id} file={f} />,
      )}
    </div>
  )
}

/** size is what a file weighs, for people. */
export function size(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

function Head({ file }: { file: File }) {
  return (
    <p class="file-head">
      <Icon name="file" size={16} />
      <a href={file.url} download={file.name}>{file.title || file.name}</a>
      <small>
        {file.duration_s ? `${clock(file.duration_s)} · ` : ''}
        {size(file.size)}
      </small>
    </p>
  )
}

function Audio({ file }: { file: File }) {
  return (
    <div class="file audio" data-file={file.id}>
      <Head file={file} />
      <audio controls preload="metadata" src={file.url} aria-label={file.title || file.name} />
    </div>
  )
}

/** how much of a text is shown at first, in lines, and of which texts anything is, in bytes */
const first = 5
const readable = 500_000

function TextFile({ file }: { file: File }) {
  const ref = useRef<HTMLDivElement>(null)
  const [text, setText] = useState<string | null>(null)
  const [open, setOpen] = useState(false)
  useEffect(() => {
    if (file.size > readable) return
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((e) => e.isIntersecting)) return
      seen.disconnect()
      fetch(file.url)
        .then((r) => (r.ok ? r.text() : Promise.reject(new Error(String(r.status)))))
        .then(setText, () => setText('The file cannot be read any more.'))
    })
    seen.observe(ref.current!)
    return () => seen.disconnect()
  }, [file.url])
  const lines = text?.split('\n') ?? []
  const long = lines.length > first + 1
  return (
    <div class="file text" ref={ref} data-file={file.id}>
      <Head file={file} />
      <pre tabIndex={open ? 0 : undefined} aria-label={open ? file.name : undefined} role={open ? 'region' : undefined}>
        {text === null ? (file.size > readable ? 'Too long to show here.' : '\n'.repeat(first - 1)) : (open || !long ? lines : lines.slice(0, first)).join('\n')}
      </pre>
      {long && (
        <button type="button" class="link-button" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Collapse' : `Expand (${lines.length} lines)`}
        </button>
      )}
    </div>
  )
}

function Other({ file }: { file: File }) {
  return (
    <div class="file" data-file={file.id}>
      <Head file={file} />
    </div>
  )
}
