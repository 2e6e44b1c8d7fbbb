"""Opens the report of a release in Chromium and holds it against the tables.

    python check.py RELEASE --axe axe.min.js [--chromium PATH] [--shots FOLDER]

Reads page and CSV apart from honkvast: every number on the page must be the cell
that it cites, written as its language writes it, and everything drawn must be as
large as its number. No console message, no request, no violation that axe-core
finds of WCAG 2.2 AA, light and dark. Ends with 1 and what is wrong.
"""

import argparse
import csv
import json
import sys
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from playwright.sync_api import sync_playwright

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SIZES = {"desktop": (1200, 900), "phone": (390, 844)}
# What browsers place may be off by, in pixels.
PIXEL = 0.6

CITED = """() => {
    const seen = (it) => {
        const parts = [...it.querySelectorAll('[lang]')];
        const shown = parts.filter((part) => part.getClientRects().length > 0);
        return (parts.length ? shown : [it]).map((part) => part.textContent).join('').trim();
    };
    return [...document.querySelectorAll('[data-cell]')].map((it) => ({
        table: it.closest('figure').dataset.table, cell: it.dataset.cell, tag: it.tagName.toLowerCase(),
        exact: it.getAttribute('value'), shown: seen(it),
    }));
}"""
MISSING = """() => [...document.querySelectorAll('[data-none]')].map((it) => ({
    table: it.closest('figure').dataset.table, cell: it.dataset.none,
    words: it.querySelector('.aside').innerText.trim(), mark: it.firstElementChild.innerText.trim(),
}))"""
UNCITED = """() => [...document.querySelectorAll('td.figure')].filter((it) =>
    /\\d/.test(it.textContent) && !it.querySelector('[data-cell]')).map((it) => it.innerText)"""
DRAWN = """() => [...document.querySelectorAll('figure svg [data-cell]')].map((it) => {
    const [box, svg] = [it.getBoundingClientRect(), it.closest('svg').getBoundingClientRect()];
    const tag = it.tagName.toLowerCase();
    const kind = it.closest('svg.row') ? 'row' : it.closest('svg.lines') ? 'lines' : 'flows';
    const middle = { x: box.x + box.width / 2 - svg.x, y: box.y + box.height / 2 - svg.y };
    let size = kind === 'row' ? (tag === 'rect' ? box.width : middle.x / svg.width * 1000) : middle.y;
    if (tag === 'path') {
        const numbers = it.getAttribute('d').match(/-?[0-9.]+/g).map(Number);
        size = numbers[numbers.length - 1] - numbers[1];
    }
    return { figure: it.closest('figure').id, table: it.closest('figure').dataset.table, kind: kind + tag,
             mark: it.getAttribute('href') ?? '', cell: it.dataset.cell, size: size };
}).filter((it) => it.kind !== 'flowstspan')"""


class Release:
    """What the files beside the page say."""

    def __init__(self, folder):
        self.about = json.loads((folder / "release.json").read_text())
        self.tables = {}
        for name in self.about["tables"]:
            with open(folder / f"{name}.csv", newline="") as file:
                self.tables[name] = list(csv.DictReader(file))

    def value(self, table, cell):
        row, column = cell.split(".", 1)
        return self.tables[table][int(row) - 1][column]

    def unit(self, table, cell):
        row, column = cell.split(".", 1)
        described = {it["name"]: it for it in self.about["tables"][table]["columns"]}
        if column in self.about["report"]["differences"]:
            return "difference"
        is_share = described[column]["role"] == "rate" or column in self.about["report"]["shares"]
        if not is_share:
            return "number"
        return self.tables[table][int(row) - 1].get("unit", "share")


def written(value, unit, language):
    """A number as people write it in a language."""
    number = Decimal(value)
    if unit in ("share", "difference"):
        number, step = number * 100, Decimal("0.1")
    elif number == number.to_integral_value() or abs(number) >= 100:
        step = Decimal(1)
    else:
        step = Decimal("0.01")
    text = f"{abs(number.quantize(step, ROUND_HALF_UP)):,}"
    if language == "nl":
        text = text.translate(str.maketrans(",.", ".,"))
    if number.quantize(step, ROUND_HALF_UP) < 0:
        text = "\u2212" + text
    behind = {
        ("share", "nl"): "%",
        ("share", "en"): "%",
        ("difference", "nl"): " %-punt",
        ("difference", "en"): " %-points",
    }
    return text + behind.get((unit, language), "")


class Check:
    """What was found wrong, and how much was looked at."""

    def __init__(self, release):
        self.release = release
        self.wrong = []
        self.counted = {}

    def need(self, holds, message):
        if not holds:
            self.wrong.append(message)

    def count(self, what, number):
        self.counted[what] = self.counted.get(what, 0) + number

    def numbers(self, page, language):
        for it in page.evaluate(CITED):
            place = f"{language} {it['table']} {it['cell']}"
            value = self.release.value(it["table"], it["cell"])
            if it["tag"] == "data":
                self.need(it["exact"] == value, f"{place}: value is {it['exact']}, the cell {value}")
            if it["tag"] in ("data", "tspan"):
                wanted = written(value, self.release.unit(it["table"], it["cell"]), language)
                self.need(it["shown"] == wanted, f"{place}: shows {it['shown']}, the cell is {wanted}")
                self.count(f"numbers {language}", 1)
        for it in page.evaluate(MISSING):
            value = self.release.value(it["table"], it["cell"])
            row, column = it["cell"].split(".", 1)
            status = self.release.tables[it["table"]][int(row) - 1].get(f"{column}_status")
            self.need(value == "" or status, f"{language} {it['cell']}: there is {value}, shown as none")
            self.need(it["words"] and it["mark"], f"{language} {it['cell']}: none without a word")
            self.count(f"gaps {language}", 1)
        for text in page.evaluate(UNCITED):
            self.wrong.append(f"{language}: `{text}` cites no cell")

    def drawings(self, page):
        """All that a figure draws lies on one line over its numbers."""
        groups = {}
        for it in page.evaluate(DRAWN):
            value = float(self.release.value(it["table"], it["cell"]))
            size = it["size"]
            kind = it["kind"]
            # The middle of a mark is not the same for each shape.
            shape = it["mark"] if kind.startswith("lines") else ""
            value = abs(value) if kind == "rowrect" else value
            groups.setdefault((it["figure"], kind, shape), []).append((value, size, it["cell"]))
        for (figure, kind, _), drawn in groups.items():
            (low, at_low, _), (high, at_high, _) = min(drawn), max(drawn)
            if kind == "flowspath" or kind == "rowrect":
                low, at_low = 0.0, 0.0
            self.count("drawn", len(drawn))
            if high == low:
                continue
            slope = (at_high - at_low) / (high - low)
            self.need(abs(slope) > 0, f"{figure}: nothing grows")
            for value, size, cell in drawn:
                wanted = at_low + slope * (value - low)
                self.need(abs(size - wanted) < PIXEL, f"{figure} {cell}: drawn {size:.2f}, not {wanted:.2f}")

    def accessibility(self, page, axe, scheme):
        page.add_script_tag(path=axe)
        found = page.evaluate("(tags) => axe.run({ runOnly: tags, resultTypes: ['violations'] })", WCAG)
        for it in found["violations"]:
            target = it["nodes"][0]["target"]
            self.wrong.append(f"{scheme}: axe {it['id']}: {it['help']} ({len(it['nodes'])}, {target})")
        self.count(f"rules of axe passed {scheme}", len(found["passes"]))


def opened(browser, url, check, **options):
    """The page in a fresh browser window, with whatever it says or asks for."""
    context = browser.new_context(reduced_motion="reduce", **options)
    page = context.new_page()
    page.on("console", lambda it: check.wrong.append(f"console: {it.text}"))
    page.on("pageerror", lambda it: check.wrong.append(f"script: {it}"))
    page.on("request", lambda it: check.need(it.url in (url, "data:,"), f"request: {it.url}"))
    page.goto(url)
    return page


def open_details(page):
    page.evaluate("document.querySelectorAll('details').forEach((it) => { it.open = true; })")


def check_languages(browser, url, check):
    page = opened(browser, url, check, locale="nl-NL")
    open_details(page)
    check.need(page.evaluate("document.documentElement.lang") == "nl", "Dutch is not first for a Dutch browser")
    check.numbers(page, "nl")
    check.drawings(page)
    title = page.title()
    page.focus("#language-nl")
    page.keyboard.press("ArrowRight")
    check.need(page.evaluate("document.documentElement.lang") == "en", "no English by the keyboard")
    check.numbers(page, "en")
    both = page.evaluate("document.documentElement.dataset")
    check.need((title, page.title()) == (both["titleNl"], both["titleEn"]), "the title stays in one language")
    page.context.close()
    for locale, wanted in [("en-GB", "en"), ("de-DE", "en"), ("nl-BE", "nl")]:
        page = opened(browser, url, check, locale=locale)
        check.need(page.evaluate("document.documentElement.lang") == wanted, f"{locale} does not see {wanted}")
        page.context.close()


def check_copies(browser, url, check):
    page = opened(browser, url, check, locale="nl-NL", permissions=["clipboard-read", "clipboard-write"])
    for button in page.locator("button.copy").all():
        figure = button.evaluate("(it) => it.closest('figure').id")
        button.evaluate("(it) => it.click()")
        page.wait_for_function("(id) => document.querySelector(`#${id} .done`)", arg=figure)
        copied = page.evaluate("navigator.clipboard.readText()").split("\n")
        exact = page.evaluate("(id) => [...document.querySelectorAll(`#${id} table data`)].map((it) => it.value)", figure)
        fields = [field for line in copied for field in line.split("\t")]
        lost = [value for value in exact if value not in fields]
        check.need(not lost, f"{figure}: {len(lost)} numbers are not copied")
        check.count("figures copied", 1)
    for link in page.locator("a[href^='#sql-']").all():
        target = link.get_attribute("href")[1:]
        found = page.evaluate("(id) => document.getElementById(id)?.querySelector('pre')?.textContent", target)
        check.need(found and "select" in found, f"{target}: there is no SQL")
        check.count("links to SQL", 1)
    page.context.close()


def check_accessibility(browser, url, check, axe):
    """All of the page once; what is seen of it at first in the other looks."""
    looks = [("nl-NL", "light", "desktop", True), ("en-GB", "dark", "phone", False), ("nl-NL", "dark", "desktop", False)]
    for language, scheme, name, is_open in looks:
        width, height = SIZES[name]
        page = opened(browser, url, check, locale=language, color_scheme=scheme, viewport={"width": width, "height": height})
        if is_open:
            open_details(page)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        check.need(wide <= 0, f"the page is {wide} pixels wider than a window of {width}")
        check.accessibility(page, axe, f"{scheme} {name}")
        page.context.close()


def take_shots(browser, url, check, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, (width, height) in SIZES.items():
        page = opened(browser, url, check, locale="nl-NL", viewport={"width": width, "height": height})
        page.screenshot(path=folder / f"{name}.png")
        if name == "desktop":
            page.pdf(path=folder / "printed.pdf", format="A4")
        page.context.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("release", type=Path)
    parser.add_argument("--axe", required=True)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--shots", type=Path)
    arguments = parser.parse_args()
    check = Check(Release(arguments.release))
    url = (arguments.release.resolve() / "report.html").as_uri()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=arguments.chromium, args=["--no-sandbox"])
        check_languages(browser, url, check)
        check_copies(browser, url, check)
        check_accessibility(browser, url, check, arguments.axe)
        if arguments.shots:
            take_shots(browser, url, check, arguments.shots)
        browser.close()
    for line in check.wrong[:40]:
        print(line)
    print(f"{len(check.wrong)} wrong; " + ", ".join(f"{what} {count}" for what, count in check.counted.items()))
    least = ["numbers nl", "numbers en", "drawn", "figures copied", "links to SQL"]
    empty = [what for what in least if not check.counted.get(what)]
    sys.exit(1 if check.wrong or empty else 0)


if __name__ == "__main__":
    main()
