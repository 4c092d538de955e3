import { Link } from 'wouter';
import { Empty, Page } from '../parts/parts';

export default function Missing() {
  return (
    <Page title="Nothing here">
      <Empty title="There is no page at this address" action={<Link href="/">Go to the sources catalog</Link>}>It may have been deleted, or the link is not whole.</Empty>
    </Page>
  );
}
