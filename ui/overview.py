"""The corpus at a glance, as HTML: documents by month, language and publisher, and the leading words of each language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from index.types import Article, Language
from ui.charts import bars, columns
from ui.labels import LABELS

PUBLISHERS, TERMS = 10, 15  # shown at most
_NAMES = {"ko": frozenset({"NNG", "NNP", "compound"}), "en": None}
_SHORTEST = {"ko": 2, "en": 4}  # characters of a word that is worth showing


def overview(articles: Sequence[Article], language: Language) -> str:
    """Four counts and two lists of words over all that is indexed."""
    labels = LABELS[language]
    if not articles:
        return f'<p class="hint">{labels["no_articles"]}</p>'
    months = Counter((article.published or "")[:7] for article in articles)
    undated = months.pop("", 0)
    dated = sorted(months.items())
    by_language = [(labels[t], n) for t, n in Counter(article.language for article in articles).most_common()]
    houses = Counter(article.publisher or labels["unknown_publisher"] for article in articles).most_common(PUBLISHERS)
    counted = labels["documents_counted"]
    note = f'<p class="hint">{labels["undated"]}: {counted.format(undated)}</p>' if undated else ""
    words = "".join(
        bars(leading_words(articles, tongue), labels[f"terms_{tongue}"], counted, f"words {tongue}")
        for tongue in _order(language)
    )
    return (
        f'<div class="overview"><p class="total">{counted.format(len(articles))}</p>'
        f"{columns(dated, labels['by_date'], counted)}{note}"
        f'<div class="pair">{bars(by_language, labels["by_language"], counted)}'
        f"{bars(houses, labels['by_publisher'], counted)}</div>"
        f'<div class="pair">{words}</div></div>'
    )


def _order(language: Language) -> tuple[Language, Language]:
    return ("ko", "en") if language == "ko" else ("en", "ko")


def leading_words(articles: Sequence[Article], tongue: Language) -> list[tuple[str, int]]:
    """The words that stand in most documents of one language, each with in how many; ties by the alphabet."""
    documents = [article for article in articles if article.language == tongue]
    counts = Counter(word for article in documents for word in _words(article))
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[: 3 * TERMS]
    # A piece of a compound says no more than the compound does where that stands in as many documents.
    whole = [(w, n) for w, n in ranked if not any(w in other and w != other and n <= m for other, m in ranked)]
    return whole[:TERMS]


def _words(article: Article) -> set[str]:
    """The words of an article, as they are written; an English one by its commonest form in the article."""
    from index.terms import analyse

    wanted, forms = _NAMES[article.language], Counter[tuple[str, str]]()
    for term in analyse(article.text):
        surface = article.text[term.start : term.end]
        plain = surface.isalpha() and len(surface) >= _SHORTEST[article.language]
        if plain and (article.language == "en") == surface.isascii() and (wanted is None or term.tag in wanted):
            forms[(str(term), surface if article.language == "ko" else surface.lower())] += 1
    best: dict[str, str] = {}
    for (term_key, surface), _ in forms.most_common():
        best.setdefault(term_key, surface)
    return set(best.values())
