import json
import logging
from datetime import date
from pathlib import Path

import pytest

from papers.arxiv import arxiv_ids
from papers.records import Announced, PaperRecord
from papers.sources import SourceError, arxiv_oai, arxiv_sets
from tests.papers.sources.oai_pages import HEAD, deleted, error, header, page, record

EVERY_BRANCH = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
BILLION_LAUGHS = f'<!DOCTYPE x [<!ENTITY l0 "ha">{EVERY_BRANCH}]><OAI-PMH>&l8;</OAI-PMH>'.encode()


def parsed(*records: str) -> list[PaperRecord]:
    return list(arxiv_oai.parse(page(records)).records)


def only(**changes: str) -> PaperRecord:
    (found,) = parsed(record(**changes))
    return found


def oai_files(shared_data: Path, *names: str) -> list[Path]:
    folder = shared_data / "feeds" / "oai_pmh"
    return sorted(path for name in names for path in folder.glob(name))


def test_all_that_arxiv_says_of_a_paper_is_read() -> None:
    authors = (
        "<author><keyname>da Rocha</keyname><forenames>Ana B.</forenames></author>"
        "<author><keyname>Oz</keyname><forenames>Cy</forenames><suffix>Jr</suffix></author>"
        "<author><keyname>The Lab</keyname></author><author><keyname>:</keyname></author>"
    )
    found = only(
        authors=authors,
        title="A title\n  on two lines",
        comments="12 pages",
        doi="10.1234/X.5 10.1234/x.6",
        journal_ref="J. Made Up 5 (2026)",
        categories="quant-ph cs.LG",
    )
    assert found == PaperRecord(
        identifier="2606.00001",
        version=1,
        is_current=True,
        title="A title on two lines",
        abstract="What 2606.00001 says.",
        authors=("Ana B. da Rocha", "Cy Oz Jr", "The Lab"),
        categories=("quant-ph", "cs.LG"),
        published_on=date(2026, 6, 26),
        announced_on=date(2026, 6, 29),
        announced_as=Announced.ESTIMATED,
        comment="12 pages",
        doi="10.1234/x.5",
        journal_ref="J. Made Up 5 (2026)",
        withdrawn=False,
    )


@pytest.mark.parametrize("datestamp", ["2026-06-27", "2026-06-28", "2026-06-29"])
def test_a_new_paper_is_taken_for_announced_with_the_first_batch_since_it_was_listed(datestamp: str) -> None:
    assert only(datestamp=datestamp).announced_on == date(2026, 6, 29)


def test_a_paper_that_was_revised_has_no_version_and_no_announcement() -> None:
    found = only(updated="2026-06-28")
    assert (found.version, found.announced_on, found.announced_as) == (None, None, Announced.NOT_SAID)
    assert found.published_on == date(2026, 6, 26)


def test_the_day_of_a_later_version_is_not_taken_for_the_first_submission() -> None:
    found = only(arxiv_id="2604.00001")
    assert (found.version, found.published_on, found.announced_on) == (None, None, None)


def test_a_later_change_of_a_paper_does_not_tell_when_it_was_announced() -> None:
    assert only(created="2026-06-05").announced_on is None
    assert only(datestamp="").announced_on is None
    assert only(datestamp="2026-06-25").announced_on is None


def test_a_batch_of_another_month_than_the_papers_is_not_its_own() -> None:
    assert only(arxiv_id="2606.00001", created="2026-06-30", datestamp="2026-07-01").announced_on == date(2026, 7, 1)
    assert only(arxiv_id="2606.00001", created="2026-06-30", datestamp="2026-07-02").announced_on is None


@pytest.mark.parametrize("comment", ["This paper has been withdrawn by the authors", "Withdrawn by arXiv admins"])
def test_a_withdrawal_is_recognised_by_the_comment(comment: str) -> None:
    assert only(comments=comment).withdrawn


def test_a_paper_on_withdrawals_is_not_withdrawn() -> None:
    assert not only(comments="Replaces a withdrawn paper", abstract="Withdrawn water is measured.").withdrawn


def test_a_doi_that_is_none_is_not_worth_losing_the_paper_for() -> None:
    assert only(doi="see the journal").doi == ""
    assert only(doi="10.1234/a.b, J. Made Up 5").doi == "10.1234/a.b"


def test_a_deleted_record_is_counted_and_no_paper() -> None:
    answer = arxiv_oai.parse(page([deleted("2606.00001"), record(arxiv_id="2606.00002")]))
    assert [one.identifier for one in answer.records] == ["2606.00002"]
    assert answer.deleted == 1


def test_the_token_of_the_next_page_is_given_as_it_is_and_the_total_where_it_is_said() -> None:
    answer = arxiv_oai.parse(page([record()], " a%3Db&c|1 \n", 1090))
    assert (answer.token, answer.total) == ("a%3Db&c|1", 1090)


@pytest.mark.parametrize("token", [None, "", " \n "])
def test_a_list_ends_with_an_empty_token_or_none(token: str | None) -> None:
    answer = arxiv_oai.parse(page([record()], token))
    assert (answer.token, answer.total) == ("", None)


def test_a_token_that_cannot_be_kept_is_refused() -> None:
    with pytest.raises(SourceError, match="the token of the next page has 600 characters"):
        arxiv_oai.parse(page([record()], "x" * 600))


def test_a_day_on_which_nothing_was_modified_is_an_empty_answer() -> None:
    assert arxiv_oai.parse(error("noRecordsMatch")) == arxiv_oai.Answer(nothing_changed=True)


def test_a_token_that_is_not_taken_is_an_error_of_its_own() -> None:
    with pytest.raises(arxiv_oai.BadToken, match=r"answered badResumptionToken: Too old\. Start over"):
        arxiv_oai.parse(error("badResumptionToken", "Too old"))


def test_another_error_is_told_with_its_code_and_words() -> None:
    with pytest.raises(SourceError, match="arxiv-oai: answered badArgument: No such set") as refused:
        arxiv_oai.parse(error("badArgument", "No such\n set"))
    assert not isinstance(refused.value, arxiv_oai.BadToken)


@pytest.mark.parametrize("damage", [{"title": ""}, {"abstract": ""}, {"id": "no identifier"}, {"id": ""}])
def test_a_damaged_record_is_left_out_and_logged(damage: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="papers"):
        found = parsed(record(**damage), record(arxiv_id="2606.00002"))
    assert [one.identifier for one in found] == ["2606.00002"]
    assert "oai:arXiv.org:2606.00001 is left out" in caplog.text


@pytest.mark.parametrize(
    "damage",
    [{"created": "2026-06-99"}, {"created": "2999-01-01"}, {"datestamp": "then"}, {"comments": "x" * 50_001}],
)
def test_a_bad_value_that_a_paper_can_do_without_costs_that_value(
    damage: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    found = only(**damage)
    assert (found.title, found.authors) == ("On 2606.00001", ("Ann Lee",))
    assert "2606.00001 comes without a value" in caplog.text


def test_elements_within_a_text_keep_their_text() -> None:
    marked = record(title="TITLE", abstract="ABSTRACT", comments="COMMENT").replace("COMMENT", "9 <b>pages</b>")
    marked = marked.replace("TITLE", "On <i>E. coli</i> growth &amp; <![CDATA[a<b]]>")
    (found,) = parsed(marked.replace("ABSTRACT", "<p>It grows.</p><p>We saw H<sub>2</sub>O<!-- and more -->.</p>"))
    assert (found.title, found.abstract) == ("On E. coli growth & a<b", "It grows. We saw H2O.")
    assert found.comment == "9 pages"


def test_when_no_record_can_be_read_the_format_is_suspected() -> None:
    with pytest.raises(SourceError, match=r"not one of 2 records could be read\. The format may have changed"):
        parsed(record(title=""), record(title=""))


@pytest.mark.parametrize(
    ("served", "words"),
    [
        (page([record()])[:-30], "is not XML"),
        (b"<html><body>Busy</body></html>", "is not OAI-PMH"),
        (b"", "is not XML"),
        (BILLION_LAUGHS, r"is refused \(DTDForbidden\)"),
        (HEAD.encode() + b"<Identify/></OAI-PMH>", "is not a list of records"),
    ],
)
def test_an_answer_that_is_no_list_is_an_error_of_the_source(served: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        arxiv_oai.parse(served)


def test_recorded_answers_in_the_format_arxiv_are_read_whole(shared_data: Path) -> None:
    files = oai_files(shared_data, "hepcrawl_unit/*.xml", "hepcrawl_functional/*.xml")
    found = [one for path in files for one in arxiv_oai.parse(path.read_bytes()).records]
    assert len(files) == 15
    assert len(found) == 30
    assert all(one.authors and one.categories and one.published_on for one in found)
    # All of those without a later version were recorded within days of their announcement.
    assert all((one.version == 1) == (one.announced_on is not None) for one in found)


def test_recorded_answers_say_what_others_read_in_them(shared_data: Path) -> None:
    files = oai_files(shared_data, "hepcrawl_functional/*.xml")
    found = {one.identifier: one for path in files for one in arxiv_oai.parse(path.read_bytes()).records}
    expected = json.loads(oai_files(shared_data, "hepcrawl_functional/arxiv_expected.json")[0].read_text())
    assert expected
    for other in expected:
        said = other["arxiv_eprints"][0]
        mine = found[said["value"]]
        assert mine.title == " ".join(other["titles"][0]["title"].split())
        assert mine.abstract == " ".join(other["abstracts"][0]["value"].split())
        assert set(mine.categories) == set(said["categories"])
        assert str(mine.published_on) == other["preprint_date"]
        assert mine.doi == next((one["value"].lower() for one in other.get("dois", [])), "")
        assert len(mine.authors) == len(other["authors"])


def test_recorded_answers_in_other_formats_are_refused_by_name(shared_data: Path) -> None:
    for name, words in {"ads_input/arxiv_multi*": "in the format dc", "modern*/*arXivRaw*": "arXivRaw"}.items():
        (path,) = oai_files(shared_data, name)
        with pytest.raises(SourceError, match=words):
            arxiv_oai.parse(path.read_bytes())


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ('<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"/>', "in the format dc"),
        ('<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"/>', "in the format arXivRaw"),
    ],
)
def test_another_format_is_refused_by_its_name(metadata: str, words: str) -> None:
    served = f"{header('2606.00001', '2026-06-29')}<metadata>{metadata}</metadata></record>"
    with pytest.raises(SourceError, match=words):
        arxiv_oai.parse(page([served]))


def test_an_identifier_that_does_not_exist_is_told() -> None:
    with pytest.raises(SourceError, match="answered idDoesNotExist: No matching identifier"):
        arxiv_oai.parse(error("idDoesNotExist", "No matching identifier"))


def test_a_recorded_error_of_the_new_service_is_told(shared_data: Path) -> None:
    (path,) = oai_files(shared_data, "modern*/error*")
    with pytest.raises(SourceError, match="answered idDoesNotExist: No matching identifier"):
        arxiv_oai.parse(path.read_bytes())


@pytest.mark.parametrize(
    ("identifier", "month"),
    [("2606.00001", (2026, 6)), ("0704.0001", (2007, 4)), ("hep-th/9901001", (1999, 1)), ("math/0309136", (2003, 9))],
)
def test_an_identifier_tells_its_month(identifier: str, month: tuple[int, int]) -> None:
    assert arxiv_ids.month(identifier) == date(*month, 1)


@pytest.mark.parametrize(
    ("category", "wanted_set"),
    [
        ("cs", "cs"),
        ("cs.LG", "cs:cs:LG"),
        ("q-bio", "q-bio"),
        ("physics", "physics:physics"),
        ("physics.optics", "physics:physics:optics"),
        ("quant-ph", "physics:quant-ph"),
        ("astro-ph.GA", "physics:astro-ph:GA"),
    ],
)
def test_every_category_and_archive_has_a_set(category: str, wanted_set: str) -> None:
    assert arxiv_sets.set_of(category) == arxiv_sets.check(wanted_set) == wanted_set


def test_a_set_within_another_one_is_not_asked_for_twice() -> None:
    assert arxiv_sets.sets_of(["cs.LG", "cs", "stat.ML", "cs"]) == ("cs", "stat:stat:ML")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cs.LG", "write cs:cs:LG"),
        ("hep-th", "write physics:hep-th"),
        ("CS", "written like"),
        ("biology", "written like"),
    ],
)
def test_what_is_no_set_is_refused_with_the_way_to_write_it(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        arxiv_sets.check(text)
