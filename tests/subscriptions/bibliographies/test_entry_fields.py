"""What the fields of an entry mean: its identifiers wherever they stand, its title and the names of its authors."""

import pytest

from papers.ingest.identity import may_share_an_author
from papers.text.plain import title_key
from subscriptions.bibliographies.entries import Entry, from_fields, names
from subscriptions.bibliographies.files import read

ID = "2606.24775"


def entry(author: str = "", **fields: str) -> Entry:
    named = {name.replace("_", "-"): [value] for name, value in fields.items()}
    return from_fields(named, names(author) if author else [], line=1)


class TestDois:
    @pytest.mark.parametrize(
        "written",
        [
            r"10.1007/978-3-030-1{\_}2",
            r"10.1007/978-3-030-1\_2",
            r"10.1007/978-3-030-1\textunderscore{}2",
            r"10.1007/978-3-030-1\textunderscore 2",
            "10.1007/978-3-030-1_2.",
            "10.1007/978-3-030-1_2;",
            "10.1007/978-3-030-1_2,",
            "10.1007/978-3-030-1_2)",
            "{10.1007/978-3-030-1_2}",
            "doi:10.1007/978-3-030-1_2",
            "DOI: 10.1007/978-3-030-1_2",
            "https://doi.org/10.1007/978-3-030-1_2",
            "http://dx.doi.org/10.1007%2F978-3-030-1%5F2",
            r"\url{https://doi.org/10.1007/978-3-030-1_2}",
        ],
    )
    def test_one_is_read_through_escapes_and_signs_around_it(self, written: str) -> None:
        assert entry(doi=written).doi == "10.1007/978-3-030-1_2"
        assert entry(url=written).doi == "10.1007/978-3-030-1_2"

    @pytest.mark.parametrize("place", ["url", "bdsk_url_1", "ee", "l3", "link", "note", "howpublished", "urls"])
    def test_one_is_found_wherever_programs_write_it(self, place: str) -> None:
        assert entry(**{place: "https://doi.org/10.1145/ABC.12"}).doi == "10.1145/abc.12"

    @pytest.mark.parametrize("tag", ["DO", "UR", "L3", "N1", "M3", "AN", "LK"])
    def test_one_is_found_under_every_tag_of_ris(self, tag: str) -> None:
        [found] = read(f"TY  - JOUR\nTI  - On whales\n{tag}  - 10.1145/ABC.12.\nER  - \n".encode()).entries
        assert found.doi == "10.1145/abc.12"

    @pytest.mark.parametrize(
        ("address", "doi"),
        [
            ("https://onlinelibrary.wiley.com/doi/abs/10.1002/ab.12", "10.1002/ab.12"),
            ("https://www.frontiersin.org/articles/10.3389/fnins.2013.00001/full", "10.3389/fnins.2013.00001"),
            ("https://link.springer.com/content/pdf/10.1007/s1-2.pdf", "10.1007/s1-2"),
            ("https://www.tandfonline.com/doi/full/10.1080/12?needAccess=true#x", "10.1080/12"),
            ("https://www.biorxiv.org/content/10.1101/2020.01.01.123456v2.full.pdf", "10.1101/2020.01.01.123456"),
        ],
    )
    def test_what_publishers_put_around_one_in_an_address_is_no_part_of_it(self, address: str, doi: str) -> None:
        assert entry(url=address).doi == doi

    @pytest.mark.parametrize(
        "written",
        [
            r"10.1002/(SICI)1097-0258(19980815/30)17:15/16$<$1661::AID-SIM968$>$3.0.CO;2-2",
            "10.1002/(SICI)1097-0258(19980815/30)17:15/16&lt;1661::AID-SIM968&gt;3.0.CO;2-2",
            "10.1002/(SICI)1097-0258(19980815/30)17:15/16&amp;lt;1661::AID-SIM968&amp;gt;3.0.CO;2-2",
            r"10.1002/(SICI)1097-0258(19980815/30)17:15/16\textless1661::AID-SIM968\textgreater3.0.CO;2-2",
        ],
    )
    def test_brackets_that_belong_to_one_stay(self, written: str) -> None:
        assert entry(doi=written).doi == "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2"

    def test_arxivs_own_is_an_identifier_of_arxiv_and_leaves_room_for_the_journals(self) -> None:
        found = from_fields({"doi": ["10.48550/arXiv.2606.24775", "10.1145/abc.12"]}, [], 1)
        assert (found.arxiv_id, found.doi) == (ID, "10.1145/abc.12")

    @pytest.mark.parametrize("written", ["10/abcd", "https://doi.org/10/gf2xz9", "doi:10/abcd"])
    def test_a_short_one_is_known_to_be_there(self, written: str) -> None:
        assert entry(doi=written).has_short_doi
        assert not entry(doi=f"{written} 10.1145/abc.12").has_short_doi
        assert not entry(doi="10.1145/10/abcd").has_short_doi

    @pytest.mark.parametrize("note", ["Comment on 10.1145/abc.12", "Erratum to doi:10.1145/abc.12"])
    def test_that_of_another_work_is_not_taken(self, note: str) -> None:
        assert entry(note=note).doi == ""


class TestIdentifiers:
    @pytest.mark.parametrize(
        "fields",
        [
            {"volume": f"abs/{ID}"},
            {"journaltitle": f"arXiv:{ID} [cs.LG]"},
            {"journal": f"ArXiv, abs/{ID}"},
            {"journal": "arXiv e-prints", "pages": ID},
            {"journal": "CoRR", "number": ID},
            {"eid": f"arXiv:{ID}"},
            {"publisher": "arXiv", "number": f"{ID}v2"},
            {"year": f"2026, arXiv:{ID}"},
            {"ee": f"http://arxiv.org/abs/{ID}"},
            {"pdf": f"https://arxiv.org/pdf/{ID}.pdf"},
            {"bdsk_url_2": f"https://arxiv.org/abs/{ID}"},
            {"arxivurl": f"https://arxiv.org/abs/{ID}"},
            {"adsurl": "https://ui.adsabs.harvard.edu/abs/2026arXiv260624775L"},
            {"biburl": "https://dblp.org/rec/journals/corr/abs-2606-24775.bib"},
            {"note": f"Preprint at https://arxiv.org/abs/{ID} (2026)"},
            {"howpublished": rf"\url{{https://arxiv.org/abs/{ID}}}"},
            {"accession": f"arXiv:{ID}"},
            {"doi": f"10.48550/ARXIV.{ID}"},
            {"url": f"https://doi.org/10.48550/arXiv.{ID}"},
            {"eprint": ID, "eprinttype": "arXiv", "eprintclass": "cs.LG"},
            {"eprint": f"https://arxiv.org/abs/{ID}", "archiveprefix": "preprint"},
            {"note": f"Comments: 12 pages. arXiv: {ID}"},
        ],
    )
    def test_one_is_found_wherever_programs_write_it(self, fields: dict[str, str]) -> None:
        assert entry(**fields).arxiv_id == ID

    @pytest.mark.parametrize(
        ("fields", "identifier"),
        [
            ({"eprint": "9901001", "archiveprefix": "hep-th"}, "hep-th/9901001"),
            ({"eprint": "0309136", "primaryclass": "math.GT"}, "math/0309136"),
            ({"eprint": "0309136v2", "eprintclass": "cond-mat.str-el", "eprinttype": "arxiv"}, "cond-mat/0309136"),
            ({"number": "hep-th/9901001"}, "hep-th/9901001"),
            ({"journal": "cond-mat.str-el/0309136"}, "cond-mat/0309136"),
            ({"adsurl": "http://adsabs.harvard.edu/abs/2012arXiv1206.5538B"}, "1206.5538"),
        ],
    )
    def test_so_is_one_of_the_old_form(self, fields: dict[str, str], identifier: str) -> None:
        assert entry(**fields).arxiv_id == identifier

    @pytest.mark.parametrize(
        "fields",
        [
            {"note": f"Comment on arXiv:{ID}"},
            {"note": f"English translation of arXiv:{ID}"},
            {"note": f"Accepted. See also arXiv:{ID}"},
            {"note": f"cf. arXiv:{ID}"},
            {"howpublished": f"Reply to J. Roe, arXiv:{ID}"},
            {"eprint": "1401.1234", "eprinttype": "pmid"},
            {"eprint": ID, "eprinttype": "jstor"},
            {"eprint": ID, "archiveprefix": "viXra"},
            {"url": "https://vixra.org/abs/1401.0001"},
            {"eprint": "1234567"},
            {"number": "0711.1234", "journal": "Phone book"},
            {"pages": "1501.12345"},
            {"volume": "1501.12345", "journal": "Nature"},
            {"note": "Tel. 0711.1234"},
            {"number": f"CERN-TH-{ID}"},
            {"url": f"https://doi.org/10.1145/{ID}"},
            {"abstract": f"We improve on arXiv:{ID}.", "keywords": ID, "file": f"{ID}.pdf", "annote": f"arXiv:{ID}"},
        ],
    )
    def test_numbers_of_others_are_none_of_its_own(self, fields: dict[str, str]) -> None:
        assert entry(**fields).arxiv_id == ""

    @pytest.mark.parametrize(
        "line",
        [
            f"JO  - arXiv:{ID} [cs.LG]",
            f"T2  - arXiv preprint arXiv:{ID}",
            f"AN  - arXiv:{ID}",
            f"M1  - arXiv:{ID}",
            f"UR  - https://arxiv.org/abs/{ID}",
            f"L1  - https://arxiv.org/pdf/{ID}.pdf",
            f"L2  - http://arxiv.org/abs/{ID}",
            f"N1  - arXiv: {ID}",
            f"C7  - arXiv:{ID}",
            f"DO  - 10.48550/arXiv.{ID}",
        ],
    )
    def test_one_is_found_under_every_tag_of_ris(self, line: str) -> None:
        [found] = read(f"TY  - JOUR\nTI  - On whales\n{line}\nER  - \n".encode()).entries
        assert found.arxiv_id == ID

    def test_the_field_made_for_it_comes_before_links_and_links_before_the_journal(self) -> None:
        places = {"journal": "arXiv:2606.00003", "url": "arxiv.org/abs/2606.00002", "eprint": "2606.00001"}
        assert entry(**places).arxiv_id == "2606.00001"
        del places["eprint"]
        assert entry(**places).arxiv_id == "2606.00002"

    def test_of_a_field_given_twice_the_value_that_helps_is_taken(self) -> None:
        fields = {"url": ["https://example.org/x", f"https://arxiv.org/abs/{ID}"], "title": ["?", "On whales, and all"]}
        found = from_fields(fields, [], 1)
        assert (found.arxiv_id, found.title) == (ID, "On whales, and all")


class TestTitles:
    PLAIN = "Search for H2O–ice at the “snow line” in Müller’s disks: α > 3"

    @pytest.mark.parametrize(
        "written",
        [
            "{Search for H$_2$O--ice at the ``snow line'' in M{\\\"u}ller's disks: $\\alpha > 3$}",
            "Search for H<sub>2</sub>O&ndash;ice at the &ldquo;snow line&rdquo; in Müller's <i>disks</i>: α &gt; 3",
            "Search for H2O&amp;ndash;ice at the &amp;quot;snow line&amp;quot; in M&amp;uuml;ller’s disks: α > 3",
            r"Search for {H$_{2}$O}{\ndash}ice at the ``snow{\nbsp}line'' in M{\"u}ller's disks: {$\alpha$} {\gt} 3",
            r"Search for H$_2$O{\mdash}ice at the ``snow line'' in M\"{u}ller's disks: $\alpha${\gt}3",
            "Search for H2Oâ€“ice at the â€œsnow lineâ€\x9d in MÃ¼llerâ€™s disks: Î± > 3",
            r"Search for H{\textless}sub{\textgreater}2{\textless}/sub{\textgreater}O-ice at the ``snow "
            r"line'' in M{\"u}ller's $<$i$>$\href{https://example.org/disks}{disks}$<$/i$>$: "
            r"$\less$b$\greater$$\alpha$$\less$/b$\greater$ {\textgreater} 3",
            '<jats:italic>Search</jats:italic> for <named-content content-type="x">H2O</named-content>-ice at the '
            "snow line in Müller's disks: <mml:math><mml:mi>α</mml:mi></mml:math> > 3",
        ],
    )
    def test_the_same_title_has_the_same_key_from_whatever_program_it_comes(self, written: str) -> None:
        assert entry(title=written).title_key == title_key(self.PLAIN)

    @pytest.mark.parametrize(
        "title", ["Is p < q and r > s? On <b, c> pairs", "Çà et là: Â la recherche", "R&D of AT&T"]
    )
    def test_what_only_looks_damaged_stays(self, title: str) -> None:
        assert entry(title=title).title == title


class TestAuthors:
    @pytest.mark.parametrize(
        "written",
        [
            r"Ho{\v r}ava, Petr",
            r"Ho\v{r}ava, P.",
            r"P. Ho{\v{r}}ava",
            "Petr~Hořava",
            "Hořava P",
            "Horava PJ",
            "HORAVA, P.",
            "family=Hořava, given=Petr, given-i=P",
            'family={Ho{\\v r}ava}, given="Petr"',
            "Hořava, Petr and others",
            "Petr Hořava et al.",
            "Hořava, Petr, Jr.",
            "Hořava Jr., Petr",
            "Petr Hořava III",
            "{\\'E}. Roe AND Petr Ho{\\v r}ava",
            "Émile Roe and\nPetr\nHořava",
            "{\\'E}.~Roe~and~P.~Ho{\\v r}ava",
            "{The LIGO Collaboration} and Petr Hořava",
        ],
    )
    def test_the_surname_is_found_again_as_arxiv_shows_it(self, written: str) -> None:
        authors = entry(author=written).authors
        assert may_share_an_author(authors, ["Petr Hořava"])
        assert not may_share_an_author(authors, ["Anna Petr", "Jan Nowak"])

    @pytest.mark.parametrize(
        ("written", "printed"),
        [
            (r"Erd{\H o}s, Paul", "Paul Erdős"),
            (r"{\L}ukasz Kaiser and {\O}rsted, Hans", "Hans Ørsted"),
            (r"Orsted, H.", "Hans Ørsted"),
            ("Mueller, J.", "Jörg Müller"),
            (r"M{\"u}ller, J.", "Joerg Mueller"),
            ("van der Berg, Jan", "Jan van der Berg"),
            ("prefix=van der, family=Berg, given=Jan, useprefix=true", "Jan van der Berg"),
            ("Berg, Jan van der", "Jan van der Berg"),
            ("de la Cruz, Mar{\\'\\i}a", "María de la Cruz"),
            ("al-Khwarizmi, M.", "M. Al-Khwarizmi"),
            (r"\v{S}{\'\i}ma, Jan", "Jan Šíma"),
        ],
    )
    def test_accents_particles_and_other_spellings_do_not_hide_it(self, written: str, printed: str) -> None:
        assert may_share_an_author(entry(author=written).authors, [printed])

    @pytest.mark.parametrize("written", ["{The LIGO Collaboration}", "{OpenAI}", "ATLAS Collaboration", "and others"])
    def test_a_group_denies_no_paper_of_its_members(self, written: str) -> None:
        assert may_share_an_author(entry(author=written).authors, ["Ada Lovelace"])

    @pytest.mark.parametrize(
        "written", ["M&uuml;ller, J.; Roe, Jane", r"J. Müller \& Jane Roe", "J. Müller &amp; Jane Roe"]
    )
    def test_other_signs_between_names_and_entities_in_them_are_read(self, written: str) -> None:
        authors = entry(author=written).authors
        assert len(authors) == 2
        assert may_share_an_author(authors[:1], ["Jörg Müller"])
        assert may_share_an_author(authors[1:], ["Jane Roe"])

    def test_each_author_is_one_name(self) -> None:
        written = r"{Johnson and Sons, Inc.} and Roe, Jane and {\'E}mile B. AND Poe, Cy et al."
        assert entry(author=written).authors == ("Johnson and Sons, Inc.", "Roe, Jane", "Émile B.", "Poe, Cy")
