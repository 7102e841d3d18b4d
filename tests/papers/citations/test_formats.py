"""Files for bibliographies: what they say of a paper, and that others read them as they were meant."""

import json
from datetime import date

import bibtexparser
import pytest
import rispy
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from django.test import Client

from papers.citations.formats import FORMATS
from papers.citations.reference import key_of
from papers.models import Alias, Paper
from subscriptions.bibliographies import files

PREPRINT = {
    "identifier": "2606.00001",
    "title": "Norms of $L_p$ spaces: 100% of R&D",
    "abstract": "We show <em>that</em> 5 < 6.\nIt holds.",
    "authors": ["José Müller", "Bo van der Ek, Jr.", "The ATLAS Collaboration", "王小明"],
    "plain_title": "Norms of Lₚ spaces: 100% of R&D",
    "categories": ["math.FA", "cs.LG"],
    "primary_category": "math.FA",
    "published_on": date(2026, 6, 1),
}
ARTICLE = {
    "identifier": "hep-th/9901001",
    "title": "Strings and branes on a very large circle",
    "authors": ["Ann Lee"],
    "doi": "10.1103/PhysRevD.76.013009",
    "journal_ref": "Phys. Rev. D 76, 13-19 (2007)",
    "published_on": date(1999, 1, 1),
}
ELSEWHERE = {
    "identifier": "doi:10.1101/2026.01",
    "title": "Cells that count to twenty-five and more",
    "authors": ["Ann Lee"],
    "doi": "10.1101/2026.01",
}
ALL = [PREPRINT, ARTICLE, ELSEWHERE]


def written(suffix: str, *fields: dict[str, object]) -> str:
    return FORMATS[suffix].write([Paper(**one) for one in fields])


def test_a_record_of_ris_of_a_preprint() -> None:
    assert written("ris", PREPRINT).split("\r\n") == [
        "TY  - UNPB",
        "ID  - muller2026norms",
        "TI  - Norms of Lₚ spaces: 100% of R&D",
        "AU  - Müller, José",
        "AU  - van der Ek, Bo, Jr.",
        "AU  - The ATLAS Collaboration",
        "AU  - 王小明",
        "PY  - 2026",
        "DA  - 2026/06/01",
        "AN  - arXiv:2606.00001",
        "PB  - arXiv",
        "KW  - math.FA",
        "KW  - cs.LG",
        "AB  - We show <em>that</em> 5 < 6. It holds.",
        "UR  - https://arxiv.org/abs/2606.00001",
        "ER  - ",
        "",
    ]


def test_a_record_of_ris_of_an_article_has_the_journals_date() -> None:
    lines = written("ris", ARTICLE).split("\r\n")
    for line in ("TY  - JOUR", "T2  - Phys. Rev. D", "VL  - 76", "SP  - 13", "EP  - 19", "PY  - 2007"):
        assert line in lines
    assert not [line for line in lines if line.startswith(("DA", "PB"))]


def test_an_item_of_csl_json_of_a_preprint() -> None:
    assert json.loads(written("json", PREPRINT)) == [
        {
            "id": "muller2026norms",
            "type": "article",
            "title": "Norms of Lₚ spaces: 100% of R&D",
            "author": [
                {"family": "Müller", "given": "José"},
                {"family": "van der Ek", "given": "Bo", "suffix": "Jr."},
                {"literal": "The ATLAS Collaboration"},
                {"literal": "王小明"},
            ],
            "issued": {"date-parts": [[2026, 6, 1]]},
            "archive": "arXiv",
            "archive_location": "2606.00001",
            "publisher": "arXiv",
            "number": "arXiv:2606.00001",
            "URL": "https://arxiv.org/abs/2606.00001",
            "abstract": "We show <em>that</em> 5 < 6. It holds.",
        }
    ]


def test_an_item_of_csl_json_of_an_article_and_of_proceedings() -> None:
    article, paper = json.loads(written("json", ARTICLE, ARTICLE | {"journal_ref": "Proceedings of ICML 2007"}))
    assert article["type"] == "article-journal"
    assert (article["container-title"], article["volume"], article["page"]) == ("Phys. Rev. D", "76", "13–19")
    assert article["issued"] == {"date-parts": [[2007]]}
    assert article["archive_location"] == "hep-th/9901001"
    assert "number" not in article
    assert (paper["type"], paper["container-title"]) == ("paper-conference", "Proceedings of ICML 2007")


@pytest.mark.parametrize("suffix", FORMATS)
def test_our_own_reader_knows_each_paper_again(suffix: str) -> None:
    reading = files.read(written(suffix, *ALL).encode())
    assert not reading.unreadable
    assert [entry.arxiv_id for entry in reading.entries] == ["2606.00001", "hep-th/9901001", ""]
    assert [entry.doi.lower() for entry in reading.entries] == ["", "10.1103/physrevd.76.013009", "10.1101/2026.01"]
    assert [entry.title.strip("{}") for entry in reading.entries][1:] == [ARTICLE["title"], ELSEWHERE["title"]]
    assert reading.entries[0].authors[0] == "Müller, José"
    assert len(reading.entries[0].authors) == 4


@pytest.mark.parametrize("suffix", FORMATS)
def test_no_papers_are_a_file_all_the_same(suffix: str) -> None:
    assert written(suffix).strip() in {"", "[]"}


def test_no_key_stands_twice_in_a_file() -> None:
    papers = [PREPRINT | {"identifier": f"2606.{number:05d}"} for number in range(30)]
    found = [item["id"] for item in json.loads(written("json", *papers))]
    assert found[:3] == ["muller2026norms", "muller2026normsa", "muller2026normsb"]
    assert found[26:29] == ["muller2026normsz", "muller2026normsaa", "muller2026normsab"]
    assert len(set(found)) == 30
    assert all(f"{{{key},\n" in written("bib", *papers) for key in found)
    assert all(f"ID  - {key}\r\n" in written("ris", *papers) for key in found)


@pytest.mark.parametrize("authors", [[], [""], ["  "]])
def test_a_paper_without_authors_still_has_a_key(authors: list[str]) -> None:
    assert key_of(Paper(title="The 漢字", authors=authors)) == "anonymous"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        ("bib", "application/x-bibtex; charset=utf-8"),
        ("ris", "application/x-research-info-systems; charset=utf-8"),
        ("json", "application/vnd.citationstyles.csl+json"),
    ],
)
def test_the_page_of_a_paper_offers_each_file(client: Client, suffix: str, media_type: str) -> None:
    paper = Paper.objects.create(**ARTICLE)
    path = f"/papers/hep-th/9901001.{suffix}"
    assert f'href="{path}"' in client.get(paper.get_absolute_url()).content.decode()
    response = client.get(path)
    assert response.headers["Content-Type"] == media_type
    assert response.headers["Content-Disposition"] == f'attachment; filename="lee1999strings.{suffix}"'
    assert response.content.decode() == FORMATS[suffix].write([paper])


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["2606.00001v2", "arXiv:2606.00001", "lab:1"])
def test_other_names_of_a_paper_lead_to_its_one_file(client: Client, form: str) -> None:
    Alias.objects.create(identifier="lab:1", paper=Paper.objects.create(**PREPRINT))
    response = client.get(f"/papers/{form}.ris")
    assert response.status_code == 301
    assert response.headers["Location"] == "/papers/2606.00001.ris"


@pytest.mark.django_db
def test_there_is_no_file_of_an_unknown_paper(client: Client) -> None:
    assert client.get("/papers/2606.99999.bib").status_code == 404
    assert client.get("/papers/2606.99999.doc", follow=True).status_code == 404


def test_rispy_reads_each_record_as_it_was_meant() -> None:
    preprint, article, elsewhere = rispy.loads(written("ris", *ALL))
    assert preprint["type_of_reference"] == "UNPB"
    assert preprint["authors"] == ["Müller, José", "van der Ek, Bo, Jr.", "The ATLAS Collaboration", "王小明"]
    assert (preprint["title"], preprint["date"]) == ("Norms of Lₚ spaces: 100% of R&D", "2026/06/01")
    assert (article["secondary_title"], article["volume"], article["year"]) == ("Phys. Rev. D", "76", "2007")
    assert (article["start_page"], article["end_page"], article["doi"]) == ("13", "19", ARTICLE["doi"])
    assert elsewhere["doi"] == ELSEWHERE["doi"]


def test_bibtexparser_reads_each_entry_as_it_was_meant() -> None:
    library = bibtexparser.parse_string(written("bib", *ALL))
    assert not library.failed_blocks
    preprint, article, elsewhere = library.entries
    assert [one.entry_type for one in library.entries] == ["misc", "article", "misc"]
    assert preprint["eprint"] == "2606.00001"
    assert preprint["author"].split(" and ")[1:3] == ["van der Ek, Jr., Bo", "{The ATLAS Collaboration}"]
    assert (article["journal"], article["year"], article["pages"]) == ("Phys. Rev. D", "2007", "13--19")
    assert elsewhere["doi"] == ELSEWHERE["doi"]


@pytest.mark.filterwarnings("ignore::UserWarning")  # of fields that the style has no use for
def test_citeproc_cites_each_item() -> None:
    items = json.loads(written("json", *ALL))
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    cited = CitationStylesBibliography(style, CiteProcJSON(items), formatter.plain)
    for item in items:
        cited.register(Citation([CitationItem(item["id"])]))
    preprint, article, elsewhere = sorted(map(str, cited.bibliography()), key=lambda text: "Lₚ" not in text)
    assert "Müller, J." in preprint
    assert "2026" in preprint
    assert "Phys. Rev. D" in article + elsewhere
