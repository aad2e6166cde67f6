// Draws the blocks of a message, a form or the Home tab.
//
// slack-blocks-to-jsx 1.1.1 was tried on every message in bot/testdata first. It shows a
// mrkdwn text that says verbatim: true as its source, so that the dates of 53 of 260 read
// <!date^1795572720^{time}|2:12 AM UTC>; it gives each button its action_id as the id, twice
// in a document with two cards; it runs a Markdown parser over labels that are plain text;
// and it is three times as heavy as the rest of the page. So these are drawn here.
import { Text } from '../text'
import { Control } from './controls'
import { Input } from './input'
import { Markdown } from './markdown'
import { Image, Picture, Video } from './media'
import { RichText } from './richtext'
import { Table } from './table'
import type { Block } from '../api'
import type { Element } from './surface'

export function Blocks({ of }: { of: Block[] }) {
  return (
    <div class="blocks">
      {of.map((block, i) => (
        <One key={block.type === 'input' ? block.block_id : i} block={block} />
      ))}
    </div>
  )
}

function One({ block }: { block: Block }) {
  switch (block.type) {
    case 'rich_text':
      return <RichText block={block} />
    case 'section':
      return <Section block={block} />
    case 'context':
      return (
        <div class="context" data-block-id={block.block_id}>
          {(block.elements as Element[]).map((el, i) =>
            el.type === 'image' ? <Picture key={i} url={el.image_url} alt={el.alt_text} small /> : <span key={i}><Text of={el as never} /></span>,
          )}
        </div>
      )
    case 'actions':
      return (
        <div class="actions" data-block-id={block.block_id}>
          {(block.elements as Element[]).map((el) => <Control key={el.action_id} block={block} el={el} />)}
        </div>
      )
    case 'input':
      return <Input block={block} />
    case 'header':
      return <h2 class="header-block">{block.text?.text}</h2>
    case 'divider':
      return <hr />
    case 'image':
      return <Image block={block} />
    case 'video':
      return <Video block={block} />
    case 'markdown':
      return <Markdown text={block.text} />
    case 'table':
      return <Table block={block} />
  }
  return <p class="unknown">A {block.type} block, which this page does not draw.</p>
}

function Section({ block }: { block: Block }) {
  return (
    <div class="section" data-block-id={block.block_id}>
      <div class="section-text">
        {block.text && <Text of={block.text} />}
        {block.fields && (
          <div class="fields">
            {(block.fields as { type: string; text: string }[]).map((f, i) => <div key={i}><Text of={f} /></div>)}
          </div>
        )}
      </div>
      {block.accessory &&
        (block.accessory.type === 'image' ? (
          <Picture url={block.accessory.image_url} alt={block.accessory.alt_text} small />
        ) : (
          <Control block={block} el={block.accessory} />
        ))}
    </div>
  )
}
