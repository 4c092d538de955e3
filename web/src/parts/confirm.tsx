import { AlertDialog } from '@adobe/react-spectrum/AlertDialog';
import { Button } from '@adobe/react-spectrum/Button';
import { DialogTrigger } from '@adobe/react-spectrum/DialogTrigger';
import { ToastQueue } from '@adobe/react-spectrum/Toast';
import type { ReactNode } from 'react';

/** Something that cannot be undone, after a question. */
export function Confirmed({ label, title, children, confirm, act, isDisabled, variant = 'negative' }: { label: string; title: string; children: ReactNode; confirm: string; act(): Promise<void>; isDisabled?: boolean; variant?: 'negative' | 'secondary' }) {
  return (
    <DialogTrigger>
      <Button variant={variant} isDisabled={isDisabled}>{label}</Button>
      <AlertDialog title={title} variant="destructive" primaryActionLabel={confirm} cancelLabel="Cancel" onPrimaryAction={() => void said(act)}>{children}</AlertDialog>
    </DialogTrigger>
  );
}

/** Does it and tells when it was refused. */
export async function said(act: () => Promise<unknown>, done?: string) {
  try {
    await act();
    if (done) ToastQueue.positive(done, { timeout: 5000 });
  } catch (error) {
    ToastQueue.negative((error as Error).message, { timeout: 12_000 });
  }
}
