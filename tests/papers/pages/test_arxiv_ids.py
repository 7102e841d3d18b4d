import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.arxiv.arxiv_ids import canonical, canonical_id, find_all, split

modern = st.builds(
    lambda year, month, number: f"{year}{month:02}.{number:05}",
    st.integers(15, 99),
    st.integers(1, 12),
    st.integers(0, 99999),
)
early = st.builds(
    lambda year, month, number: f"{year:02}{month:02}.{number:04}",
    st.integers(8, 14),
    st.integers(1, 12),
    st.integers(0, 9999),
)
old = st.builds(
    lambda archive, month, number: f"{archive}/99{month:02}{number:03}",
    st.sampled_from(["hep-th", "math", "cs", "astro-ph", "cond-mat", "q-alg"]),
    st.integers(1, 12),
    st.integers(0, 999),
)
identifiers = modern | early | old
versions = st.just("") | st.integers(1, 9999).map("v{}".format)
wrappings = st.sampled_from(
    [
        "{}",
        " {} ",
        "arXiv:{}",
        "arxiv: {}",
        "oai:arXiv.org:{}",
        "https://arxiv.org/abs/{}",
        "http://arxiv.org/abs/{}",
        "https://www.arxiv.org/pdf/{}",
        "https://arxiv.org/pdf/{}.pdf",
        "https://export.arxiv.org/abs/{}?context=cs",
        "https://arxiv.org/html/{}#S1",
        "arxiv.org/abs/{}",
        "https://doi.org/10.48550/arXiv.{}",
        "10.48550/arXiv.{}",
    ]
)


@given(identifiers, versions, wrappings)
def test_every_way_to_write_an_identifier_leads_to_the_one_without_a_version(
    identifier: str, version: str, wrapping: str
) -> None:
    assert canonical(wrapping.format(identifier + version)) == identifier


@given(identifiers, st.integers(1, 9999))
def test_the_version_is_told_apart(identifier: str, version: int) -> None:
    assert split(f"arXiv:{identifier}v{version}") == (identifier, version)
    assert split(identifier) == (identifier, None)


@given(identifiers)
def test_what_is_canonical_stays_as_it_is(identifier: str) -> None:
    assert canonical(canonical(identifier)) == identifier


def test_a_subject_class_is_no_part_of_the_identifier() -> None:
    assert canonical("math.GT/0309136") == canonical("math/0309136v2") == "math/0309136"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "2613.00001",
        "2606.0001",
        "1412.00001",
        "https://example.org/abs/2606.00001",
        "cats/0309136",
        "2606.00001 2606.00002",
        "2606.30616v0",
        "12606.306161",
        "٢٦٠٦.٣٠٦١٦",
    ],
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no arXiv identifier; write it like 2606\.15610"):
        canonical(text)
    assert canonical_id(text) == ""


@given(st.text(max_size=200))
def test_no_text_is_worse_than_refused(text: str) -> None:
    assert all(canonical(found) == found for found in find_all(text))
    assert canonical_id(text) in {"", *find_all(text)}


@given(
    st.lists(st.tuples(identifiers, versions, wrappings), max_size=8),
    st.sampled_from([" ", "\n", ", ", "; ", " and ", "\t", ",", "|", ". "]),
)
def test_every_paper_in_a_pasted_text_is_found_once_and_in_order(
    papers: list[tuple[str, str, str]], separator: str
) -> None:
    text = separator.join(wrapping.format(identifier + version) for identifier, version, wrapping in papers)
    assert find_all(text) == list(dict.fromkeys(identifier for identifier, _, _ in papers))


def test_papers_are_found_in_prose_lists_and_bibtex() -> None:
    text = """I liked arXiv:2606.30616v2 (and hep-th/9901001). See https://huggingface.co/papers/2605.11111,
    [2604.22222]!
    @misc{lee, eprint={2603.33333}, doi={10.48550/arXiv.2602.44444}, year={2026}, pages={1501.12345678}}"""
    assert find_all(text) == ["2606.30616", "hep-th/9901001", "2605.11111", "2604.22222", "2603.33333", "2602.44444"]


def test_numbers_that_only_look_alike_are_not_found() -> None:
    assert (
        find_all("call 12606.30616 or 2606.306161, v2606.30616, 2606.30616.7, 10.1000/x-2606.30616, 2699.12345") == []
    )


@pytest.mark.parametrize(
    "written",
    [
        "arXiv.2606.24775",
        "arXiv-2606.24775v2",
        "arXiv2606.24775",
        "26\u200b06.24775",
        "2606.\u00ad24775",
        "\ufeff2606.24775\u200e",
        "２６０６．２４７７５",
        "ａｒＸｉｖ：２６０６．２４７７５",
        "–2606.24775–",
        "“2606.24775”",
        "«arXiv:2606.24775»",
        "arxiv:2606.24775v2 [cs.LG]",
        "arXiv:2606.24775v1 [astro-ph.GA] 24 Jun 2026",
        "https://www.alphaxiv.org/abs/2606.24775v1",
        "https://www.alphaxiv.org/overview/2606.24775",
        "https://ar5iv.labs.arxiv.org/html/2606.24775",
        "https://ar5iv.org/abs/2606.24775",
        "https://huggingface.co/papers/2606.24775",
        "https://api.semanticscholar.org/arXiv:2606.24775",
        "https://arxiv.org/abs/arXiv:2606.24775",
        "https://arxiv.org/pdf/2606.24775v3.pdf#page=2",
        "https://scirate.com/arxiv/2606.24775",
        "https://doi.org/10.48550/arXiv.2606.24775",
    ],
)
def test_an_identifier_is_read_however_it_was_copied(written: str) -> None:
    assert canonical(written) == "2606.24775"
    assert find_all(f"see {written}, please") == ["2606.24775"]


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("cond-mat.str-el/0309136", "cond-mat/0309136"),
        ("physics.acc-ph/0309136v2", "physics/0309136"),
        ("Math.GT/0309136", "math/0309136"),
        ("nlin.CD/0309136", "nlin/0309136"),
    ],
)
def test_a_subject_class_may_have_several_words(written: str, stored: str) -> None:
    assert canonical(written) == stored
    assert find_all(f"({written})") == [stored]


def test_what_looks_like_an_identifier_in_a_doi_of_somebody_else_is_none() -> None:
    assert find_all("https://doi.org/10.1145/2606.24775, 10.1000/182-hep-th/9901001;10.1234/1412.1234") == []
    assert find_all("10.1145/x;2606.24775, 10.1145/x|hep-th/9901001") == ["2606.24775", "hep-th/9901001"]
