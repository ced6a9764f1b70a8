import type { Network } from '../state/entities.js';

const VISIBILITY = [
  ['public', 'Public', 'Everybody sees that it exists.'],
  ['private', 'Private', 'Only members see it.'],
] as const;
const JOIN_POLICY = [
  ['open', 'Anyone may join', ''],
  ['approval', 'Anyone may ask', 'An admin decides.'],
  ['invite', 'By invitation only', ''],
] as const;

/** Who sees a network and who gets in; named as a form's fields `name`, `visibility` and `joinPolicy`. */
export function NetworkFields({ network }: { readonly network?: Network | undefined }) {
  return (
    <>
      <label className="field">
        Name
        <input
          name="name"
          required
          minLength={3}
          maxLength={64}
          autoComplete="off"
          defaultValue={network?.name}
        />
      </label>
      <Choice
        name="visibility"
        legend="Who sees it"
        options={VISIBILITY}
        chosen={network?.visibility ?? 'public'}
      />
      <Choice
        name="joinPolicy"
        legend="Who may join"
        options={JOIN_POLICY}
        chosen={network?.joinPolicy ?? 'open'}
      />
    </>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly legend: string;
  readonly options: readonly (readonly [value: string, words: string, note: string])[];
  readonly chosen: string;
}

function Choice({ name, legend, options, chosen }: ChoiceProps) {
  return (
    <fieldset className="choices">
      <legend>{legend}</legend>
      {options.map(([value, words, note]) => (
        <label key={value}>
          <input type="radio" name={name} value={value} defaultChecked={value === chosen} />
          <span>
            {words} {note !== '' && <span className="hint">{note}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** What was chosen in `NetworkFields`. */
export function networkIn(form: FormData): Omit<Network, 'id'> {
  const visibility = form.get('visibility') === 'private' ? 'private' : 'public';
  const policy = form.get('joinPolicy');
  return {
    name: String(form.get('name') ?? '').trim(),
    visibility,
    joinPolicy: policy === 'approval' || policy === 'invite' ? policy : 'open',
  };
}
