import { useState } from 'react';
import { SearchField } from '@adobe/react-spectrum/SearchField';
import { Link } from 'wouter';
import { isLost } from '../api';
import { datasetName, quotedName, useDatasets } from '../datasets';
import { ago, exactTime } from '../format';
import { Empty, Failure, Loading, Page, Table } from '../parts/parts';
import { Sql } from '../parts/sql';

export default function Datasets() {
  const { data, error, refetch } = useDatasets(10_000);
  const [search, setSearch] = useState('');
  const all = data ?? [];
  const shown = all.filter((one) => `${datasetName(one)} ${one.description ?? ''}`.toLowerCase().includes(search.toLowerCase().trim()));
  return (
    <Page title="Datasets" about="Where records land. Ask them with SQL.">
      {isLost({ error, data }) ? <Failure error={error} retry={refetch} /> : !data ? <Loading what="Loading datasets" /> : all.length === 0 ? (
        <Empty title="No datasets yet" action={<Link href="/">Go to the sources catalog</Link>}>Set up a source: its records get a dataset.</Empty>
      ) : (
        <>
          <div className="filters">
            <SearchField label="Search" value={search} onChange={setSearch} width="100%" maxWidth="size-4600" />
            <p className="count" role="status">{shown.length} of {all.length} datasets</p>
          </div>
          {shown.length === 0 ? <Empty title="No dataset fits">Search for another word of a name or a description.</Empty> : <Table label="Datasets" rows={shown} keyOf={(one) => one.id} columns={[
            { name: 'Name', of: (one) => <Link href={`/datasets/${one.id}`}>{datasetName(one)}</Link> },
            { name: 'Description', of: (one) => one.description ?? '' },
            { name: 'Created', of: (one) => <time title={exactTime(one.created)}>{ago(one.created)}</time> },
            { name: 'Changed', of: (one) => <time title={exactTime(one.updated)}>{ago(one.updated)}</time> },
          ]} />}
          <Sql first={`SELECT *\nFROM ${quotedName(datasetName(shown[0] ?? all[0]))}\nLIMIT 100`} datasets={all} />
        </>
      )}
    </Page>
  );
}
