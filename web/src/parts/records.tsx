// Records as they are: columns of whatever names, values of whatever length.
import { memo, useState } from 'react';
import { Button } from '@adobe/react-spectrum/Button';
import { isNumber } from '../exact';
import { cell, number } from '../format';

const longest = 200; // characters of a value that are shown at once
const cellsAtOnce = 6000;
const rowsAtOnce = 500;

function Value({ value }: { value: unknown }) {
  const [open, setOpen] = useState(false);
  if (value === null || value === undefined) return <span className="null">null</span>;
  const text = cell(value);
  const shown = text.length <= longest || open ? text : `${text.slice(0, longest)}…`;
  return (
    <>
      {typeof value === 'object' && !isNumber(value) ? <code>{shown}</code> : shown}
      {text.length > longest && <> <button type="button" className="link" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? 'Show less' : `Show all ${number(text.length)} characters`}</button></>}
    </>
  );
}

/** Drawn again only for other records: with hundreds of columns that takes a while. */
export const Records = memo(function Records({ label, columns, rows }: { label: string; columns: string[]; rows: unknown[][] }) {
  const step = Math.max(20, Math.min(rowsAtOnce, Math.floor(cellsAtOnce / Math.max(1, columns.length))));
  const [more, setMore] = useState({ rows, steps: 1 });
  const most = step * (more.rows === rows ? more.steps : 1);
  const shown = rows.slice(0, most);
  return (
    <>
      <div className="table records" tabIndex={0} role="region" aria-label={label}>
        <table>
          <thead><tr>{columns.map((name, index) => <th key={index} scope="col" className={isNumber(rows[0]?.[index]) ? 'number' : undefined}>{name}</th>)}</tr></thead>
          <tbody>{shown.map((row, index) => <tr key={index}>{row.map((value, at) => <td key={at} className={isNumber(value) ? 'number' : undefined}><Value value={value} /></td>)}</tr>)}</tbody>
        </table>
      </div>
      {rows.length > most && (
        <div className="row">
          <Button variant="secondary" onPress={() => setMore({ rows, steps: most / step + 1 })}>Show {number(Math.min(step, rows.length - most))} more</Button>
          <span className="quiet">{number(most)} of {number(rows.length)} rows are shown.</span>
        </div>
      )}
    </>
  );
});
