// The conversation. What its buttons do is either done here (show, copy, edit) or handed to the program (ask, rate).
const log = () => element.querySelector('.log');
const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

function form(button, label, value, rows, done) {
  const box = make('form', { className: 'inline' });
  const input = make('textarea', { value, rows });
  input.setAttribute('aria-label', label);
  input.placeholder = label;
  const send = make('button', { type: 'submit', className: 'solid', textContent: button.dataset.send });
  const cancel = make('button', { type: 'button', className: 'quiet', textContent: button.dataset.cancel });
  const close = () => { box.remove(); button.hidden = false; button.focus(); };
  cancel.addEventListener('click', close);
  box.addEventListener('keydown', event => {
    if (event.key === 'Escape') close();
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.target === input) {
      event.preventDefault(); box.requestSubmit();
    }
  });
  box.addEventListener('submit', event => { event.preventDefault(); box.remove(); button.hidden = false; done(input.value); });
  box.append(input, send, cancel);
  return { box, input };
}

const acts = {
  ask: button => trigger('ask', { question: button.dataset.question }),
  retry: button => trigger('ask', { turn: button.dataset.turn }),
  good: button => trigger('rate', { turn: button.dataset.turn, verdict: 'good', reason: '' }),
  bad: button => {
    const { turn, reason } = button.dataset;
    const { box, input } = form(button, reason, '', 2, text => trigger('rate', { turn, verdict: 'bad', reason: text }));
    button.closest('.actions').after(box);
    input.focus();
  },
  edit: button => {
    const question = button.closest('.question'), text = question.querySelector('p').innerText;
    const { turn, label } = button.dataset;
    const { box, input } = form(button, label, text, 2, said => trigger('ask', { question: said, turn }));
    button.hidden = true;
    question.append(box);
    input.focus();
    input.setSelectionRange(text.length, text.length);
  },
  copy: async button => {
    const label = button.textContent;
    await navigator.clipboard.writeText(button.dataset.text);
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 1800);
  },
  show: button => {
    element.querySelectorAll('.marker[aria-current]').forEach(other => other.removeAttribute('aria-current'));
    button.setAttribute('aria-current', 'true');
    document.dispatchEvent(new CustomEvent('mundap:show', { detail: button.dataset.mark }));
  },
};
element.addEventListener('click', event => {
  const button = event.target.closest('[data-action]');
  const busy = log()?.getAttribute('aria-busy') === 'true';
  if (button && acts[button.dataset.action] && (!busy || button.dataset.action === 'show')) acts[button.dataset.action](button);
});
let turns = 0;
watch('value', () => requestAnimationFrame(() => {
  const area = log(), now = element.querySelectorAll('.exchange').length;
  if (!area) return;
  if (now !== turns || area.getAttribute('aria-busy') === 'true') area.scrollTop = area.scrollHeight;
  turns = now;
}));
