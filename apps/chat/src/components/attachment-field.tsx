import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { attachmentProblem } from '../state/attachment-rules.js';
import { Icon } from './icon.js';

export interface AttachmentFieldProps {
  readonly attachments: readonly string[];
  readonly open: boolean;
  readonly onChange: (attachments: readonly string[]) => void;
  readonly onClose: () => void;
}

/** Links that go with the next message. Part of the composer's form, so Enter must not send. */
export function AttachmentField({ attachments, open, onChange, onClose }: AttachmentFieldProps) {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState('');
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (open) box.current?.focus();
  }, [open]);

  const add = () => {
    const wanted = text.trim();
    const wrong = attachmentProblem(wanted, attachments);
    setProblem(wrong ?? '');
    if (wrong !== undefined) return box.current?.focus();
    onChange([...attachments, wanted]);
    setText('');
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter') add();
    else if (event.key === 'Escape') onClose();
    else return;
    event.preventDefault();
  };
  return (
    <div className="attaching">
      {attachments.length > 0 && (
        <ul className="chips" aria-label="Attached links">
          {attachments.map((url) => (
            <li key={url} className="chip">
              <span className="chip-text">{url}</span>
              <button
                type="button"
                className="icon-button"
                aria-label={`Remove ${url}`}
                onClick={() => onChange(attachments.filter((other) => other !== url))}
              >
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      {open && (
        <div className="attach-row">
          <input
            ref={box}
            type="url"
            aria-label="Address to attach"
            aria-invalid={problem !== ''}
            aria-describedby="attach-problem"
            placeholder="https://"
            autoComplete="off"
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={onKeyDown}
          />
          <button type="button" onClick={add}>
            Attach
          </button>
        </div>
      )}
      <p id="attach-problem" className="form-problem" role="alert">
        {problem}
      </p>
    </div>
  );
}
