// The language switch. The choice is a cookie, which the server reads too; the page then starts again in that language.
const here = document.documentElement.lang.startsWith('ko') ? 'ko' : 'en';
element.querySelectorAll('[data-language]').forEach(button => {
  button.setAttribute('aria-pressed', String(button.dataset.language === here));
  button.addEventListener('click', () => {
    document.cookie = `mundap_language=${button.dataset.language}; path=/; max-age=31536000; samesite=lax`;
    window.location.reload();
  });
});
