// Draws markdown blocks. marked reads them into a tree, whose texts are drawn as texts: none of it, and no HTML
// that stands in it, becomes part of the document otherwise.
import { Marked, type MarkedToken, type Token, type Tokens } from 'marked'
import type { ComponentChildren } from 'preact'
import { memo } from '../memo'
import { angle, unescape, type Inline } from '../mrkdwn'
import { Inlines, Link } from '../text'
import { Grid } from './table'

interface Mention { type: 'mention'; raw: string; node: Inline }

const reader = new Marked({
  // HTML is text, as in Slack
  tokenizer: { html: () => undefined, tag: () => undefined },
  extensions: [
    {
      name: 'mention',
      level: 'inline',
      start: (text) => text.search(/<[@#!]/),
      tokenizer: (text): Mention | undefined => {
        const found = /^<([@#!][^>\n]+)>/.exec(text)
        const node = found && angle(found[1]!)
        return node ? { type: 'mention', raw: found[0], node } : undefined
      },
    },
  ],
})

export const Markdown = memo(function Markdown({ text }: { text: string }) {
  return <div class="rich markdown"><Tree of={reader.lexer(text)} /></div>
})

function Tree({ of }: { of: Token[] | undefined }) {
  return <>{of?.map((token, i) => <One key={i} token={token as MarkedToken | Mention} />)}</>
}

function One({ token }: { token: MarkedToken | Mention }): ComponentChildren {
  switch (token.type) {
    case 'heading': {
      const Heading = `h${Math.min(token.depth + 1, 6)}` as 'h2'
      return <Heading class="lines"><Tree of={token.tokens} /></Heading>
    }
    case 'paragraph':
      return <p class="lines"><Tree of={token.tokens} /></p>
    case 'blockquote':
      return <blockquote><Tree of={token.tokens} /></blockquote>
    case 'code':
      return <pre>{unescape(token.text)}</pre>
    case 'hr':
      return <hr />
    case 'list':
      return <List of={token} />
    case 'checkbox':
      return <input type="checkbox" checked={token.checked} disabled aria-label={token.checked ? 'Done' : 'To do'} />
    case 'table':
      return (
        <Grid
          rows={[token.header, ...token.rows].map((row) => row.map((cell) => <Tree of={cell.tokens} />))}
          looks={token.align.map((align) => ({ align, is_wrapped: true }))}
        />
      )
    case 'strong':
      return <b><Tree of={token.tokens} /></b>
    case 'em':
      return <i><Tree of={token.tokens} /></i>
    case 'del':
      return <s><Tree of={token.tokens} /></s>
    case 'codespan':
      return <code>{unescape(token.text)}</code>
    case 'br':
      return <br />
    case 'link':
      return leads(token.href) ? <Link url={token.href}><Tree of={token.tokens} /></Link> : <Tree of={token.tokens} />
    case 'image': // Slack shows a link too
      return leads(token.href) ? <Link url={token.href}>{unescape(token.text) || 'Image'}</Link> : unescape(token.text)
    case 'mention':
      return <Inlines nodes={[token.node]} />
    case 'text':
      return token.tokens ? <Tree of={token.tokens} /> : unescape(token.text)
    case 'escape':
      return token.text
    case 'space':
    case 'def':
      return null
  }
  return token.raw
}

/** leads tells whether a link may lead there; text.tsx links to telephones too. */
const leads = (url: string) => /^(https?|mailto):/i.test(url)

function List({ of }: { of: Tokens.List }) {
  const items = of.items.map((item, i) => <li key={i} class={item.task ? 'lines task' : 'lines'}><Tree of={item.tokens} /></li>)
  return of.ordered ? <ol start={of.start === '' ? 1 : of.start}>{items}</ol> : <ul>{items}</ul>
}
