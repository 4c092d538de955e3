import { useMemo, useState } from 'react';
import { Item, Picker } from '@adobe/react-spectrum/Picker';
import { SearchField } from '@adobe/react-spectrum/SearchField';
import { Link } from 'wouter';
import { isLost } from '../api';
import { Empty, Failure, Loading, Page } from '../parts/parts';
import { SourceIcon } from '../parts/icon';
import { editedFolder } from '../builder/edited-folder';
import { aboutOf, categoryOf, isBeta, isSource, isStreaming, labelOf, useSpecs, versionOf, type ConnectionSpec } from '../specs';

const all = 'All categories';

function Card({ spec, hasVersions }: { spec: ConnectionSpec; hasVersions: boolean }) {
  return (
    <li className="card source">
      <SourceIcon spec={spec} />
      <div>
        <h2>
          <Link href={`/sources/${spec.id}`}>{labelOf(spec)}</Link>
          {isBeta(spec) && <span className="badge">Beta</span>}
        </h2>
        <p>{aboutOf(spec) || 'No description.'}</p>
        <p className="quiet">{categoryOf(spec)}{hasVersions && ` · version ${versionOf(spec)}`}{isStreaming(spec) ? ' · events are sent to you' : ' · fetched on a schedule'}</p>
      </div>
    </li>
  );
}

export function Catalog() {
  const { data, error, refetch } = useSpecs();
  const folder = editedFolder();
  const [search, setSearch] = useState('');
  const [category, setCategory] = useState(all);
  const sources = useMemo(() => (data ?? []).filter(isSource).sort((a, b) => labelOf(a).localeCompare(labelOf(b)) || versionOf(a).localeCompare(versionOf(b), undefined, { numeric: true })), [data]);
  const hasVersions = ({ id, name }: ConnectionSpec) => sources.some((one) => one.name === name && one.id !== id);
  const categories = useMemo(() => [all, ...[...new Set(sources.map(categoryOf))].sort()], [sources]);
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = sources.filter((spec) => {
    const text = `${labelOf(spec)} ${spec.name} ${aboutOf(spec)} ${categoryOf(spec)}`.toLowerCase();
    return (category === all || categoryOf(spec) === category) && words.every((word) => text.includes(word));
  });
  return (
    <Page title="Sources catalog" about="Choose where your records come from. Set it up once; Headwater keeps fetching." actions={<>{folder && <Link href="/builder/folder" className="action">Source {folder}</Link>}<Link href="/builder" className="action">Build a source</Link></>}>
      <div className="filters">
        <SearchField label="Search" value={search} onChange={setSearch} width="100%" maxWidth="size-4600" />
        <Picker label="Category" items={categories.map((name) => ({ name }))} selectedKey={category} onSelectionChange={(key) => setCategory(String(key))}>
          {({ name }) => <Item key={name}>{name}</Item>}
        </Picker>
        <p className="count" role="status">{data ? `${shown.length} of ${sources.length} sources` : ''}</p>
      </div>
      {isLost({ error, data }) ? <Failure error={error} retry={refetch} /> : !data ? <Loading what="Loading sources" /> : shown.length > 0 ? (
        <ul className="cards">{shown.map((spec) => <Card key={spec.id} spec={spec} hasVersions={hasVersions(spec)} />)}</ul>
      ) : sources.length > 0 ? (
        <Empty title="No source fits">Search for another word, or look in all categories.</Empty>
      ) : (
        <Empty title="There are no sources yet">
          Add one with <code>headwater connection-specs create orders.json</code>; the README shows how such a spec is written in five minutes.
        </Empty>
      )}
    </Page>
  );
}
