import { Button } from '@adobe/react-spectrum/Button';
import { Checkbox } from '@adobe/react-spectrum/Checkbox';
import { Item, Picker } from '@adobe/react-spectrum/Picker';
import { NumberField } from '@adobe/react-spectrum/NumberField';
import { Radio, RadioGroup } from '@adobe/react-spectrum/RadioGroup';
import { TextField } from '@adobe/react-spectrum/TextField';
import { datasetName, sameName, useDatasets } from '../datasets';
import type { Draft } from './draft';

export function DatasetStep({ draft, change, next }: { draft: Draft; change(some: Partial<Draft>): void; next(): void }) {
  const datasets = useDatasets();
  const usable = (datasets.data ?? []).filter((one) => one.schemaRef?.id);
  const taken = draft.dataset.kind === 'new' ? (datasets.data ?? []).find((one) => sameName(datasetName(one), draft.dataset.name)) : undefined;
  const ready = draft.name.trim() && (draft.dataset.kind === 'new' ? draft.dataset.name.trim() && !taken : draft.dataset.id);
  return (
    <div className="stack narrow">
      <RadioGroup label="Records go to" orientation="horizontal" value={draft.dataset.kind} onChange={(kind) => change({ dataset: { ...draft.dataset, kind: kind as 'new' | 'existing' } })}>
        <Radio value="new">A new dataset</Radio>
        <Radio value="existing" isDisabled={usable.length === 0}>One that is there</Radio>
      </RadioGroup>
      {draft.dataset.kind === 'new' ? (
        <TextField label="Name of the dataset" value={draft.dataset.name} onChange={(name) => change({ dataset: { ...draft.dataset, name } })} isRequired width="100%" description="SQL finds it by this name." validationState={taken ? 'invalid' : undefined} errorMessage={taken && `There is a dataset ${datasetName(taken)} already${datasetName(taken) === draft.dataset.name.trim() ? '' : ', and SQL does not tell capitals from small letters'}.`} />
      ) : (
        <Picker label="Existing dataset" items={usable} selectedKey={draft.dataset.id || null} onSelectionChange={(key) => change({ dataset: { ...draft.dataset, id: String(key ?? '') } })} width="100%">
          {(one) => <Item key={one.id}>{datasetName(one)}</Item>}
        </Picker>
      )}
      <TextField label="Name of the dataflow" value={draft.name} onChange={(name) => change({ name })} isRequired width="100%" />
      <TextField label="Description" value={draft.description} onChange={(description) => change({ description })} width="100%" />
      <NumberField label="Records that may fail before a run does, in percent" value={draft.partial} minValue={0} maxValue={100} onChange={(partial) => change({ partial: Number.isNaN(partial) ? 0 : partial })} width="100%" description="0: a run with any record that does not fit fails." />
      <Checkbox isSelected={draft.diagnostics} onChange={(diagnostics) => change({ diagnostics })}>Keep rejected records for download (error diagnostics)</Checkbox>
      <div><Button variant="accent" isDisabled={!ready} onPress={next}>Next</Button></div>
    </div>
  );
}
