// Draws images and videos as links to them: the page loads nothing from elsewhere.
import type { Block } from '../api'
import { safeURL } from '../mrkdwn'

export function Picture({ url, alt, small }: { url?: string; alt?: string; small?: boolean }) {
  return <span class={small ? 'picture small' : 'picture'}><Elsewhere url={url}>{alt || 'Image'}</Elsewhere></span>
}

/** Image is an image with its title above it. */
export function Image({ block }: { block: Block }) {
  const picture = <Picture url={block.image_url ?? block.slack_file?.url} alt={block.alt_text} />
  if (!block.title) return picture
  return (
    <figure>
      <figcaption class="lines">{block.title.text}</figcaption>
      {picture}
    </figure>
  )
}

export function Video({ block }: { block: Block }) {
  const by = [block.provider_name, block.author_name].filter(Boolean).join(' · ')
  return (
    <figure class="video">
      <figcaption>
        {by && <small>{by}</small>}
        <b><Elsewhere url={block.title_url}>{block.title?.text}</Elsewhere></b>
        {block.description && <p class="lines">{block.description.text}</p>}
      </figcaption>
      <Picture url={block.thumbnail_url} alt={block.alt_text} />
    </figure>
  )
}

function Elsewhere({ url, children }: { url?: string; children: string }) {
  const to = safeURL(url ?? '')
  return to ? <a href={to} target="_blank" rel="noopener noreferrer">{children}</a> : <>{children}</>
}
