// The list of documents: search as one types, and a question before one is removed.
let chosen = null;
const part = name => element.querySelector(`[data-role="${name}"]`);
element.addEventListener('input', event => {
  if (event.target.dataset.role !== 'find') return;
  const wanted = event.target.value.normalize('NFC').toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  element.querySelectorAll('.listing tbody tr').forEach(row => {
    const text = row.textContent.normalize('NFC').toLowerCase();
    row.hidden = !wanted.every(word => text.includes(word));
    if (!row.hidden) count += 1;
  });
  const shown = part('shown');
  shown.textContent = count ? shown.dataset.words.replace('{}', count) : shown.dataset.none;
});
element.addEventListener('click', event => {
  const button = event.target.closest('[data-action]'), dialog = element.querySelector('dialog.sure');
  if (!button) return;
  const acts = {
    remove: () => {
      chosen = button;
      dialog.querySelector('.headline').textContent = button.dataset.title;
      dialog.showModal();
    },
    cancel: () => { dialog.close(); chosen?.focus(); },
    sure: () => { dialog.close(); trigger('remove', { article: chosen.dataset.article }); },
    only: () => trigger('only', { article: button.dataset.article }),
  };
  acts[button.dataset.action]?.();
});
