import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { duration, number } from '../format';

interface Bar {
  at: number; // milliseconds
  written: number;
  failed: number;
  took: number;
}

const bars = uPlot.paths.bars!;

/** Run history: records as bars, durations as a line. The table beside it says the same in words. */
export default function Chart({ data }: { data: Bar[] }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = place.current!;
    const colour = (name: string) => getComputedStyle(box).getPropertyValue(`--spectrum-global-color-${name}`).trim() || '#888';
    const axis = { stroke: () => colour('gray-700'), grid: { stroke: () => colour('gray-300'), width: 1 }, ticks: { show: false }, font: '12px system-ui' };
    const runs = [...data].reverse();
    const make = () => new uPlot({
      width: Math.max(260, box.clientWidth), height: 220, cursor: { drag: { x: false, y: false } },
      scales: { x: { time: false, range: () => [-.6, Math.max(runs.length, 8) - .4] }, records: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] }, ms: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] } },
      axes: [
        { ...axis, size: 28, grid: { show: false }, space: 90, values: (_, ticks) => ticks.map((index) => (Number.isInteger(index) && runs[index] ? new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(runs[index].at) : '')) },
        { ...axis, scale: 'records', size: 64, values: (_, ticks) => ticks.map(number) },
        { ...axis, scale: 'ms', side: 1, size: 64, grid: { show: false }, values: (_, ticks) => ticks.map(duration) },
      ],
      series: [
        { label: 'Run', value: (_, index) => (runs[index] ? new Date(runs[index].at).toLocaleString('en-GB') : '–') },
        { label: 'Written and failed', scale: 'records', fill: colour('red-500'), stroke: colour('red-500'), width: 0, paths: bars({ size: [.6, 40] }), points: { show: false }, value: (_, value) => number(value) },
        { label: 'Written', scale: 'records', fill: colour('blue-500'), stroke: colour('blue-500'), width: 0, paths: bars({ size: [.6, 40] }), points: { show: false }, value: (_, value) => number(value) },
        { label: 'Duration', scale: 'ms', stroke: colour('gray-800'), width: 2, points: { show: runs.length < 3, size: 7, fill: colour('gray-800') }, value: (_, value) => duration(value) },
      ],
    }, [runs.map((_, index) => index), runs.map(({ written, failed }) => written + failed), runs.map(({ written }) => written), runs.map(({ took }) => took)], box);
    let plot = make();
    const resized = new ResizeObserver(() => plot.setSize({ width: Math.max(260, box.clientWidth), height: 220 }));
    resized.observe(box);
    // Another palette is other classes of what is around the page.
    const repainted = new MutationObserver(() => {
      plot.destroy();
      plot = make();
    });
    repainted.observe(document.querySelector('.app')!, { attributes: true, attributeFilter: ['class'] });
    return () => {
      repainted.disconnect();
      resized.disconnect();
      plot.destroy();
    };
  }, [data]);
  const last = data[0];
  return <div ref={place} className="chart" role="img" aria-label={last ? `History of ${data.length} runs. The last one wrote ${number(last.written)} records, ${number(last.failed)} failed, in ${duration(last.took)}.` : 'No runs yet'} />;
}
