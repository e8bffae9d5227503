"""Goal 1: one certificate, warm, against one plain call of WeasyPrint with the font of the system.

Ours is the whole of `render_certificate` in a worker: template, the child that is forked for this document, its answer.
Plain is the same template, drawings as SVG and Noto Serif CJK of the system, in this very process, without PDF/A.
"""

import tempfile
from pathlib import Path

from benchmarks import harness


def main() -> None:
    tiny = harness.options(__doc__).tiny
    harness.start_django()
    from benchmarks.plain_certificate import PlainPrinter
    from benchmarks.sample_certificate import MANIFEST
    from certbody.pdf.certificate import LANGUAGES as ALL_LANGUAGES
    from certbody.pdf.certificate import render_certificate
    from certbody.pdf.lint import lint_certificate
    from certbody.pdf.read import page_count, pages_of

    languages = ALL_LANGUAGES[:1] if tiny else ALL_LANGUAGES
    with tempfile.TemporaryDirectory() as folder:
        printer = PlainPrinter(Path(folder))
        for language in languages:
            ours, plain = render_certificate(MANIFEST, language), printer.pdf_of(MANIFEST, language)
            texts = ["".join("".join(pages_of(pdf)).split()) for pdf in (ours, plain)]
            assert sorted(texts[0]) == sorted(texts[1]), "both print the same characters"
            assert page_count(ours) == page_count(plain)
            assert lint_certificate(ours, MANIFEST, language) == []
        arms = {
            "ours": lambda: [render_certificate(MANIFEST, language) for language in languages],
            "plain": lambda: [printer.pdf_of(MANIFEST, language) for language in languages],
        }
        rounds = 1 if tiny else 9
        found = harness.measure(arms, rounds=rounds, times=1 if tiny else 3)
    for times in found.values():  # a call draws one certificate a language
        times |= {name: round(value / len(languages), 1) for name, value in times.items()}
    ratio = found["plain"]["min_ms"] / found["ours"]["min_ms"]
    goal = harness.Goal(name="certificate_cpu: plain / ours", figure=ratio, limit=4, unit="×", at_least=True)
    medians = found["plain"]["median_ms"] / found["ours"]["median_ms"]
    harness.print_line(
        harness.Line(
            benchmark="certificate_cpu",
            goals=[goal],
            rounds=rounds,
            arms=found,
            facts={"ratio_of_medians": round(medians, 2)},
        )
    )


if __name__ == "__main__":
    main()
