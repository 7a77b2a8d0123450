"""A real browser for tests: Debian's Chromium, driven by Playwright, and what every page in it must hold to."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
QUIET += ("--disable-component-update", "--disable-sync")
PATIENCE = 60_000  # milliseconds for anything to appear; a busy machine is no failure
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def chromium() -> str:
    """The browser's path. Where there is none the tests are skipped, and say so loudly."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    warnings.warn("NO BROWSER: the page is not tested. Run `make browser`, or install chromium.", stacklevel=2)
    pytest.skip("no chromium on this machine")


@contextmanager
def browsing() -> Iterator[Any]:
    """A running browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play, play.chromium.launch(executable_path=chromium(), args=list(QUIET)) as browser:
        yield browser


@dataclass
class Visit:
    """One visitor's page, watched: which hosts it asks, what it complains of, what pops up."""

    page: Any
    address: str
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    def ask(self, question: str, expect: str = ".answer:not(.growing)") -> None:
        """Type a question, send it by the keyboard and wait until it is answered."""
        turns = self.page.locator(".exchange").count()
        self.page.locator("#ask textarea").fill(question)
        self.page.keyboard.press("Enter")
        self.page.locator(f".exchange:nth-child({turns + 1}) {expect}").wait_for(timeout=PATIENCE)
        self.settle()

    def settle(self) -> None:
        """Wait until no answer is under way."""
        self.page.locator(".log:not([aria-busy])").wait_for(timeout=PATIENCE)

    def current(self) -> str:
        """The text that is lit up as the citation pressed last."""
        return "".join(self.page.locator("mark.current").all_text_contents())

    def check(self) -> None:
        """No other host was asked, nothing was complained of."""
        assert self.hosts <= {urlsplit(self.address).netloc}, self.hosts
        assert not self.complaints, self.complaints

    def anew(self, act: Callable[[], object]) -> None:
        """Do what loads the page anew, and forget what gradio says when a page is left that listens to the program."""
        self.check()
        self.page.evaluate("window.left = true")
        act()
        self.page.wait_for_function("!window.left && document.querySelector('#log .log')")
        self.complaints.clear()


@contextmanager
def visiting(
    browser: Any, address: str, language: str = "ko", size: dict[str, int] = WIDE, **more: Any
) -> Iterator[Visit]:
    """A fresh visitor's page at ``address``, opened and ready; checked when it is left."""
    locale = {"ko": "ko-KR", "en": "en-US"}.get(language, language)
    context = browser.new_context(locale=locale, viewport=size, accept_downloads=True, reduced_motion="reduce", **more)
    context.set_default_timeout(PATIENCE)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    try:
        visit = _opened(context, address)
        yield visit
        visit.check()
    finally:
        context.close()


@contextmanager
def visiting_tab(visit: Visit) -> Iterator[Visit]:
    """The same visitor's page in another tab, opened and ready; checked when it is left."""
    tab = _opened(visit.page.context, visit.address)
    yield tab
    tab.check()
    tab.page.close()


def _opened(context: Any, address: str) -> Visit:
    visit = Visit(context.new_page(), address)
    visit.page.on(
        "request", lambda request: visit.hosts.add(urlsplit(request.url).netloc) if _goes_out(request) else None
    )
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on("console", lambda message: visit.complaints.append(message.text) if message.type == "error" else None)
    visit.page.on("dialog", lambda dialog: (visit.complaints.append(dialog.message), dialog.dismiss()))
    visit.page.goto(address)  # waiting for "networkidle" would never end: gradio keeps a stream open
    visit.page.locator("#log .log").wait_for()
    return visit


def _goes_out(request: Any) -> bool:
    return not request.url.startswith(("data:", "blob:"))
