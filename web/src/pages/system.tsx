import { useQuery } from '@tanstack/react-query';
import { text } from '../api';
import { bytes, duration, number, time } from '../format';
import { Facts, Failure, Loading, Page, Panel, State } from '../parts/parts';
import { useSession } from '../session';

/** Sums of Prometheus samples by name, over all labels. */
function sums(exposition: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of exposition.split('\n')) {
    const [, name, value] = /^([a-zA-Z_:][\w:]*)(?:\{.*\})? ([\d.eE+-]+)/.exec(line) ?? [];
    if (name) found.set(name, (found.get(name) ?? 0) + Number(value));
  }
  return found;
}

const worded = (name: string) => {
  const words = name.replace(/^headwater_/, '').replace(/_(total|bytes|seconds|count|sum)\b/g, '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

export default function System() {
  const { session } = useSession();
  const ready = useQuery({ queryKey: ['ready'], queryFn: async () => JSON.parse(await text('/readyz')).status as string, refetchInterval: 5000, retry: false });
  const metrics = useQuery({ queryKey: ['metrics'], queryFn: async () => sums(await text('/metrics')), refetchInterval: 5000 });
  const own = [...(metrics.data ?? [])].filter(([name]) => name.startsWith('headwater_') && !/_(bucket|seconds_count)$/.test(name));
  return (
    <Page title="System" about="How this server is doing, asked every five seconds.">
      <Panel title="Health">
        <Facts facts={[
          ['Server', <State key="s" state={metrics.error ? 'silent' : 'healthy'} />],
          ['Metadata store', <State key="m" state={ready.error ? 'silent' : ready.data ? 'healthy' : 'pending'} />],
          ['Your session ends', time(session.expiresAt)],
        ]} />
      </Panel>
      <Panel title="Numbers since the start" about={<>All of them with their labels: <a href="/metrics">/metrics</a>, for Prometheus.</>}>
        {metrics.error ? <Failure error={metrics.error} retry={metrics.refetch} /> : !metrics.data ? <Loading /> : (
          <Facts facts={own.map(([name, value]) => [worded(name), /bytes/.test(name) ? bytes(value) : /seconds_sum|_seconds$/.test(name) ? duration(value * 1000) : number(Math.round(value * 100) / 100)])} />
        )}
      </Panel>
    </Page>
  );
}
