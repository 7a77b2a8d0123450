// The evidence. A marker of the answer shown here moves the panel; one of an earlier answer asks for that answer's
// evidence first. A passage that can be seen already is lit up where it is: the place is kept.
let pending = null;
const frame = () => element.closest('#evidence') || element;
const calm = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches;
const behavior = () => (calm() ? 'auto' : 'smooth');

function visible(node) {
  const box = node.getBoundingClientRect(), panel = frame(), own = panel.getBoundingClientRect();
  const scrolls = panel.scrollHeight > panel.clientHeight + 1;
  const top = scrolls ? own.top : 0, bottom = scrolls ? own.bottom : window.innerHeight;
  return box.height > 0 && box.top >= top && box.bottom <= bottom;
}

function bring(node) {
  if (visible(node)) return;
  const panel = frame();
  if (panel.scrollHeight > panel.clientHeight + 1) {
    const offset = node.getBoundingClientRect().top - panel.getBoundingClientRect().top;
    panel.scrollTo({ top: panel.scrollTop + offset - panel.clientHeight / 3, behavior: behavior() });
  } else node.scrollIntoView({ block: 'center', behavior: behavior() });
}

function show(id, asked) {
  const anchor = document.getElementById(id);
  if (!anchor || !element.contains(anchor)) return false;
  const article = anchor.closest('details');
  element.querySelectorAll('details.article[open]').forEach(other => { if (other !== article) other.open = false; });
  article.open = true;
  element.querySelectorAll('mark').forEach(mark => {
    mark.classList.toggle('current', mark.dataset.marks.split(' ').includes(id));
  });
  element.querySelectorAll('[data-mark]').forEach(control => {
    control.toggleAttribute('data-current', control.dataset.mark === id);
  });
  const marks = element.querySelectorAll('mark.current');
  if (asked || frame().scrollHeight > frame().clientHeight + 1) bring(marks[0] || anchor);
  if (asked) {
    if (!visible(frame())) bring(anchor);
    anchor.focus({ preventScroll: true });
  }
  return true;
}

function wish(id) {
  if (!show(id, true)) { pending = id; trigger('reveal', { mark: id }); }
}

document.addEventListener('mundap:show', event => { if (element.isConnected) wish(event.detail); });
element.addEventListener('click', event => {
  const control = event.target.closest('[data-action]');
  if (!control) return;
  if (control.dataset.action === 'show') wish(control.dataset.mark);
  if (control.dataset.action === 'back') document.getElementById('conversation').scrollIntoView({ behavior: behavior() });
});
element.addEventListener('keydown', event => {
  const dot = event.target.closest('g.dot');
  if (dot && (event.key === 'Enter' || event.key === ' ')) { event.preventDefault(); wish(dot.dataset.mark); }
});
watch('value', () => requestAnimationFrame(() => {
  if (pending && show(pending, true)) { pending = null; return; }
  pending = null;
  // Of the article that is open the citation with the lowest number, which need not stand first in its text.
  const anchors = [...element.querySelectorAll('details[open] .anchor')];
  const first = anchors.sort((one, other) => one.dataset.label - other.dataset.label)[0];
  frame().scrollTop = 0;
  if (first) show(first.id, false);
}));
