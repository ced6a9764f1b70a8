import type { NewNetwork } from '../api/network-api.js';
import type { Network } from '../state/entities.js';
import type { Problem } from '../state/problem.js';
import { ModalForm } from './modal-form.js';
import { NetworkFields, networkIn } from './network-fields.js';

export interface NetworkDialogProps {
  readonly title: string;
  readonly action: string;
  readonly network?: Network | undefined;
  /** Resolves with the problem, which keeps the dialog open. */
  readonly onSubmit: (input: NewNetwork) => Promise<Problem | undefined>;
  readonly onClose: () => void;
}

/** The facts of a network, new or changed. */
export function NetworkDialog({ title, action, network, onSubmit, onClose }: NetworkDialogProps) {
  const submit = async (form: FormData) => (await onSubmit(networkIn(form)))?.text;
  return (
    <ModalForm title={title} action={action} onSubmit={submit} onClose={onClose}>
      <NetworkFields network={network} />
    </ModalForm>
  );
}
