// Small parts that every page is made of.
import { useEffect, useState, type ReactNode } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { ProgressCircle } from '@adobe/react-spectrum/ProgressCircle';
import { ApiError } from '../api';
import { number, stateText, toneOf } from '../format';

/** A page's heading with what can be done on it; also the document's title. */
export function Page({ title, about, actions, back, children }: { title: string; about?: ReactNode; actions?: ReactNode; back?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = title === 'Sources catalog' ? title : `${title} · Headwater`;
  }, [title]);
  return (
    <div className="page">
      {back && <div className="back">{back}</div>}
      <div className="heading">
        <div>
          <h1>{title}</h1>
          {about && <div className="about">{about}</div>}
        </div>
        {actions && <div className="actions">{actions}</div>}
      </div>
      {children}
    </div>
  );
}

export function Panel({ title, about, actions, children, id }: { title?: string; about?: ReactNode; actions?: ReactNode; children: ReactNode; id?: string }) {
  return (
    <section className="panel" aria-label={title} id={id}>
      {(title || actions) && (
        <div className="heading">
          <div>
            {title && <h2>{title}</h2>}
            {about && <div className="about">{about}</div>}
          </div>
          {actions && <div className="actions">{actions}</div>}
        </div>
      )}
      {children}
    </section>
  );
}

export function Loading({ what = 'Loading' }: { what?: string }) {
  return <div className="loading"><ProgressCircle aria-label={what} isIndeterminate /></div>;
}

/** What went wrong, where, and what to do. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const known = error instanceof ApiError ? error : undefined;
  return (
    <div className="failure" role="alert">
      <strong>{(error as Error)?.message ?? 'Something went wrong.'}</strong>
      {known && known.problems.length > 0 && (
        <ul>{known.problems.map((one, index) => <li key={index}><code>{one.pointer}</code> {one.reason} {one.hint}</li>)}</ul>
      )}
      {retry && <Button variant="secondary" onPress={retry}>Try again</Button>}
    </div>
  );
}

export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
    </div>
  );
}

export function State({ state }: { state: unknown }) {
  return <span className={`state ${toneOf(state)}`}>{stateText(state)}</span>;
}

export interface Column<T> {
  name: string;
  of(row: T): ReactNode;
  number?: boolean;
}

const rowsAtOnce = 500;

/** What follows what a table has been given. */
export interface More {
  more: boolean;
  loading: boolean;
  load(): void;
}

/**
 * Rows of things; on a narrow screen each row becomes a card with its columns' names. Of many the first are drawn, and the others
 * when they are asked for. `what`: the things, in the plural; `total`: how many there are, where that is known.
 */
export function Table<T>({ label, columns, rows, keyOf, what = 'rows', total, more }: { label: string; columns: Column<T>[]; rows: T[]; keyOf(row: T, index: number): string; what?: string; total?: number; more?: More }) {
  const [most, setMost] = useState(rowsAtOnce);
  const shown = rows.slice(0, most);
  const follows = rows.length > most || more?.more === true;
  const show = () => {
    setMost((before) => before + rowsAtOnce);
    if (rows.length <= most) more?.load();
  };
  return (
    <>
      <div className="table" tabIndex={0} role="region" aria-label={label}>
        <table className="stacks">
          <thead><tr>{columns.map((column) => <th key={column.name} scope="col" className={column.number ? 'number' : undefined}>{column.name}</th>)}</tr></thead>
          <tbody>
            {shown.map((row, index) => (
              <tr key={keyOf(row, index)}>
                {columns.map((column) => <td key={column.name} data-name={column.name} className={column.number ? 'number' : undefined}>{column.of(row)}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {follows && (
        <div className="row">
          <Button variant="secondary" isPending={more?.loading} onPress={show}>Show more {what}</Button>
          <span className="quiet" role="status">{number(shown.length)} {total === undefined || total <= shown.length ? `${what} are shown, and there are more.` : `of ${number(total)} ${what} are shown.`}</span>
        </div>
      )}
    </>
  );
}

/** Names and values. */
export function Facts({ facts, wide = false }: { facts: [string, ReactNode][]; wide?: boolean }) {
  return <dl className={wide ? 'facts wide' : 'facts'}>{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

export function Copied({ text, label }: { text: string; label: string }) {
  return <Button variant="secondary" aria-label={label} onPress={() => void navigator.clipboard?.writeText(text)}>Copy</Button>;
}
