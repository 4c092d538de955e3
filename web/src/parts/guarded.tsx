// What fails while it is drawn takes nothing else with it.
import { Component, type ReactNode } from 'react';
import { NotArrived } from './arriving';
import { Failure } from './parts';

interface Props {
  what: string; // that has failed: "page", "form"
  /** When one of these changes, it is tried again. */
  anew?: readonly unknown[];
  children: ReactNode;
}

export class Guarded extends Component<Props, { error?: Error }> {
  state: { error?: Error } = {};

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  componentDidUpdate(before: Props) {
    const { anew = [] } = this.props;
    if (this.state.error && anew.some((one, index) => one !== before.anew?.[index])) this.setState({ error: undefined });
  }

  render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    if (error instanceof NotArrived) return <Failure error={error} retry={() => window.location.reload()} />;
    return <Failure error={new Error(`This ${this.props.what} cannot be shown: ${error.message} The rest goes on working, and what was typed elsewhere is kept.`)} retry={() => this.setState({ error: undefined })} />;
  }
}
