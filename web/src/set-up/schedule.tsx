import { Button } from '@adobe/react-spectrum/Button';
import { Checkbox } from '@adobe/react-spectrum/Checkbox';
import { Item, Picker } from '@adobe/react-spectrum/Picker';
import { NumberField } from '@adobe/react-spectrum/NumberField';
import { Radio, RadioGroup } from '@adobe/react-spectrum/RadioGroup';
import { exactTime } from '../format';
import { nextRuns, type Draft } from './draft';

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

export function ScheduleStep({ schedule, change, next }: { schedule: Schedule; change(schedule: Schedule): void; next(): void }) {
  const { frequency, interval, backfill, start } = schedule;
  const least = frequency === 'minute' ? 15 : 1;
  return (
    <div className="beside">
      <div className="stack">
        <div className="row">
          <Picker label="Run every" items={frequencies} selectedKey={frequency} onSelectionChange={(key) => {
            const chosen = String(key) as Schedule['frequency'];
            change({ ...schedule, frequency: chosen, interval: chosen === 'minute' ? Math.max(15, interval) : Math.min(interval, 30) });
          }}>
            {({ key, name }) => <Item key={key}>{name}</Item>}
          </Picker>
          {frequency !== 'once' && <NumberField label="How many" value={interval} minValue={least} onChange={(value) => change({ ...schedule, interval: Number.isNaN(value) ? least : Math.round(value) })} width="size-1600" />}
        </div>
        <RadioGroup label="First run" value={start ? 'later' : 'now'} onChange={(value) => change({ ...schedule, start: value === 'later' ? Math.ceil(Date.now() / 3600000) * 3600000 : undefined })}>
          <Radio value="now">As soon as the dataflow is created</Radio>
          <Radio value="later">At a time of your choice</Radio>
        </RadioGroup>
        {start !== undefined && (
          <label className="plain">First run at
            <input type="datetime-local" value={local(start)} onChange={(event) => event.target.value && change({ ...schedule, start: new Date(event.target.value).getTime() })} />
          </label>
        )}
        {frequency !== 'once' && <Checkbox isSelected={backfill} onChange={(value) => change({ ...schedule, backfill: value })}>Fetch what is there already (backfill)</Checkbox>}
        <div><Button variant="accent" onPress={next}>Next</Button></div>
      </div>
      <div className="stack">
        <h3>Next runs</h3>
        <ol className="runs">{nextRuns(schedule, 5).map((run, index) => <li key={run}>{index === 0 && !start ? 'As soon as it is created' : exactTime(run)}</li>)}</ol>
        <p className="quiet">{frequency === 'once' ? 'It reads everything there is.' : backfill ? 'The first run reads everything there is, the later ones only what has changed since.' : 'Every run reads what has changed since the one before; the first one since its start.'}</p>
      </div>
    </div>
  );
}
