// A component that is drawn again only when what it is given is another.
import { Component, h, type ComponentType, type FunctionComponent, type VNode } from 'preact'

export function memo<P extends object>(Inner: FunctionComponent<P>): ComponentType<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const now = this.props as Record<string, unknown>
      const then = next as Record<string, unknown>
      return Object.keys({ ...now, ...then }).some((k) => now[k] !== then[k])
    }
    override render(): VNode {
      return h(Inner as FunctionComponent<object>, this.props)
    }
  } as unknown as ComponentType<P>
}
