import { Button } from '@adobe/react-spectrum/Button';
import { Checkbox } from '@adobe/react-spectrum/Checkbox';
import { Item, Picker } from '@adobe/react-spectrum/Picker';
import { NumberField } from '@adobe/react-spectrum/NumberField';
import { Radio, RadioGroup } from '@adobe/react-spectrum/RadioGroup';
import { exactTime } from '../format';
import type { Draft } from './draft';
import { bounded, crossesChange, least, most, nextRuns, zone } from './times';

type Schedule = Draft['schedule'];

const frequencies = [
  { key: 'once', name: 'Once' },
  { key: 'minute', name: 'Minutes' },
  { key: 'hour', name: 'Hours' },
  { key: 'day', name: 'Days' },
  { key: 'week', name: 'Weeks' },
];

// The input of the browser speaks of local time without a zone.
const local = (ms: number) => new Date(ms - new Date(ms).getTimezoneOffset() * 60000).toISOString().slice(0, 16);

/** What a run reads, in words. `changes`: the source can be asked for what has changed. */
function reads({ frequency, backfill }: Schedule, changes: boolean): string {
  if (frequency === 'once') return 'It reads everything there is.';
  if (!changes) return 'Every run reads everything: this source’s spec says no way to ask for changes only. Records that are in the dataset already are added again.';
  return backfill ? 'The first run reads everything there is, the later ones only what has changed since.' : 'Every run reads what has changed since the one before; the first one since its start.';
}

export function ScheduleStep({ schedule, changes, change, next }: { schedule: Schedule; changes: boolean; change(schedule: Schedule): void; next(): void }) {
  const { frequency, interval, backfill, start } = schedule;
  const runs = nextRuns(schedule, 5);
  const atOnce = !start || start <= Date.now();
  return (
    <div className="beside">
      <div className="stack">
        <div className="row">
          <Picker label="Run every" items={frequencies} selectedKey={frequency} onSelectionChange={(key) => {
            const chosen = String(key) as Schedule['frequency'];
            change({ ...schedule, frequency: chosen, interval: bounded(chosen, Math.min(interval, 30)) });
          }}>
            {({ key, name }) => <Item key={key}>{name}</Item>}
          </Picker>
          {frequency !== 'once' && <NumberField label="How many" value={interval} minValue={least(frequency)} maxValue={most[frequency]} onChange={(value) => change({ ...schedule, interval: bounded(frequency, value) })} width="size-1600" />}
        </div>
        <RadioGroup label="First run" value={start ? 'later' : 'now'} onChange={(value) => change({ ...schedule, start: value === 'later' ? Math.ceil(Date.now() / 3600000) * 3600000 : undefined })}>
          <Radio value="now">As soon as the dataflow is created</Radio>
          <Radio value="later">At a time of your choice</Radio>
        </RadioGroup>
        {start !== undefined && (
          <label className="plain">First run at, {zone()} time
            <input type="datetime-local" max="2099-12-31T23:59" value={local(start)} onChange={(event) => event.target.value && event.target.value < '2100' && change({ ...schedule, start: new Date(event.target.value).getTime() })} />
          </label>
        )}
        {frequency !== 'once' && changes && <Checkbox isSelected={backfill} onChange={(value) => change({ ...schedule, backfill: value })}>Fetch what is there already (backfill)</Checkbox>}
        <div><Button variant="accent" onPress={next}>Next</Button></div>
      </div>
      <div className="stack">
        <h3>Next runs</h3>
        <ol className="runs">{runs.map((run, index) => <li key={index}>{index === 0 && atOnce ? 'As soon as it is created' : exactTime(run)}</li>)}</ol>
        {frequency !== 'once' && crossesChange(runs) && <p className="quiet">A day has 24 hours here: where the clock changes ({zone()}), runs come an hour earlier or later by it.</p>}
        <p className={frequency !== 'once' && !changes ? 'note' : 'quiet'}>{reads(schedule, changes)}</p>
      </div>
    </div>
  );
}
