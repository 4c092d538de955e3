import { AlertDialog } from '@adobe/react-spectrum/AlertDialog';
import { Button } from '@adobe/react-spectrum/Button';
import { DialogTrigger } from '@adobe/react-spectrum/DialogTrigger';
import { ToastQueue } from '@adobe/react-spectrum/Toast';
import { useRef, useState, type ComponentProps, type ComponentRef, type ReactNode } from 'react';

// Where the button went with what it was for, the keyboard goes on at the list, or else at the page.
async function keepingFocus(list: Element | null | undefined, act: () => Promise<void>) {
  await act();
  setTimeout(() => {
    if (document.activeElement !== document.body && document.activeElement?.isConnected) return;
    ((list?.isConnected ? list : document.getElementById('content')) as HTMLElement | null)?.focus();
  }, 100);
}

/** Something that cannot be undone, after a question. */
export function Confirmed({ label, title, children, confirm, act, isDisabled, variant = 'negative' }: { label: string; title: string; children: ReactNode; confirm: string; act(): Promise<void>; isDisabled?: boolean; variant?: 'negative' | 'secondary' }) {
  const button = useRef<ComponentRef<typeof Button>>(null);
  const going = useRef(false);
  const once = () => {
    if (going.current) return;
    going.current = true;
    void said(() => keepingFocus(button.current?.UNSAFE_getDOMNode()?.closest('.table'), act)).finally(() => (going.current = false));
  };
  return (
    <DialogTrigger>
      <Button variant={variant} isDisabled={isDisabled} ref={button}>{label}</Button>
      <AlertDialog title={title} variant="destructive" primaryActionLabel={confirm} cancelLabel="Cancel" onPrimaryAction={once}>{children}</AlertDialog>
    </DialogTrigger>
  );
}

/** A button of which a second click, before what it does is done, does nothing. */
export function Act({ act, ...props }: { act(): Promise<unknown> } & Omit<ComponentProps<typeof Button>, 'onPress' | 'isPending'>) {
  const [busy, setBusy] = useState(false);
  const going = useRef(false);
  const press = async () => {
    if (going.current) return;
    going.current = true;
    setBusy(true);
    await act().finally(() => {
      going.current = false;
      setBusy(false);
    });
  };
  return <Button {...props} isPending={busy} onPress={() => void press()} />;
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
