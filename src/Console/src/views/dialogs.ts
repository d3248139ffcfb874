import { html, nothing, render, type TemplateResult } from 'lit';

/** Asks in a modal dialog of the browser: focus is kept in it and goes back to where it was. Undefined: they thought better of it. */
function ask<T>(title: string, body: (done: (value: T | undefined) => void) => TemplateResult): Promise<T | undefined> {
  return new Promise(resolve => {
    const dialog = document.createElement('dialog');
    dialog.className = 'sheet';
    dialog.setAttribute('aria-label', title);
    document.body.append(dialog);
    let answer: T | undefined;
    const done = (value: T | undefined): void => {
      answer = value;
      dialog.close();
    };
    render(html`<h2>${title}</h2>${body(done)}`, dialog);
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(answer);
    });
    dialog.addEventListener('click', event => {
      if (event.target === dialog) dialog.close();   // on the backdrop
    });
    dialog.showModal();
    dialog.querySelector<HTMLElement>('[data-first]')?.focus();
  });
}

/** A text, with suggestions that one key or press takes. */
export function askText(title: string, options: {
  label: string; submit: string; required?: boolean; suggestions?: readonly string[]; max?: number; hint?: string; value?: string; rows?: number;
}): Promise<string | undefined> {
  return ask<string>(title, done => {
    const submit = (event: SubmitEvent): void => {
      event.preventDefault();
      const text = (event.target as HTMLFormElement).querySelector('textarea')!.value.trim();
      if (options.required === true && text === '') {
        const field = (event.target as HTMLFormElement).querySelector('textarea')!;
        field.setAttribute('aria-invalid', 'true');
        (event.target as HTMLFormElement).querySelector<HTMLElement>('.wrong')!.hidden = false;
        field.focus();
        return;
      }
      done(text);
    };
    const take = (text: string) => (event: Event): void => {
      const field = (event.target as HTMLElement).closest('form')!.querySelector('textarea')!;
      field.value = text;
      field.focus();
    };
    const sendByKey = (event: KeyboardEvent): void => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) (event.target as HTMLElement).closest('form')!.requestSubmit();
    };
    return html`<form method="dialog" @submit=${submit}>
      ${options.suggestions === undefined ? nothing : html`<div class="chips" role="group" aria-label="Suggestions">${options.suggestions.map(text =>
        html`<button type="button" class="chip" @click=${take(text)}>${text}</button>`)}</div>`}
      <label class="field"><span>${options.label}</span>
        <textarea data-first rows=${options.rows ?? 3} maxlength=${options.max ?? 1000} .value=${options.value ?? ''} @keydown=${sendByKey} aria-describedby="ask-hint"></textarea></label>
      <p class="wrong" hidden role="alert">Please say why.</p>
      <p class="hint" id="ask-hint">${options.hint ?? ''} Ctrl + Enter sends, Escape closes.</p>
      <div class="buttons"><button type="button" class="button" @click=${() => done(undefined)}>Cancel</button><button class="button primary">${options.submit}</button></div>
    </form>`;
  });
}

/** What came of it, and a note. */
export function askOutcome(now: string): Promise<{ disposition: string; note: string } | undefined> {
  const known = ['Apology accepted', 'Call back arranged', 'Credit given', 'Refund started', 'Handed over', 'Technician booked', 'Customer hung up'];
  return ask('Record the outcome', done => {
    const submit = (event: SubmitEvent): void => {
      event.preventDefault();
      const form = event.target as HTMLFormElement, disposition = form.querySelector('input')!.value.trim();
      if (disposition === '') {
        form.querySelector<HTMLElement>('.wrong')!.hidden = false;
        form.querySelector('input')!.focus();
        return;
      }
      done({ disposition, note: form.querySelector('textarea')!.value.trim() });
    };
    const take = (text: string) => (event: Event): void => {
      const field = (event.target as HTMLElement).closest('form')!.querySelector('input')!;
      field.value = text;
      field.focus();
    };
    return html`<form method="dialog" @submit=${submit}>
      <div class="chips" role="group" aria-label="Often used">${known.map(text => html`<button type="button" class="chip" @click=${take(text)}>${text}</button>`)}</div>
      <label class="field"><span>What was done</span><input data-first maxlength="200" .value=${now} autocomplete="off"></label>
      <p class="wrong" hidden role="alert">Say in a word what was done.</p>
      <label class="field"><span>Note (optional)</span><textarea rows="3" maxlength="4000"></textarea></label>
      <div class="buttons"><button type="button" class="button" @click=${() => done(undefined)}>Cancel</button><button class="button primary">Record</button></div>
    </form>`;
  });
}

/** A dialog to read; it closes by Escape, its button, or a press beside it. */
export function tell(title: string, body: TemplateResult): Promise<undefined> {
  return ask<undefined>(title, done => html`${body}<div class="buttons"><button data-first class="button primary" @click=${() => done(undefined)}>Close</button></div>`);
}
