import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { shortcutTable } from './shortcuts';

/** The keyboard shortcuts, as a dialog. */
export function Help({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog.Root open={isOpen} onOpenChange={open => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog wide">
          <div className="dialog-head"><Dialog.Title className="dialog-title">Keyboard shortcuts</Dialog.Title><Dialog.Close className="icon-button" aria-label="Close"><X size={16} aria-hidden /></Dialog.Close></div>
          <div className="help-columns">
            {shortcutTable.map(({ where, keys }) => (
              <section key={where}>
                <h3>{where}</h3>
                <dl>{keys.map(([key, about]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{about}</dd></div>)}</dl>
              </section>
            ))}
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
