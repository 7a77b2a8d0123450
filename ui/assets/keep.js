(told) => {
  // One change of the conversations, merged into what the browser holds at this moment: other tabs write there too.
  const change = JSON.parse(told), store = KEPT, gone = [change.forget, change.chat?.id];
  const others = (Array.isArray(store.chats) ? store.chats : []).filter(chat => !gone.includes(chat?.id));
  store.chats = (change.chat ? [change.chat, ...others] : others).slice(0, MOST_CHATS);
  store.current = change.current || store.current;
  for (;;) {
    try { localStorage.setItem(STORE, JSON.stringify(store)); break; }
    catch (full) { if (!store.chats.pop()) break; }
  }
  return [JSON.stringify(store)];
}
