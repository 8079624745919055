import { Menu } from '@base-ui/react/menu';
import { ChevronDown } from 'lucide-react';
import { useSession } from '../api/session';
import { allows, type Verb } from '../model/verbs';

interface ActionsProps {
  verbs: Verb[];
  onChoose: (verb: Verb) => void;
  /** How many are buttons of their own; the rest are in a menu. */
  buttons: number;
  label: string;
  isOpen?: boolean;
  onOpen?: (isOpen: boolean) => void;
}

/** The verbs that make sense, as buttons and a menu. Those that the role does not suffice for are shown, but cannot be used. */
export function Actions({ verbs, onChoose, buttons, label, isOpen, onOpen }: ActionsProps) {
  const { role } = useSession();
  const isFinalFirst = (verb: Verb) => verb.isFinal === true;
  const shown = verbs.filter(verb => !isFinalFirst(verb)).slice(0, buttons);
  const rest = verbs.filter(verb => !shown.includes(verb));
  const refusal = (verb: Verb) => (allows(role, verb.role) ? undefined : `This needs the role ${verb.role}; yours is ${role}.`);
  return (
    <div className="actions" role="group" aria-label={label}>
      {shown.map(verb => <button key={verb.name} type="button" className="button" disabled={refusal(verb) !== undefined} title={refusal(verb) ?? verb.about} onClick={() => onChoose(verb)}>{verb.label}</button>)}
      {rest.length > 0 && (
        <Menu.Root {...(isOpen === undefined ? {} : { open: isOpen })} {...(onOpen ? { onOpenChange: (open: boolean) => onOpen(open) } : {})} modal={false}>
          <Menu.Trigger className="button" aria-label={`More actions for ${label}`}>{shown.length === 0 ? 'Actions' : 'More'}<ChevronDown size={14} aria-hidden /></Menu.Trigger>
          <Menu.Portal>
            <Menu.Positioner sideOffset={4} align="end" className="positioner">
              <Menu.Popup className="menu">
                {rest.map(verb => (
                  <Menu.Item key={verb.name} className={`menu-item${verb.isFinal ? ' danger' : ''}`} disabled={refusal(verb) !== undefined} title={refusal(verb)} onClick={() => onChoose(verb)}>
                    <span>{verb.label}</span><span className="menu-about">{refusal(verb) ?? verb.about}</span>
                  </Menu.Item>
                ))}
              </Menu.Popup>
            </Menu.Positioner>
          </Menu.Portal>
        </Menu.Root>
      )}
    </div>
  );
}
