// The bar above the conversation: hands its buttons to the program and closes its menus.
const events = { restart: () => trigger('restart'), open: b => trigger('open', { chat: b.dataset.chat }),
  forget: b => trigger('forget', { chat: b.dataset.chat }), export: b => trigger('export', { format: b.dataset.format }) };
const close = except => element.querySelectorAll('details.menu[open]').forEach(menu => {
  if (menu !== except) menu.open = false;
});
element.addEventListener('click', event => {
  const button = event.target.closest('[data-action]');
  if (!button || !events[button.dataset.action]) return;
  events[button.dataset.action](button);
  if (button.dataset.action !== 'forget') close();
});
document.addEventListener('click', event => close(event.target.closest('details.menu')));
element.addEventListener('keydown', event => {
  const menu = event.target.closest('details.menu[open]');
  if (event.key === 'Escape' && menu) { menu.open = false; menu.querySelector('summary').focus(); }
});
