"""A folder of invented articles in both languages, which changes as people's folders do."""

from __future__ import annotations

import random
from pathlib import Path

ARTICLES = 10  # at first; adding and deleting keep the number near this
_PLACES = (("달빛시", "솔마을", "새벽읍", "가람군"), ("Larkhaven", "Elmstead", "Northquay", "Veldport"))
_SENTENCES = (
    ("{place}는 실험실에 {n}억 원을 투자한다고 밝혔다.", "{place} 시장에는 점포 {n}곳이 들어선다.", "도서관은 책 {n}권을 갖추고 문을 연다."),
    ("{place} will invest {n} million won in a laboratory.", "The ferry of {place} carries {n} people.", "The harbour opens after {n} days of work."),
)  # fmt: skip


class Articles:
    """A folder of invented articles, changed at random."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder, self._chance, self._count = folder, chance, 0
        folder.mkdir(parents=True)
        for _ in range(ARTICLES):
            self.add()

    def add(self) -> None:
        """Write a new article, now and then one of many passages."""
        self._count += 1
        language = self._count % 2
        lines = [self._sentence(language) for _ in range(self._chance.choice((2, 4, 8, 80)))]
        text = f"{self._sentence(language)}\n\n" + "\n".join(
            " ".join(lines[i : i + 3]) for i in range(0, len(lines), 3)
        )
        (self.folder / f"{self._count:04}.md").write_text(text, encoding="utf-8")

    def _sentence(self, language: int) -> str:
        template, place = self._chance.choice(_SENTENCES[language]), self._chance.choice(_PLACES[language])
        return template.format(place=place, n=self._chance.randint(2, 9999))

    def _some(self) -> list[Path]:
        files = sorted(self.folder.iterdir())
        return self._chance.sample(files, min(len(files), self._chance.randint(1, 3)))

    def update(self) -> None:
        """Add a sentence at the end of some articles or put one in place of their first."""
        for file in self._some():
            text, more = file.read_text(encoding="utf-8"), self._sentence(int(file.stem) % 2)
            keep = text if self._chance.random() < 0.5 else text.split("\n", 1)[1]
            file.write_text(f"{keep}\n{more}" if keep is text else f"{more}\n{keep}", encoding="utf-8")

    def delete(self) -> None:
        """Remove some files; others come where few would be left."""
        for file in self._some():
            file.unlink()
        while len(list(self.folder.iterdir())) < ARTICLES // 2:
            self.add()
